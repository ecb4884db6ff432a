import { clearTimeout, setTimeout } from 'k6/timers';
import type { WebKey } from '../../client/crypto/web-crypto.ts';
import { CLOSE_NORMAL, closeNameOf, errorCodes, mayReconnect } from '../../src/protocol/codes.ts';
import { idBytes, type RoomId, type UserId } from '../../src/protocol/ids.ts';
import { HISTORY_MESSAGES_MAX } from '../../src/protocol/limits.ts';
import type { StoredMessage } from '../../src/protocol/message-requests.ts';
import type { UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../src/protocol/requests.ts';
import { suiteField } from '../parameters.ts';
import type { DeliverHead } from '../wire/deliver-head.ts';
import * as metrics from './metrics.ts';
import type { Received } from './room-ledger.ts';
import { K6Session, RequestFailed, type SendAnswer, type SessionListener } from './session.ts';

/** Where and as whom a member connects. */
export interface MemberAddress {
  readonly url: string;
  readonly origin: Origin;
  readonly name: UserName;
  readonly rsaDecrypt: WebKey;
  readonly user: UserId;
  readonly room: RoomId;
  readonly suite: number;
  readonly retentionDays: number;
  /** Comes back after a random time up to this, and up to twice as long after each failure, at most 16 times. */
  readonly spreadMs: number;
  readonly isSlow: boolean;
}

/** What a member tells its room. */
export interface MemberListener {
  accepted(index: number, position: number): void;
  /** Live; `readAt` in milliseconds since 1970. */
  delivered(member: Member, head: DeliverHead, frame: Uint8Array, readAt: number): void;
  /** From history. */
  caughtUp(member: Member, message: StoredMessage): void;
}

const REFUSED_PAUSE_MS = 250;
const CATCH_UP_PAUSE_MS = 1_000;
const SPREAD_DOUBLINGS_MAX = 4;
const ATTEMPTS_MAX = 100;
/** Positions before the last one that a returning member asks again: live messages may overtake each other. */
const OVERLAP_POSITIONS = 50;

/** One member with one connection, that comes back when it is cut off, and makes whole what it missed. */
export class Member implements SessionListener {
  readonly address: MemberAddress;
  readonly userBytes: Uint8Array;
  readonly received: Received = { positions: new Set(), last: 0, excusedThrough: 0 };
  readonly #listener: MemberListener;
  #session: K6Session | undefined;
  #hasEntered = false;
  #leaving = false;
  #lostAt = 0;
  #failures = 0;
  #return: ReturnType<typeof setTimeout> | undefined;
  /** Sends without an answer, by index of their frame, in their order. */
  readonly #open = new Map<number, ArrayBuffer>();
  /** Those that this connection carried, and that got neither reply nor refusal: a gateway takes no id that is still open. */
  readonly #inFlight = new Set<number>();
  #resending = false;
  #catchingUp = false;

  constructor(address: MemberAddress, listener: MemberListener) {
    this.address = address;
    this.userBytes = idBytes(address.user);
    this.#listener = listener;
  }

  get isIn(): boolean {
    return this.#hasEntered;
  }

  /** When it lost its connection, in ms since 1970; undefined while it is in, and when it never was or was turned away for good. */
  get awaySince(): number | undefined {
    return this.#hasEntered || this.#leaving || this.#lostAt === 0 ? undefined : this.#lostAt;
  }

  get openSends(): number {
    return this.#open.size;
  }

  /** Connects, logs in and enters; when that fails, tries again by itself. Resolves after the first attempt. */
  async come(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      // A session that is greeted and refused would stay open.
      this.#session?.close(CLOSE_NORMAL);
      this.#comeBack();
    }
  }

  /** While it is away, the message waits, and leaves when it is back. */
  send(index: number, frame: ArrayBuffer): void {
    this.#open.set(index, frame);
    if (this.#hasEntered && !this.#resending) this.#transmit(index, frame);
  }

  /** Over the connection that it has now. Rejects with RequestFailed. */
  request<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    if (this.#session === undefined) return Promise.reject(new RequestFailed(name, 'away'));
    return this.#session.request(name, body);
  }

  #transmit(index: number, frame: ArrayBuffer): void {
    this.#inFlight.add(index);
    this.#session?.sendPrepared(frame);
  }

  /** As when a network fails: it will come back. */
  cut(): void {
    this.#session?.close(CLOSE_NORMAL);
  }

  /** Nothing of it is left then: k6 waits for timers and connections as long as there are any. */
  leave(): void {
    this.#leaving = true;
    if (this.#return !== undefined) clearTimeout(this.#return);
    this.#session?.close(CLOSE_NORMAL);
  }

  answered(answer: SendAnswer): void {
    this.#inFlight.delete(answer.index);
    if ('reply' in answer) {
      if (this.#open.delete(answer.index)) this.#listener.accepted(answer.index, answer.reply.seq);
      return;
    }
    const { name, code, retryAfterMs = REFUSED_PAUSE_MS } = answer.error;
    metrics.refusals.add(1, { code: name ?? `${code}` });
    if (name === undefined || errorCodes[name].retry !== 'later') {
      this.#open.delete(answer.index);
      metrics.failed.add(1, { what: 'send' });
    } else this.#sendAllAgain(retryAfterMs);
  }

  delivered(head: DeliverHead, frame: Uint8Array, readAt: number): void {
    this.#listener.delivered(this, head, frame, readAt);
  }

  resync(): void {
    metrics.resyncs.add(1);
    void this.#catchUp();
  }

  closed(code: number): void {
    metrics.closes.add(1, { code: closeNameOf(code) ?? `${code}` });
    this.#inFlight.clear();
    if (this.#hasEntered) {
      this.#hasEntered = false;
      this.#lostAt = Date.now();
      if (!this.#leaving) this.#comeBack();
    }
    // What the gateway says for good is believed; a cut ends with the code of a normal end.
    if (!mayReconnect(code) && code !== CLOSE_NORMAL) {
      this.#leaving = true;
      metrics.failed.add(1, { what: 'connection' });
    }
  }

  async #connect(): Promise<void> {
    const { url, origin, name, rsaDecrypt, room, isSlow } = this.address;
    const dialledAt = Date.now();
    this.#session = await K6Session.open(url, origin, this);
    if (this.#leaving) {
      this.#session.close(CLOSE_NORMAL);
      return;
    }
    const greetedAt = Date.now();
    await this.#session.login(name, rsaDecrypt);
    const openAt = Date.now();
    const { rooms } = await this.#session.request('enter', { rooms: [room], ...suiteField(this.address) });
    const head = rooms[0]?.info?.head;
    if (head === undefined) throw new RequestFailed('enter', `${rooms[0]?.error ?? 'no answer'}`);
    const enteredAt = Date.now();
    this.#hasEntered = true;
    this.#failures = 0;
    if (!isSlow) {
      metrics.connecting.add(greetedAt - dialledAt);
      metrics.login.add(openAt - greetedAt);
      metrics.entering.add(enteredAt - openAt);
      if (this.#lostAt > 0) metrics.reconnecting.add(enteredAt - this.#lostAt);
    }
    this.#sendAllAgain(0);
    const isReturn = this.received.last > 0;
    if (!isReturn || this.address.retentionDays === 0) this.received.excusedThrough = head;
    if (isReturn) void this.#catchUp();
  }

  #comeBack(): void {
    if (this.#leaving) return;
    this.#failures += 1;
    if (this.#failures > ATTEMPTS_MAX) {
      this.#leaving = true;
      metrics.failed.add(1, { what: 'connection' });
      return;
    }
    const doublings = Math.min(SPREAD_DOUBLINGS_MAX, this.#failures - 1);
    const pauseMs = Math.random() * this.address.spreadMs * 2 ** doublings;
    this.#return = setTimeout(() => {
      if (!this.#leaving) void this.come();
    }, pauseMs);
  }

  /** In their order, since a chain's higher numbers are refused while a lower one is not accepted, and once all are answered. */
  #sendAllAgain(afterMs: number): void {
    if (this.#resending || this.#open.size === 0) return;
    this.#resending = true;
    setTimeout(() => {
      this.#resending = false;
      if (!this.#hasEntered) return;
      if (this.#inFlight.size > 0) this.#sendAllAgain(REFUSED_PAUSE_MS);
      else for (const [index, frame] of this.#open) this.#transmit(index, frame);
    }, afterMs);
  }

  async #catchUp(): Promise<void> {
    const session = this.#session;
    if (session === undefined || this.#catchingUp) return;
    this.#catchingUp = true;
    try {
      let after = Math.max(0, this.received.last - OVERLAP_POSITIONS);
      for (;;) {
        const page = await session.request('history', {
          room: this.address.room,
          after,
          limit: HISTORY_MESSAGES_MAX,
        });
        for (const message of page.messages) this.#listener.caughtUp(this, message);
        if (!page.more) return;
        after = page.through;
      }
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      // On a new connection it is done anew; after a refusal it is asked again.
      setTimeout(() => {
        if (this.#hasEntered && this.#session === session) void this.#catchUp();
      }, CATCH_UP_PAUSE_MS);
    } finally {
      this.#catchingUp = false;
    }
  }
}
