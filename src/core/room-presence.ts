import { LRUCache } from 'lru-cache';
import { encodeNotice } from '../domain/envelope.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { Presence, PresenceChange, RoomOnline } from '../ports/presence.ts';
import type { PresentUser, RoomPresence } from '../protocol/entities.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { PRESENCE_USERS_MAX } from '../protocol/limits.ts';
import { encodeEvent, encodePresence } from '../protocol/server-codec.ts';
import { type Publisher, roomChannel } from './publisher.ts';

/** Of all rooms together; a user takes about 50, and a room what keeps it. */
export const PRESENCES_BYTES_MAX: number = 16 * 1_024 * 1_024;
const ROOM_BYTES = 200;
/** How long changes of one room are gathered, in ms. */
export const PRESENCE_GATHER_MS = 250;
/** Rooms that gather at a time; beyond it all are told at once. */
export const PRESENCE_ROOMS_MAX = 10_000;

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
  readonly #kept = new LRUCache<RoomId, Kept>({ maxSize: PRESENCES_BYTES_MAX });
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
    this.#kept.set(room, read, { size: ROOM_BYTES + read.encoded.length });
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

interface Gathering {
  online: number;
  version: number;
  readonly users: Map<UserId, PresentUser>;
  readonly timer: NodeJS.Timeout;
}

/** One notice for all that changed in a room within a moment: a thousand clients that reconnect are not a thousand notices. */
export class PresenceAnnouncer {
  readonly #publisher: Publisher;
  readonly #rooms = new Map<RoomId, Gathering>();
  #isClosed = false;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /** Takes what a presence step changed; steps without a change are skipped. */
  note(changes: readonly PresenceChange[]): void {
    if (this.#isClosed) return;
    for (const { room, user, change, online, version } of changes) {
      if (change === undefined) continue;
      const gathering = this.#gathering(room);
      if (version > gathering.version) {
        gathering.online = online;
        gathering.version = version;
      }
      const noted = gathering.users.get(user);
      if (noted === undefined || noted.version < version) {
        gathering.users.set(user, { user, online: change === 'online', version });
      }
    }
  }

  /** Tells nothing more: nodes that see this one go tell who went with it. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#rooms.values()) clearTimeout(timer);
    this.#rooms.clear();
  }

  #gathering(room: RoomId): Gathering {
    const gathering = this.#rooms.get(room);
    if (gathering !== undefined) return gathering;
    if (this.#rooms.size >= PRESENCE_ROOMS_MAX) for (const full of [...this.#rooms.keys()]) this.#tell(full);
    const timer = setTimeout(() => this.#tell(room), PRESENCE_GATHER_MS);
    const begun = { online: 0, version: -1, users: new Map<UserId, PresentUser>(), timer };
    this.#rooms.set(room, begun);
    return begun;
  }

  #tell(room: RoomId): void {
    const gathering = this.#rooms.get(room);
    if (gathering === undefined) return;
    this.#rooms.delete(room);
    clearTimeout(gathering.timer);
    const { online, version, users } = gathering;
    const counts = { online, version };
    const isShort = online <= PRESENCE_USERS_MAX && users.size <= PRESENCE_USERS_MAX;
    const presence = isShort ? { ...counts, users: [...users.values()] } : counts;
    const event = encodeEvent('presence', { room, presence });
    // It never rejects: a failed publish goes on in the background.
    void this.#publisher.publish(roomChannel(room), encodeNotice({ about: 'presence', room, event }));
  }
}
