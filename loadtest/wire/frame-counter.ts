import { monotonicMicros } from '../native/process-accounting.ts';

const PING = 0x89;
/** Of a `deliver` frame: fixarray of 8, operation 100. */
const DELIVER_FIRST = 0x98;
const DELIVER_SECOND = 0x64;
/** Element count, operation, and the room's id before it. */
const SEQ_AT = 20;
const UINT_32 = 0xce;
const SEQ_BYTES = 5;
const SAMPLES_MAX = 200_000;

/** What all counted sockets of a process add up to. */
export class DeliveryTotals {
  deliveries = 0;
  bytes = 0;
  /** Deliveries whose position was not the one after the last on that socket. */
  outOfOrder = 0;
  /** Of the sampled sockets: µs between the stamp in the ciphertext and the read. */
  latencies: number[] = [];
}

/**
 * Counts the `deliver` frames of one socket by their heads, without touching the rest. Positions must be written in
 * five bytes (65536 and up) to be checked for order.
 */
export class FrameCounter {
  readonly #totals: DeliveryTotals;
  /** Bytes between the stamp (a double, big endian) and the end of the frame; undefined: not sampled. */
  readonly #stampBeforeEnd: number | undefined;
  #skip = 0;
  #lastSeq = 0;
  #pinged = false;

  constructor(totals: DeliveryTotals, stampBeforeEnd: number | undefined) {
    this.#totals = totals;
    this.#stampBeforeEnd = stampBeforeEnd;
  }

  /** True once after a ping came. */
  takePing(): boolean {
    const pinged = this.#pinged;
    this.#pinged = false;
    return pinged;
  }

  /** Reads frames in [from, until) of `bytes`; gives where the head begins that is not complete yet. */
  walk(bytes: Buffer, from: number, until: number): number {
    let at = from;
    let readAt = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, until - at);
      this.#skip -= skipped;
      at += skipped;
      if (until - at < 2) return at;
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (until - at < headBytes) return at;
      const length = lengthOf(bytes, at, short);
      const needed = headBytes + Math.min(length, SEQ_AT + SEQ_BYTES);
      if (until - at < needed) return at;
      const payload = at + headBytes;
      if (bytes[at] === PING) this.#pinged = true;
      else if (bytes[payload] === DELIVER_FIRST && bytes[payload + 1] === DELIVER_SECOND) {
        this.#delivered(bytes, payload, length);
        const end = payload + length;
        if (this.#stampBeforeEnd !== undefined && end <= until) {
          readAt ||= monotonicMicros();
          this.#sample(readAt - bytes.readDoubleBE(end - this.#stampBeforeEnd));
        }
      }
      this.#skip = headBytes + length;
    }
  }

  #delivered(bytes: Buffer, payload: number, length: number): void {
    this.#totals.deliveries += 1;
    this.#totals.bytes += length;
    if (bytes[payload + SEQ_AT] !== UINT_32) return;
    const seq = bytes.readUInt32BE(payload + SEQ_AT + 1);
    if (seq !== this.#lastSeq + 1 && this.#lastSeq !== 0) this.#totals.outOfOrder += 1;
    this.#lastSeq = seq;
  }

  #sample(micros: number): void {
    if (this.#totals.latencies.length < SAMPLES_MAX) this.#totals.latencies.push(micros);
  }
}

function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short === 126) return bytes.readUInt16BE(at + 2);
  return short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
}
