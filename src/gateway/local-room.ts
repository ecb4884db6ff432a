import type { Watermarks } from '../core/room-sequence.ts';
import {
  type DeliverEnvelope,
  decodeRoomEnvelope,
  type SharedEnvelope,
  wrapOffsets,
} from '../domain/envelope.ts';
import type { RoomNotice } from '../domain/notices.ts';
import { endsMembership } from '../domain/roster.ts';
import type { EpochStore } from '../ports/epoch-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { CloseName } from '../protocol/codes.ts';
import type { EventBody } from '../protocol/events.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import { EpochFeed, type RoomEpochs } from './epoch-feed.ts';
import { OutboundFrame, type Outbox } from './outbound.ts';
import { ResyncSoon } from './resync-soon.ts';

/** A logged-in session, as a room sees it. */
export interface RoomSession {
  /** See Caller.session. */
  readonly id: string;
  readonly user: UserId;
  readonly outbox: Outbox;
  /** The rooms that it entered. */
  rooms: readonly LocalRoom[];
  /** Answers the requests under way, then closes. */
  drain(name: CloseName): void;
}

/** How a session is in a room. */
export interface Stay {
  /** The roster version at which its user was last seen to be a member. */
  readonly version: number;
  /** The roster version at which its user joined. */
  readonly since: number;
  /** The highest suite that its client speaks. */
  readonly suite: number;
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
  readonly epochs: RoomEpochs = { last: 0, clock: 0, told: [], held: undefined };
  /** Requests that are about to enter: the room stays subscribed for them. */
  holds = 0;
  /** Counts everything that came in. What is read between two equal values was not overtaken by an event. */
  activity = 0;
  /** What the broker calls with each payload of the room's channel, in order. */
  readonly receive: (payload: Uint8Array) => void;
  readonly #sessions: RoomSession[] = [];
  /** In their order. */
  readonly #stays: Stay[] = [];
  #plan: DeliveryPlan | undefined;

  constructor(room: RoomId, onPayload: RoomPayloadHandler = () => undefined) {
    this.room = room;
    this.receive = (payload) => onPayload(this, payload);
  }

  add(session: RoomSession, { version, since, suite }: Stay): void {
    const at = this.#sessions.indexOf(session);
    const { version: seen = 0, since: known = 0 } = this.#stays[at] ?? {};
    const stay = { version: Math.max(version, seen), since: Math.max(since, known), suite };
    if (at >= 0) this.#stays[at] = stay;
    else {
      this.#sessions.push(session);
      this.#stays.push(stay);
      this.#plan = undefined;
    }
  }

