import { monotonicMicros } from '../../loadtest/native/process-accounting.ts';
import { type DeliveryTotals, FrameCounter } from '../../loadtest/wire/frame-counter.ts';
import type { Dialect } from './dialect.ts';

const PING = 0x89;

/**
 * Counts the deliveries of one socket in any dialect, by the heads of messages, without touching the rest. What a RawWebSocket
 * reads goes through it in the place of the counter that knows Conclave only.
 */
export class MessageCounter extends FrameCounter {
  readonly #dialect: Dialect;
  readonly #counted: DeliveryTotals;
  readonly #isSampled: boolean;
  #skip = 0;
  /** Of the frame that is being read: what is not looked at yet. */
  #frameBytes = 0;
  #lastNumber = 0;
  #isPinged = false;
  /** When the bytes that are walked through were read; 0: nobody has asked yet. */
  #readAtMicros = 0;
  onWelcome: () => void = () => undefined;
  onKeepAlive: (answer: Buffer) => void = () => undefined;

  /** `isSampled`: how long deliveries were on their way is recorded too. */
  constructor(dialect: Dialect, totals: DeliveryTotals, isSampled: boolean) {
    super(totals, undefined);
    this.#dialect = dialect;
    this.#counted = totals;
    this.#isSampled = isSampled;
  }

  override takePing(): boolean {
    const isPinged = this.#isPinged;
    this.#isPinged = false;
    return isPinged;
  }

  override walk(bytes: Buffer, from: number, until: number): number {
    let at = from;
    this.#readAtMicros = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, until - at);
      this.#skip -= skipped;
      at += skipped;
      const seen = this.#frameBytes === 0 ? this.#frame(bytes, at, until) : this.#message(bytes, at, until);
      if (seen === undefined) return at;
      at += seen;
    }
  }

  /** Gives the bytes of the frame's head; undefined: it is not complete yet. */
  #frame(bytes: Buffer, at: number, until: number): number | undefined {
    if (until - at < 2) return undefined;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (until - at < headBytes) return undefined;
    const length = lengthOf(bytes, at, short);
    if (bytes[at] === PING) {
      this.#isPinged = true;
      this.#skip = length;
    } else this.#frameBytes = length;
    return headBytes;
  }

  /** Gives 0, since a message is skipped as it is read; undefined: its head is not complete yet. */
  #message(bytes: Buffer, at: number, until: number): number | undefined {
    const { headBytes } = this.#dialect;
    if (until - at < Math.min(this.#frameBytes, headBytes)) return undefined;
    const size = this.#dialect.bytesAt(bytes, at) ?? this.#frameBytes;
    const number = size < headBytes ? undefined : this.#dialect.numberAt(bytes, at);
    if (number === undefined) this.#other(bytes, at);
    else {
      this.#delivered(number, size);
      if (this.#isSampled) this.#timed(this.#dialect.stampAt(bytes, at, at + size, until));
    }
    this.#frameBytes -= size;
    this.#skip = size;
    return 0;
  }

  #delivered(number: number, size: number): void {
    this.#counted.deliveries += 1;
    this.#counted.bytes += size;
    if (number !== this.#lastNumber + 1 && this.#lastNumber !== 0) this.#counted.outOfOrder += 1;
    this.#lastNumber = number;
  }

  #timed(stamp: number | undefined): void {
    if (stamp === undefined) return;
    this.#readAtMicros ||= monotonicMicros();
    this.#counted.latencies.add(this.#readAtMicros - stamp);
  }

  #other(bytes: Buffer, at: number): void {
    const answer = this.#dialect.keepAlive(bytes, at);
    if (answer !== undefined) this.onKeepAlive(answer);
    else if (this.#dialect.isWelcome(bytes, at)) this.onWelcome();
  }
}

function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short === 126) return bytes.readUInt16BE(at + 2);
  return short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
}
