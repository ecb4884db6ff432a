import { setTimeout } from 'k6/timers';
import { sameBytes } from '../../src/protocol/bytes.ts';
import { decodeServerFrame } from '../../src/protocol/client-codec.ts';
import { ID_BYTES } from '../../src/protocol/ids.ts';
import { parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import type { StoredMessage } from '../../src/protocol/message-requests.ts';
import { type CastRoom, senderOf } from '../cast.ts';
import type { Parameters } from '../parameters.ts';
import type { DeliverHead } from '../wire/deliver-head.ts';
import { Member, type MemberAddress, type MemberListener } from './member.ts';
import * as metrics from './metrics.ts';
import { RoomLedger } from './room-ledger.ts';

export interface RoomRunOptions {
  readonly room: CastRoom;
  readonly parameters: Parameters;
  readonly addresses: readonly MemberAddress[];
  /** The frame in that line of the file. */
  readonly frameAt: (line: number) => ArrayBuffer;
}

/** One room: its members, its timetable of messages, and its books. */
export class RoomRun implements MemberListener {
  readonly members: readonly Member[];
  readonly #options: RoomRunOptions;
  readonly #ledger = new RoomLedger();
  /** When messages were due, by index of their frame, until they are accepted. */
  readonly #due = new Map<number, number>();
  /** When messages were due, by position, that are accepted and of which the sender has no copy yet. */
  readonly #awaited = new Map<number, number>();
  /** When a sender read its own copy, by position, of messages whose answer is still to come. */
  readonly #ownCopies = new Map<number, number>();
  #sent = 0;

  constructor(options: RoomRunOptions) {
    this.#options = options;
    this.members = options.addresses.map((address) => new Member(address, this));
  }

  /** Messages are due from `startMs` on at even distances, wherever the answers to earlier ones are. */
  start(startMs: number): void {
    const { room, parameters } = this.#options;
    const distanceMs = 1_000 / parameters['messages-per-second'];
    const next = (): void => {
      while (this.#sent < room.frames && startMs + this.#sent * distanceMs <= Date.now()) {
        this.#send(this.#sent, startMs + this.#sent * distanceMs);
        this.#sent += 1;
      }
      if (this.#sent < room.frames)
        setTimeout(next, Math.max(0, startMs + this.#sent * distanceMs - Date.now()));
    };
    next();
  }

  /** Everything was sent, answered and read, and nobody is on the way back: whoever was cut a moment ago is no failure. */
  get isDone(): boolean {
    return (
      this.#sent === this.#options.room.frames &&
      this.members.every(({ openSends }) => openSends === 0) &&
      this.members.every(({ address, awaySince }) => address.isSlow || awaySince === undefined) &&
      this.#ledger.missing(this.#judged) === 0
    );
  }

  /** Counts what was acknowledged before `beforeMs` and is not there; copies of messages that are too late are lost. */
  judge(beforeMs: number): void {
    metrics.lost.add(this.#ledger.judge(this.#judged, beforeMs));
  }

  /**
   * When the time is over: messages that nobody answered, and members who are not back. Each counts as a failure, and in the
   * trends with the time until now, so that what was never measured does not look fast.
   */
  giveUp(): void {
    const now = Date.now();
    for (const { openSends } of this.members)
      if (openSends > 0) metrics.failed.add(openSends, { what: 'send' });
    for (const due of this.#due.values()) {
      metrics.acknowledged.add(now - due);
      metrics.echo.add(now - due);
    }
    // Without retention, a sender that was away has no way to its copy.
    if (this.#options.parameters['retention-days'] > 0)
      for (const due of this.#awaited.values()) metrics.echo.add(now - due);
    for (const { address, awaySince } of this.members) {
      if (awaySince === undefined || address.isSlow) continue;
      metrics.failed.add(1, { what: 'connection' });
      metrics.reconnecting.add(now - awaySince);
    }
  }

  accepted(index: number, position: number): void {
    metrics.messagesAccepted.add(1);
    const now = Date.now();
    const due = this.#due.get(index) ?? now;
    this.#due.delete(index);
    metrics.acknowledged.add(now - due);
    this.#ledger.acknowledge(position, now);
    const copyAt = this.#ownCopies.get(position);
    if (copyAt === undefined) this.#awaited.set(position, due);
    else metrics.echo.add(copyAt - due);
    this.#ownCopies.delete(position);
  }

  delivered(member: Member, { seq, at, fromAt }: DeliverHead, frame: Uint8Array, readAt: number): void {
    if (member.address.isSlow) {
      metrics.deliveries.add(1);
      return;
    }
    if (this.#ledger.isUnseen(seq)) this.#identify(seq, headerOf(frame));
    const noted = this.#ledger.note(member.received, seq);
    if (noted === 'repeat') {
      metrics.repeats.add(1);
      return;
    }
    if (noted === 'late') metrics.reordered.add(1);
    metrics.deliveries.add(1);
    metrics.delivery.add(Math.max(0, readAt - at));
    const isOwn = sameBytes(frame.subarray(fromAt, fromAt + ID_BYTES), member.userBytes);
    if (isOwn) this.#ownCopy(seq, readAt);
  }

  caughtUp(member: Member, { seq, from, header }: StoredMessage): void {
    if (member.address.isSlow) return;
    if (this.#ledger.isUnseen(seq)) this.#identify(seq, header);
    if (this.#ledger.note(member.received, seq) !== 'repeat') metrics.caughtUp.add(1);
    if (from === member.address.user) this.#awaited.delete(seq);
  }

  #ownCopy(position: number, readAt: number): void {
    const due = this.#awaited.get(position);
    if (due === undefined) this.#ownCopies.set(position, readAt);
    else metrics.echo.add(readAt - due);
    this.#awaited.delete(position);
  }

  /** Slow members can't have everything. */
  get #judged(): readonly Member['received'][] {
    return this.members.filter(({ address }) => !address.isSlow).map(({ received }) => received);
  }

  #send(index: number, dueMs: number): void {
    const { room, frameAt } = this.#options;
    this.#due.set(index, dueMs);
    metrics.messagesDue.add(1);
    this.#senderOf(index)?.send(index, frameAt(room.firstFrame + index));
  }

  #senderOf(index: number): Member | undefined {
    return this.members[senderOf(index, this.#options.parameters.senders)];
  }

  #identify(position: number, header: Uint8Array): void {
    const parsed = parseMessageHeader(header);
    if (parsed.ok && this.#ledger.isDuplicate(position, parsed.header.messageId)) metrics.duplicates.add(1);
  }
}

function headerOf(frame: Uint8Array): Uint8Array {
  const decoded = decodeServerFrame(frame, () => undefined);
  if (decoded.kind !== 'event' || decoded.event.name !== 'deliver')
    throw new Error('the server sent a malformed delivery');
  return decoded.event.body.message.header;
}
