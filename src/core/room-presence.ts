import { LruMap } from '../lib/lru-map.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { Presence, RoomOnline } from '../ports/presence.ts';
import type { RoomPresence } from '../protocol/entities.ts';
import type { RoomId } from '../protocol/ids.ts';
import { PRESENCE_USERS_MAX } from '../protocol/limits.ts';
import { encodePresence } from '../protocol/server-codec.ts';

/** Of all rooms together; a user takes about 50, and a room what keeps it. */
export const PRESENCES_BYTES_MAX: number = 16 * 1_024 * 1_024;
const ROOM_BYTES = 200;

interface Kept {
  readonly version: number;
  /** A character for each byte: thousands of small arrays that live long would leave holes in the memory around them. */
  readonly encoded: string;
}

/**
 * Who is online in rooms, encoded, kept by the version of the room's presence. When thousands come back from a cut they
 * change nobody's presence, so that each room is read and encoded once for all of them.
 */
export class RoomPresences {
  readonly #presence: Pick<Presence, 'inRooms'>;
  readonly #kept = new LruMap<RoomId, Kept>(PRESENCES_BYTES_MAX);
  readonly #readings = new SingleFlight<RoomId, Kept>();

  constructor(presence: Pick<Presence, 'inRooms'>) {
    this.#presence = presence;
  }

  /** At this version, which a presence step told of, or a later one. Throws Unavailable. */
  async at(room: RoomId, version: number): Promise<Uint8Array> {
    const kept = this.#kept.get(room);
    // No later one either: after a loss of the service's data it may be of another life of the room.
    if (kept?.version === version) return bytesOf(kept);
    const shared = await this.#shared(room);
    // A reading that was under way may be of before the step. The next one is not.
    return bytesOf(shared.version >= version ? shared : await this.#shared(room));
  }

  #shared(room: RoomId): Promise<Kept> {
    return this.#readings.run(room, () => this.#read(room));
  }

  async #read(room: RoomId): Promise<Kept> {
    const [found] = await this.#presence.inRooms([room], PRESENCE_USERS_MAX);
    const presence = roomPresence(found);
    const encoded = Buffer.from(encodePresence(presence)).toString('latin1');
    const read = { version: presence.version, encoded };
    this.#kept.set(room, read, ROOM_BYTES + read.encoded.length);
    return read;
  }
}

function bytesOf({ encoded }: Kept): Uint8Array {
  return Buffer.from(encoded, 'latin1');
}

function roomPresence(found: RoomOnline | undefined): RoomPresence {
  if (found === undefined) return { online: 0, version: 0 };
  const { online, version } = found;
  if (online > PRESENCE_USERS_MAX) return { online, version };
  return { online, version, users: found.users.map((user) => ({ ...user, online: true })) };
}
