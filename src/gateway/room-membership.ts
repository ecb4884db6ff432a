import type { EventBody } from '../protocol/events.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { LocalPresence } from './local-presence.ts';
import type { LocalRoom, RoomSession } from './local-room.ts';
import type { LocalRooms } from './local-rooms.ts';

/** Takes sessions out of rooms. Each step is done before it returns: nothing that comes later is delivered to them. */
export class RoomMembership {
  readonly #rooms: LocalRooms;
  readonly #presence: LocalPresence;

  constructor(rooms: LocalRooms, presence: LocalPresence) {
    this.#rooms = rooms;
    this.#presence = presence;
  }

  /**
   * The user is no member any more: its sessions go out; all but `except` are told. `version`: since when; what comes
   * late or twice does not touch those who are members again.
   */
  userGone(
    room: RoomId,
    user: UserId,
    reason: EventBody<'room-gone'>['reason'],
    { except, version }: { readonly except?: RoomSession; readonly version?: number } = {},
  ): void {
    const local = this.#rooms.get(room);
    const sessions = local?.sessionsOf(user, version) ?? [];
    if (local !== undefined && sessions.length > 0) {
      const event = encodeEvent('room-gone', { room, reason });
      for (const session of sessions) {
        takeOut(local, session);
        if (session !== except) session.outbox.pushWhole(event);
      }
      this.#rooms.settle(local);
    }
    if (version === undefined || (local?.countOf(user) ?? 0) === 0)
      this.#presence.noMember(user, room, sessions.length > 0);
  }

  /** The room is deleted: everyone is told by `event`, and goes out. */
  roomGone(local: LocalRoom, event: Uint8Array): void {
    local.broadcast(event);
    const users = new Set<UserId>();
    for (const session of [...local.sessions()]) {
      takeOut(local, session);
      users.add(session.user);
    }
    this.#rooms.settle(local);
    for (const user of users) this.#presence.noMember(user, local.room, true);
  }

  /** One session could not stay in a room that it was about to enter. */
  sessionOut(local: LocalRoom, session: RoomSession): void {
    takeOut(local, session);
    this.#rooms.settle(local);
  }

  /** The session's connection is closed. `mayReturn`: it was cut, and is likely to be back in a moment. */
  sessionClosed(session: RoomSession, mayReturn: boolean): void {
    const locals = session.rooms;
    session.rooms = [];
    for (const local of locals) {
      local.remove(session);
      this.#rooms.settle(local);
    }
    const rooms = locals.map(({ room }) => room);
    if (mayReturn) this.#presence.cut(session.user, rooms);
    else this.#presence.left(session.user, rooms);
  }
}

function takeOut(local: LocalRoom, session: RoomSession): void {
  local.remove(session);
  session.rooms = session.rooms.filter((other) => other !== local);
}
