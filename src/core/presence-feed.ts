import { encodeNotice } from '../domain/envelope.ts';
import { roomChannel } from '../ports/broker.ts';
import type { PresenceChange } from '../ports/presence.ts';
import type { PresentUser } from '../protocol/entities.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { PRESENCE_USERS_MAX } from '../protocol/limits.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { PresenceFeed } from './api.ts';
import type { Publisher } from './publisher.ts';

/** How long changes of one room are gathered, in ms. */
export const PRESENCE_GATHER_MS = 250;
/** Rooms that gather at a time; beyond it all are told at once. */
export const PRESENCE_ROOMS_MAX = 10_000;

interface Gathering {
  online: number;
  version: number;
  readonly users: Map<UserId, PresentUser>;
  readonly timer: NodeJS.Timeout;
}

/** One notice for all that changed in a room within a moment: a thousand clients that reconnect are not a thousand notices. */
export class GatheringPresenceFeed implements PresenceFeed {
  readonly #publisher: Publisher;
  readonly #rooms = new Map<RoomId, Gathering>();
  #isClosed = false;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

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
