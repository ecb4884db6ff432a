import type { PresenceFeed } from '../core/api.ts';
import type { Presence, PresenceStep } from '../ports/presence.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { Linger } from './linger.ts';
import type { LocalRooms } from './local-rooms.ts';

/** Tells the presence how many sessions of a user this node has in a room: always the number as it is at the call. */
export class LocalPresence {
  readonly #presence: Presence;
  readonly #feed: PresenceFeed;
  readonly #rooms: LocalRooms;
  readonly #telemetry: Telemetry;
  readonly #linger = new Linger((user, rooms) => this.left(user, rooms));

  constructor(presence: Presence, feed: PresenceFeed, rooms: LocalRooms, telemetry: Telemetry) {
    this.#presence = presence;
    this.#feed = feed;
    this.#rooms = rooms;
    this.#telemetry = telemetry;
  }

  /** After sessions of the user were added. Same order as asked. Throws Unavailable. */
  entered(user: UserId, rooms: readonly RoomId[]): Promise<readonly PresenceStep[]> {
    for (const room of rooms) this.#linger.forget(room, user);
    return this.#write(user, rooms);
  }

  /** After sessions of the user were removed on purpose, or the user is no member any more. */
  left(user: UserId, rooms: readonly RoomId[]): void {
    if (rooms.length === 0) return;
    this.#write(user, rooms).catch((error: unknown) => {
      // The presence keeps what it could not write, and writes it when its service is back.
      if (!(error instanceof Unavailable)) this.#telemetry.warn('presence_failed', error);
    });
  }

  /** After a session was cut: it may be back in a moment. */
  cut(user: UserId, rooms: readonly RoomId[]): void {
    this.#linger.add(user, rooms);
  }

  /** The user is no member any more. `had`: it had sessions here. */
  noMember(user: UserId, room: RoomId, had: boolean): void {
    const lingered = this.#linger.countOf(room, user) > 0;
    this.#linger.forget(room, user);
    if (had || lingered) this.left(user, [room]);
  }

  async #write(user: UserId, rooms: readonly RoomId[]): Promise<readonly PresenceStep[]> {
    const counts = rooms.map((room) => this.#sessionsIn(room, user));
    const steps = await this.#presence.setInRooms(rooms, user, counts);
    this.#feed.note(steps.flatMap((step, i) => withRoom(step, rooms[i], user)));
    return steps;
  }

  #sessionsIn(room: RoomId, user: UserId): number {
    return (this.#rooms.get(room)?.countOf(user) ?? 0) + this.#linger.countOf(room, user);
  }

  close(): void {
    this.#linger.close();
  }
}

function withRoom(step: PresenceStep, room: RoomId | undefined, user: UserId) {
  return room === undefined ? [] : [{ ...step, room, user }];
}
