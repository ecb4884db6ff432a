import type { DeliverEnvelope } from '../domain/envelope.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import { type Broker, roomChannel } from '../ports/broker.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { EventBody } from '../protocol/events.ts';
import { ID_BYTES, type RoomId, type UserId } from '../protocol/ids.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { LocalPresence } from './local-presence.ts';
import { OutboundFrame, type Outbox } from './outbound.ts';

/** A logged-in session, as a room sees it. */
export interface RoomSession {
  /** See Caller.session. */
  readonly id: string;
  readonly user: UserId;
  readonly outbox: Outbox;
  /** The rooms that it entered. */
  rooms: readonly LocalRoom[];
}

/** Where each local session finds its wrap, for one table of recipients. */
interface DeliveryPlan {
  readonly recipients: Uint8Array;
  readonly outboxes: readonly Outbox[];
  /** Offsets into the wraps, in the order of the outboxes. */
  readonly wrapAt: readonly number[];
}

/** The sessions of this node that entered one room. */
export class LocalRoom {
  readonly room: RoomId;
  /** The last position that was fanned out here, or that a reader was told as the head. */
  lastSeq = 0;
  /** The room's clock when it was last compared with lastSeq. */
  clockSeq = 0;
  /** The last roster version that came in here, or that a reader was told. */
  lastVersion = 0;
  /** The room's clock when it was last compared with lastVersion. */
  clockVersion = 0;
  /** Requests that are about to enter: the room stays subscribed for them. */
  holds = 0;
  /** Counts everything that came in. What is read between two equal values was not overtaken by an event. */
  activity = 0;
  readonly #sessions: RoomSession[] = [];
  /** The roster version at which each session's user was last seen to be a member; in the order of the sessions. */
  readonly #memberAt: number[] = [];
  #plan: DeliveryPlan | undefined;

  constructor(room: RoomId) {
    this.room = room;
  }

  get size(): number {
    return this.#sessions.length;
  }

  /** `version`: a roster version that has the session's user as a member. */
  add(session: RoomSession, version = 0): void {
    const at = this.#sessions.indexOf(session);
    if (at >= 0) {
      this.#memberAt[at] = Math.max(version, this.#memberAt[at] ?? 0);
      return;
    }
    this.#sessions.push(session);
    this.#memberAt.push(version);
    this.#plan = undefined;
  }

  remove(session: RoomSession): boolean {
    const at = this.#sessions.indexOf(session);
    if (at < 0) return false;
    // The order of sessions means nothing.
    const [last, memberAt] = [this.#sessions.pop(), this.#memberAt.pop()];
    if (last !== undefined && memberAt !== undefined && last !== session) {
      this.#sessions[at] = last;
      this.#memberAt[at] = memberAt;
    }
    this.#plan = undefined;
    return true;
  }

  /** Those of a user who is no member from roster version `version` on; not those that entered under a later one. */
  sessionsOf(user: UserId, version = Number.POSITIVE_INFINITY): RoomSession[] {
    return this.#sessions.filter(
      (session, at) => session.user === user && (this.#memberAt[at] ?? 0) < version,
    );
  }

  sessions(): readonly RoomSession[] {
    return this.#sessions;
  }

  countOf(user: UserId): number {
    let count = 0;
    for (const session of this.#sessions) if (session.user === user) count += 1;
    return count;
  }

  /** One event for every session. */
  broadcast(event: Uint8Array): void {
    const frame = OutboundFrame.whole(event);
    for (const { outbox } of this.#sessions) outbox.push(frame, 0);
  }

  /**
   * The hot path: each session whose user is in the table gets its own copy. The table stays the same while nobody joins
   * or leaves, so the search for each session's wrap is kept. Takes the envelope over. Gives the number of recipients.
   */
  deliver(envelope: DeliverEnvelope): number {
    if (envelope.seq > this.lastSeq) this.lastSeq = envelope.seq;
    let plan = this.#plan;
    if (plan === undefined || !sameTable(plan.recipients, envelope.recipients)) {
      plan = planFor(this.#sessions, envelope.recipients);
      this.#plan = plan;
    }
    const { outboxes, wrapAt } = plan;
    if (outboxes.length === 0) return 0;
    const frame = OutboundFrame.delivery(envelope.prefixAndWraps, envelope.prefixBytes);
    for (let i = 0; i < outboxes.length; i += 1) outboxes[i]?.push(frame, wrapAt[i] ?? 0);
    return outboxes.length;
  }
}

function sameTable(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function planFor(sessions: readonly RoomSession[], table: Uint8Array): DeliveryPlan {
  // A copy: the envelope's bytes would be kept alive as a whole.
  const recipients = Buffer.from(table);
  const wrapOf = new Map<string, number>();
  for (let at = 0, wrap = 0; at < recipients.length; at += ID_BYTES, wrap += WRAP_BYTES) {
    wrapOf.set(recipients.toString('hex', at, at + ID_BYTES), wrap);
  }
  const outboxes: Outbox[] = [];
  const wrapAt: number[] = [];
  for (const { user, outbox } of sessions) {
    const wrap = wrapOf.get(user);
    if (wrap === undefined) continue;
    outboxes.push(outbox);
    wrapAt.push(wrap);
  }
  return { recipients, outboxes, wrapAt };
}

/** Called with each payload of a room's channel, in order. Must not throw. */
export type RoomPayloadHandler = (room: LocalRoom, payload: Uint8Array) => void;

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
    return this.#rooms.get(room)?.countOf(user) ?? 0;
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
      const local = known ?? new LocalRoom(room);
      if (known === undefined) {
        await this.#broker.subscribe(roomChannel(room), (payload) => this.#onPayload(local, payload));
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
   * late or twice does not touch those who are members again.
   */
  userGone(
    room: RoomId,
    user: UserId,
    reason: EventBody<'room-gone'>['reason'],
    { except, version }: { readonly except?: string; readonly version?: number } = {},
  ): void {
    const local = this.#rooms.get(room);
    const sessions = local?.sessionsOf(user, version) ?? [];
    if (local !== undefined && sessions.length > 0) {
      const event = encodeEvent('room-gone', { room, reason });
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
  return local.size === 0 && local.holds === 0;
}
