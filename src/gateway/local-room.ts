import type { DeliverEnvelope } from '../domain/envelope.ts';
import { ID_BYTES, type RoomId, type UserId } from '../protocol/ids.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import { OutboundFrame } from './outbound-frame.ts';
import type { Outbox } from './outbox.ts';

/** A logged-in session, as a room sees it. */
export interface RoomSession {
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
