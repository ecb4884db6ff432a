import type { Telemetry } from '../ports/telemetry.ts';
import { DeadlineQueue } from './timers.ts';

/** The rest is for connections that were ended and still hold what was on its way to them. */
const WAITING_SHARE = 0.75;
/** Consumers are closed until this share of the limit is reached, so that the next frame does not close another one. */
const RELIEVED_SHARE = 0.9;
/** A socket that was ended is dropped by the transport after so long, whether its peer has read or not. */
const LEAVING_MS = 16_000;

export interface Consumer {
  /** That its socket held when last looked at. */
  readonly bufferedBytes: number;
  /** Closes it as one that is too slow. Its bytes have been taken off the sum when this returns. */
  evict(): void;
}

/** The sum of what a node's sockets hold for clients that do not read fast enough. */
export class OutboxBudget {
  readonly #telemetry: Telemetry;
  readonly #waitingMax: number;
  readonly #leavingMax: number;
  readonly #consumers = new Set<Consumer>();
  readonly #leavers = new DeadlineQueue(LEAVING_MS);
  #waiting = 0;
  #leaving = 0;
  #isRelieving = false;

  constructor(telemetry: Telemetry, bytesMax: number) {
    this.#telemetry = telemetry;
    this.#waitingMax = WAITING_SHARE * bytesMax;
    this.#leavingMax = bytesMax - this.#waitingMax;
    telemetry.outboxBytesMax(bytesMax);
  }

  /** A consumer's bufferedBytes changed by so much. */
  changed(consumer: Consumer, change: number): void {
    this.#waiting += change;
    this.#telemetry.outboxBytes(change);
    if (consumer.bufferedBytes > 0) this.#consumers.add(consumer);
    else this.#consumers.delete(consumer);
    if (this.#waiting > this.#waitingMax && !this.#isRelieving) this.#relieve();
  }

  /** The largest first: the fewest are closed, and those that read are not among them. */
  #relieve(): void {
    this.#isRelieving = true;
    const largestFirst = [...this.#consumers].sort((a, b) => b.bufferedBytes - a.bufferedBytes);
    for (const consumer of largestFirst) {
      if (this.#waiting <= RELIEVED_SHARE * this.#waitingMax) break;
      this.#telemetry.outboxEvicted();
      consumer.evict();
    }
    this.#isRelieving = false;
  }

  /**
   * A connection is about to be ended while its socket holds so much, which stays in memory until the peer has read it
   * or the transport gives up. False: there is no room for that, so it has to be dropped at once.
   */
  mayLeave(byteCount: number): boolean {
    if (byteCount === 0) return true;
    if (this.#leaving + byteCount > this.#leavingMax) return false;
    this.#left(byteCount);
    this.#leavers.add({
      startedAtMs: performance.now(),
      isDone: () => false,
      deadlinePassed: () => this.#left(-byteCount),
    });
    return true;
  }

  #left(change: number): void {
    this.#leaving += change;
    this.#telemetry.outboxBytesLeaving(change);
  }

  close(): void {
    this.#leavers.close();
  }
}
