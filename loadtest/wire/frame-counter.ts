import { Latencies } from '../native/latencies.ts';
import { monotonicMicros } from '../native/process-accounting.ts';
import { isDeliver, SEQ_AT, UINT_BYTES_MAX, uintAt } from './deliver-head.ts';

const PING = 0x89;
/** Positions below the last one that are remembered: one bit each. */
const WINDOW_POSITIONS = 32;

/** What all counted sockets of a process add up to. */
export class DeliveryTotals {
  deliveries = 0;
  bytes = 0;
  /** Deliveries whose position was not the one after the last on that socket: positions may be skipped. */
  outOfOrder = 0;
  /** Deliveries of a position that the socket had got already. */
  duplicates = 0;
  /** Deliveries of a position that a higher one had overtaken. */
  overtaken = 0;
  /** Of the sampled sockets: between the stamp in the ciphertext and the read. */
  readonly latencies: Latencies = new Latencies();
}

/**
 * Counts the `deliver` frames of one socket, which is in one room, by their heads, without touching the rest.
 */
export class FrameCounter {
  readonly #totals: DeliveryTotals;
  /** Bytes between the stamp (a double, big endian) and the end of the frame; undefined: not sampled. */
  readonly #stampBeforeEnd: number | undefined;
  #skip = 0;
  #lastSeq = 0;
  /** Bit n: the position n below the last one was got. */
  #window = 0;
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
      const needed = headBytes + Math.min(length, SEQ_AT + UINT_BYTES_MAX);
      if (until - at < needed) return at;
      const payload = at + headBytes;
      if (bytes[at] === PING) this.#pinged = true;
      else if (length > SEQ_AT && isDeliver(bytes, payload)) {
        this.#delivered(bytes, payload, length);
        const end = payload + length;
        if (this.#stampBeforeEnd !== undefined && end <= until) {
          readAt ||= monotonicMicros();
          this.#totals.latencies.add(readAt - bytes.readDoubleBE(end - this.#stampBeforeEnd));
        }
      }
      this.#skip = headBytes + length;
    }
  }

  #delivered(bytes: Buffer, payload: number, length: number): void {
    this.#totals.deliveries += 1;
    this.#totals.bytes += length;
    const seq = uintAt(bytes, payload + SEQ_AT);
    if (seq !== this.#lastSeq + 1 && this.#lastSeq !== 0) this.#totals.outOfOrder += 1;
    const ahead = seq - this.#lastSeq;
    if (ahead > 0) {
      this.#window = ahead < WINDOW_POSITIONS ? (this.#window << ahead) | 1 : 1;
      this.#lastSeq = seq;
    } else this.#behind(-ahead);
  }

  #behind(distance: number): void {
    const bit = distance < WINDOW_POSITIONS ? 1 << distance : 0;
    if ((this.#window & bit) !== 0) this.#totals.duplicates += 1;
    else this.#totals.overtaken += 1;
    this.#window |= bit;
  }
}

function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short === 126) return bytes.readUInt16BE(at + 2);
  return short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
}
