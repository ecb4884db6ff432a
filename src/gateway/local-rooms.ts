import { roomChannel } from '../core/publisher.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { Broker } from '../ports/broker.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { EventBody } from '../protocol/events.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { LocalPresence } from './local-presence.ts';
import { LocalRoom, type RoomPayloadHandler, type RoomSession } from './local-room.ts';

/**
 * The rooms that this node receives: exactly those that a local session entered or is about to enter. Subscribing and
 * unsubscribing one room never overlap. Taking sessions out of rooms is done before it returns: nothing that comes later is
 * delivered to them.
 */
export class LocalRooms {
  readonly #rooms = new Map<RoomId, LocalRoom>();
  readonly #mutex = new KeyedMutex<RoomId>();
  readonly #broker: Broker;
  readonly #presence: LocalPresence;
  readonly #telemetry: Telemetry;
  #onPayload: RoomPayloadHandler = () => undefined;

  constructor(broker: Broker, presence: LocalPresence, telemetry: Telemetry) {
    this.#broker = broker;
    this.#presence = presence;
    this.#telemetry = telemetry;
    presence.countBy((room, user) => this.#countOf(room, user));
  }

  /** One handler: to be set before the first room is held. */
  onPayload(handler: RoomPayloadHandler): void {
    this.#onPayload = handler;
  }

  #countOf(room: RoomId, user: UserId): number {
    return this.#rooms.get(room)?.sessionsOf(user).length ?? 0;
  }

  get(room: RoomId): LocalRoom | undefined {
    return this.#rooms.get(room);
  }

  get size(): number {
    return this.#rooms.size;
  }

  all(): LocalRoom[] {
    return [...this.#rooms.values()];
  }

  /** Subscribed when it resolves, and until release(). Throws Unavailable; nothing is held then. */
  hold(room: RoomId): Promise<LocalRoom> {
    return this.#mutex.run(room, async () => {
      const known = this.#rooms.get(room);
      const local = known ?? new LocalRoom(room, this.#onPayload);
      if (known === undefined) {
        await this.#broker.subscribe(roomChannel(room), local.receive);
        this.#rooms.set(room, local);
        this.#telemetry.roomsOnNode(this.#rooms.size);
      }
      local.holds += 1;
      return local;
    });
  }

  release(local: LocalRoom): void {
    local.holds -= 1;
    this.settle(local);
  }

  /** To be called after a session went out: the last one ends the subscription. */
  settle(local: LocalRoom): void {
    if (!isIdle(local)) return;
    this.#mutex
      .run(local.room, () => this.#unsubscribe(local))
      .catch((error: unknown) => this.#telemetry.warn('unsubscribe_failed', error));
  }

  async #unsubscribe(local: LocalRoom): Promise<void> {
    // Someone may have come while the mutex was waited for, or this was done already.
    if (!isIdle(local) || this.#rooms.get(local.room) !== local) return;
    this.#rooms.delete(local.room);
    this.#telemetry.roomsOnNode(this.#rooms.size);
    await this.#broker.unsubscribe(roomChannel(local.room));
  }

  /**
   * The user is no member any more: its sessions go out; all but the session `except` are told. `version`: since when; what comes
   * late or twice does not touch those who are members again. `event`: what they are told, where more is known than the reason.
   */
  userGone(
    room: RoomId,
    user: UserId,
    reason: EventBody<'room-gone'>['reason'],
    {
      except,
      version,
      event = encodeEvent('room-gone', { room, reason }),
    }: { readonly except?: string; readonly version?: number; readonly event?: Uint8Array } = {},
  ): void {
    const local = this.#rooms.get(room);
    const sessions = local?.sessionsOf(user, version) ?? [];
    if (local !== undefined && sessions.length > 0) {
      for (const session of sessions) {
        takeOut(local, session);
        if (session.id !== except) session.outbox.pushWhole(event);
      }
      this.settle(local);
    }
    if (version === undefined || this.#countOf(room, user) === 0)
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
    this.settle(local);
    for (const user of users) this.#presence.noMember(user, local.room, true);
  }

  /** One session could not stay in a room that it was about to enter. */
  sessionOut(local: LocalRoom, session: RoomSession): void {
    takeOut(local, session);
    this.settle(local);
  }

  /** The session's connection is closed. `mayReturn`: it was cut, and is likely to be back in a moment. */
  sessionClosed(session: RoomSession, mayReturn: boolean): void {
    const locals = session.rooms;
    session.rooms = [];
    for (const local of locals) {
      local.remove(session);
      this.settle(local);
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

function isIdle(local: LocalRoom): boolean {
  return local.sessions().length === 0 && local.holds === 0;
}
