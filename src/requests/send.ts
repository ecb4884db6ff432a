import type { Posting } from '../core/api.ts';
import type { AppendBatcher } from '../core/append-batcher.ts';
import type { Caller } from '../core/caller.ts';
import type { MessageRates } from '../core/message-rates.ts';
import type { PositionTaker } from '../core/position-taker.ts';
import type { KnownView, RoomViews } from '../core/room-views.ts';
import { SendLanes } from '../core/send-lanes.ts';
import { sha256 } from '../core/server-hash.ts';
import { expiryOf } from '../core/settler.ts';
import { type StorageQuota, storedBytes } from '../core/storage-quota.ts';
import type { RoomSeen } from '../core/watermarks.ts';
import { memberOf, type RoomView } from '../domain/roster.ts';
import { inBatches } from '../lib/in-batches.ts';
import type { NewMessage } from '../ports/message-store.ts';
import type { ClockSeen, NextOutcome, NextPosition, RoomClock } from '../ports/room-clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { sameBytes } from '../protocol/bytes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { MessageHeader } from '../protocol/layouts/message-header.ts';
import { WRAP_BYTES } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import type { MessagePublishing, PlacedMessage } from './message-publishing.ts';
import { checkedHeader, fitsPassword, misfit, refusedByRoster } from './send-checks.ts';

/** Positions tried for one message: each before was taken by a void or by a message of a clock that went back. */
export const PLACES_MAX = 6;
const RECOVERIES_AT_ONCE = 16;

/** A send that was checked. */
interface Send {
  readonly caller: Caller;
  readonly body: RequestBody<'send'>;
  readonly header: MessageHeader;
  readonly headerHash: Uint8Array;
}

/** Accepted: what its sender is answered once it was published. */
interface Accepted {
  readonly reply: ReplyBody<'send'>;
  readonly published: Promise<unknown>;
  /** By this very send, not by one before. */
  readonly isStored: boolean;
}

interface PostingParts {
  readonly clock: RoomClock;
  readonly views: RoomViews;
  readonly seen: RoomSeen;
  readonly taker: PositionTaker;
  readonly batcher: AppendBatcher;
  readonly publishing: MessagePublishing;
  readonly rates: MessageRates;
  readonly quota: StorageQuota;
  readonly telemetry: Telemetry;
}

/** The way of a message from its sender to the store and the room's channel. */
export class RoomPosting implements Posting {
  readonly #parts: PostingParts;
  readonly #lanes = new SendLanes();

  constructor(parts: PostingParts) {
    this.#parts = parts;
  }