  remove(session: RoomSession): boolean {
    const at = this.#sessions.indexOf(session);
    if (at < 0) return false;
    // The order of sessions means nothing.
    const [last, stay] = [this.#sessions.pop(), this.#stays.pop()];
    if (last !== undefined && stay !== undefined && last !== session) {
      this.#sessions[at] = last;
      this.#stays[at] = stay;
    }
    this.#plan = undefined;
    return true;
  }

  /** Those of a user who is no member from roster version `version` on; not those that entered under a later one. */
  sessionsOf(user: UserId, version = Number.POSITIVE_INFINITY): RoomSession[] {
    return this.#sessions.filter(
      (session, at) => session.user === user && (this.#stays[at]?.version ?? 0) < version,
    );
  }

  sessions(): readonly RoomSession[] {
    return this.#sessions;
  }

  /** Sessions whose clients do not speak the room's suite can open nothing of it any more: they are closed, which tells them. */
  closeBelow(suite: number): void {
    const behind = this.#sessions.filter((_, at) => (this.#stays[at]?.suite ?? suite) < suite);
    for (const session of behind) session.drain('unsupported_version');
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
    if (plan === undefined || Buffer.compare(plan.recipients, envelope.recipients) !== 0) {
      plan = planFor(this.#sessions, envelope.recipients);
      this.#plan = plan;
    }
    const { outboxes, wrapAt } = plan;
    if (outboxes.length === 0) return 0;
    const frame = OutboundFrame.delivery(envelope.prefixAndWraps, envelope.prefixBytes);
    for (let i = 0; i < outboxes.length; i += 1) outboxes[i]?.push(frame, wrapAt[i] ?? 0);
    return outboxes.length;
  }

  /** One frame for every session whose user was a member at the roster version of its epoch. Gives the number of recipients. */
  share({ seq, epochVersion, frame }: SharedEnvelope): number {
    if (seq > this.lastSeq) this.lastSeq = seq;
    const shared = OutboundFrame.whole(frame);
    let recipients = 0;
    for (let i = 0; i < this.#sessions.length; i += 1) {
      if ((this.#stays[i]?.since ?? 0) > epochVersion) continue;
      this.#sessions[i]?.outbox.push(shared, 0);
      recipients += 1;
    }
    return recipients;
  }
}

function planFor(sessions: readonly RoomSession[], table: Uint8Array): DeliveryPlan {
  // A copy: the envelope's bytes would be kept alive as a whole.
  const recipients = Uint8Array.from(table);
  const offsets = wrapOffsets(recipients);
  const outboxes: Outbox[] = [];
  const wrapAt: number[] = [];
  for (const { user, outbox } of sessions) {
    const wrap = offsets.get(user);
    if (wrap === undefined) continue;
    outboxes.push(outbox);
    wrapAt.push(wrap);
  }
  return { recipients, outboxes, wrapAt };
}

/** Called with each payload of a room's channel, in order. Must not throw. */
export type RoomPayloadHandler = (room: LocalRoom, payload: Uint8Array) => void;

/** What happens to the rooms of this node when a notice says so: see LocalRooms. */
interface NotifiedRooms {
  /** Gets each payload from the rooms that are held from now on. */
  onPayload(handler: RoomPayloadHandler): void;
  userGone(
    room: RoomId,
    user: UserId,
    reason: EventBody<'room-gone'>['reason'],
    since: { readonly version: number; readonly event?: Uint8Array },
  ): void;
  roomGone(local: LocalRoom, event: Uint8Array): void;
}

interface RoomFeedParts {
  readonly rooms: NotifiedRooms;
  readonly stores: { readonly epochs: Pick<EpochStore, 'issued'> };
  readonly watermarks: Pick<Watermarks, 'note'>;
  readonly telemetry: Telemetry;
}

/** What comes in on the channels of rooms, and goes out to the sessions that entered them. */
export class RoomFeed {
  readonly #rooms: NotifiedRooms;
  readonly #watermarks: Pick<Watermarks, 'note'>;
  readonly #telemetry: Telemetry;
  readonly #epochs: EpochFeed<LocalRoom>;
  readonly #unclear: ResyncSoon<LocalRoom>;

  constructor({ rooms, stores, watermarks, telemetry }: RoomFeedParts) {
    this.#rooms = rooms;
    this.#watermarks = watermarks;
    this.#telemetry = telemetry;
    this.#unclear = new ResyncSoon((local) => this.resync(local));
    this.#epochs = new EpochFeed({
      epochs: stores.epochs,
      telemetry,
      take: (local, payload) => this.#take(local, payload),
      resync: (local) => this.#unclear.add(local),
    });
    rooms.onPayload((local, payload) => this.payload(local, payload));
  }

  /** Never throws: one bad envelope must not keep the broker from the next. */
  payload(local: LocalRoom, payload: Uint8Array): void {
    local.activity += 1;
    if (local.epochs.held === undefined) this.#take(local, payload);
    else this.#epochs.hold(local, payload);
  }

  #take(local: LocalRoom, payload: Uint8Array): void {
    try {
      const envelope = decodeRoomEnvelope(payload);
      if (envelope === undefined) this.#unclear.add(local);
      else if (envelope.kind !== 'notice') this.#deliver(local, envelope);
      else this.#notice(local, envelope.notice);
    } catch (error) {
      this.#telemetry.warn('fan_out_failed', error);
      this.#unclear.add(local);
    }
  }

  #deliver(local: LocalRoom, envelope: DeliverEnvelope | SharedEnvelope): void {
    const startedAtMs = performance.now();
    const recipients = envelope.kind === 'shared' ? local.share(envelope) : local.deliver(envelope);
    this.#watermarks.note(local.room, { seq: envelope.seq });
    const lagMs = performance.timeOrigin + startedAtMs - envelope.publishedAt;
    this.#telemetry.fannedOut(
      recipients,
      (performance.now() - startedAtMs) / 1_000,
      Math.max(0, lagMs) / 1_000,
    );
  }

  #notice(local: LocalRoom, notice: RoomNotice): void {
    switch (notice.about) {
      case 'roster':
        this.#noteVersion(local, notice.version, notice.floor);
        // First: nothing that comes later is delivered to who left.
        if (endsMembership(notice.change)) {
          const { user, change, version, gone } = notice;
          this.#rooms.userGone(local.room, user, change, { version, ...(gone && { event: gone }) });
        }
        local.broadcast(notice.event);
        return;
      case 'settings':
        this.#noteVersion(local, notice.version, notice.floor);
        local.broadcast(notice.event);
        if (notice.suite !== undefined) local.closeBelow(notice.suite);
        return;
      case 'presence':
        local.broadcast(notice.event);
        return;
      case 'epoch':
        this.epochIs(local, notice.number);
        return;
      case 'room-gone':
        this.#rooms.roomGone(local, notice.event);
        return;
      default:
        notice satisfies never;
    }
  }

  /** The room has an epoch of this number, which may not have been told here yet. */
  epochIs(local: LocalRoom, number: number): void {
    this.#watermarks.note(local.room, { epoch: number });
    this.#epochs.tell(local, number);
  }

  #noteVersion(local: LocalRoom, version: number, floor: number): void {
    if (version > local.lastVersion) local.lastVersion = version;
    this.#watermarks.note(local.room, { version, floor });
  }

  /** Something may have been missed: the sessions fetch it. */
  resync(local: LocalRoom, head?: number): void {
    if (head !== undefined && head > local.lastSeq) local.lastSeq = head;
    local.activity += 1;
    local.broadcast(encodeEvent('resync', { room: local.room, ...(head !== undefined && { head }) }));
  }

  close(): void {
    this.#unclear.close();
  }
}