  async send(caller: Caller, body: RequestBody<'send'>): Promise<ReplyBody<'send'> | Refusal> {
    const header = checkedHeader(caller, body);
    if (isRefusal(header)) return header;
    const at = { session: caller.session, room: body.room };
    const send = { caller, body, header, headerHash: sha256(body.header) };
    const outcome = await this.#lanes.inTurn(at, { chain: header.chain, number: header.number }, () =>
      this.#post(send),
    );
    if (isRefusal(outcome)) return outcome;
    await outcome.published;
    return outcome.reply;
  }

  sessionEnded(session: string): void {
    this.#lanes.sessionEnded(session);
  }

  noteSeen(room: RoomId, seen: Partial<ClockSeen>): void {
    this.#parts.seen.note(room, seen);
  }

  seen(room: RoomId): ClockSeen {
    return this.#parts.seen.get(room);
  }

  async recover(rooms: readonly RoomId[]): Promise<void> {
    const { seen, views, telemetry } = this.#parts;
    seen.distrustAll();
    await inBatches(rooms, RECOVERIES_AT_ONCE, async (room) => {
      try {
        await views.confirm(room);
      } catch (error) {
        telemetry.warn('clock_not_raised', error);
      }
    });
  }

  async #post(send: Send): Promise<Accepted | Refusal> {
    const { body, caller, header } = send;
    const slowed = this.#parts.rates.take(caller.user, body.ciphertext.length + body.wraps.length);
    if (slowed !== undefined) return slowed;
    const at = await this.#parts.views.at(body.room, body.version);
    if (at.kind === 'gone') return refuse('not_a_member');
    if (at.kind === 'stale') return this.#repeatedOr(send, refusedByRoster(at.current, caller));
    if (memberOf(at.known.view, caller.user) === undefined) return this.#refusedNow(send);
    // Its sender has heard of the roster and the password at different moments: it has to look at both again.
    if (!fitsPassword(at.known.view, header)) return this.#refusedNow(send);
    return misfit(at.known.view, header, body.wraps) ?? this.#placeWithin(send, at.known);
  }

  /** What is stored counts against the quotas of its sender and its room. */
  async #placeWithin(send: Send, known: KnownView): Promise<Accepted | Refusal> {
    if (this.#settings(known.view).retention === 0) return this.#place(send, known);
    const { quota } = this.#parts;
    const { user } = send.caller;
    const { room } = send.body;
    const byteCount = storedBytes(send.body);
    const over = await quota.take(user, room, byteCount);
    if (over !== undefined) return this.#repeatedOr(send, over);
    const outcome = await this.#place(send, known);
    if (isRefusal(outcome) || !outcome.isStored) quota.giveBack(user, room, byteCount);
    return outcome;
  }

  /** Takes a position and stores the message there, until a position is free. */
  async #place(send: Send, known: KnownView): Promise<Accepted | Refusal> {
    const { room, version } = send.body;
    const { taker } = this.#parts;
    const { retention } = this.#settings(known.view);
    const remember = retention === 0 ? { remember: rememberOf(send) } : {};
    for (let place = 1; place <= PLACES_MAX; place += 1) {
      const taken = await taker.take({ room, version, ...remember });
      if (taken.kind === 'gone') return refuse('not_a_member');
      if (taken.kind === 'stale') return this.#refusedNow(send);
      if (taken.kind === 'repeat') return this.#repeated(send, known, taken);
      const message = messageOf(send, known, taken, retention);
      if (retention === 0) return this.#accepted(message, false);
      const outcome = await this.#parts.batcher.append(message);
      if (outcome.kind === 'stored') return this.#accepted(message, true);
      if (outcome.kind === 'duplicate') return this.#duplicate(send, outcome);
      if (place >= 2 && !(await taker.mendIfBehind(room))) return refuse('not_a_member');
    }
    return refuse('conflict', { message: 'no free position was found' });
  }

  #accepted(message: NewMessage, isStored: boolean): Accepted {
    const { seq, at, headerHash, wraps } = message;
    this.#parts.telemetry.messageAccepted(wraps.length / WRAP_BYTES);
    const published = this.#parts.publishing.publish(message);
    return { reply: { seq, at, headerHash }, published, isStored };
  }

  #duplicate(send: Send, stored: ReplyBody<'send'>): Accepted {
    const { body, caller, header } = send;
    const { seq, at, headerHash } = stored;
    const published = this.#parts.publishing
      .publishStored(body.room, caller.user, header.messageId)
      .catch((error: unknown) => this.#parts.telemetry.warn('republish_stored', error));
    return { reply: { seq, at, headerHash }, published, isStored: false };
  }

  /** Nothing is stored of it: the sender's own bytes are published again, if they are the same. */
  #repeated(send: Send, known: KnownView, repeat: ReplyBody<'send'>): Accepted {
    const { seq, at, headerHash } = repeat;
    const isSame = sameBytes(headerHash, send.headerHash);
    const published = isSame
      ? this.#parts.publishing.publish(placed(send, known, repeat))
      : Promise.resolve();
    return { reply: { seq, at, headerHash }, published, isStored: false };
  }

  /** The roster moved on: the answer depends on what it is now, unless this very message was accepted before. */
  async #refusedNow(send: Send): Promise<Accepted | Refusal> {
    const current = await this.#parts.views.current(send.body.room);
    return this.#repeatedOr(send, refusedByRoster(current?.view, send.caller));
  }

  async #repeatedOr(send: Send, refusal: Refusal): Promise<Accepted | Refusal> {
    if (this.#parts.views.newest(send.body.room) === undefined) return refusal;
    // The retention may have changed since it was accepted: it is asked for wherever it can be.
    const answer = (await this.#storedAnswer(send)) ?? (await this.#rememberedAnswer(send));
    if (answer === undefined) return refusal;
    const { seq, at, headerHash } = answer;
    return { reply: { seq, at, headerHash }, published: Promise.resolve(), isStored: false };
  }

  #storedAnswer({ body, caller, header }: Send): Promise<ReplyBody<'send'> | undefined> {
    return this.#parts.publishing.publishStored(body.room, caller.user, header.messageId);
  }

  async #rememberedAnswer(send: Send): Promise<ReplyBody<'send'> | undefined> {
    const { clock, seen } = this.#parts;
    const { room } = send.body;
    // No roster has version 0: the clock answers a repeat, or refuses. It gives no position.
    const request = { room, version: 0, seen: seen.get(room), remember: rememberOf(send) };
    const outcome = await clock.next(request);
    return outcome.kind === 'repeat' ? outcome : undefined;
  }

  /** Settings follow the newest version known here, whichever one the message was prepared for. */
  #settings(view: RoomView): RoomView {
    return this.#parts.views.newest(view.room) ?? view;
  }
}

function rememberOf({ caller, header, headerHash }: Send): NonNullable<NextPosition['remember']> {
  return { key: `${caller.user}:${header.messageId}`, headerHash };
}

type Place = Pick<Extract<NextOutcome, { readonly kind: 'position' }>, 'seq' | 'at'>;

function placed({ body, caller }: Send, known: KnownView, { seq, at }: Place): PlacedMessage {
  const { room, header, ciphertext, wraps } = body;
  return { room, seq, at, sender: caller.user, header, ciphertext, recipients: known.recipients, wraps };
}

function messageOf(send: Send, known: KnownView, place: Place, retention: number): NewMessage {
  const { header, headerHash } = send;
  const expiresAt = expiryOf(place.at, retention);
  return { ...placed(send, known, place), messageId: header.messageId, headerHash, expiresAt };
}
