/**
 * A subscriber connection can be starved while it looks alive. So each has a channel of its own, to which this node
 * publishes through the ordinary path; what was published and is not heard for too long condemns the connection.
 * Found within PROBE_EVERY_MS + PROBE_UNHEARD_MS + PROBE_TICK_MS = 4.75 s.
 */
const PROBE_EVERY_MS = 2000;
const PROBE_UNHEARD_MS = 2500;
const PROBE_TICK_MS = 250;
const PROBE_RETRY_MS = 500;
/** After a longer pause of this process, what was published before it may still be waiting to be read. */
const PAUSED_TICK_MS = 1000;

export interface ProbeOwner {
  /** Publishes to the probe's channel; rejects when that fails. */
  publish(payload: Uint8Array): Promise<void>;
  /** Writes where the channel belongs; rejects when that fails. */
  write(): Promise<void>;
  /** isWritable changed. */
  writable(): void;
  /** False while the connection is down by its own account: nothing can be heard then. */
  isListening(): boolean;
  heard(lagSeconds: number): void;
  unheard(): void;
}

/** The probe of one connection. Times are milliseconds of this process's monotonic clock. */
export class SubscriberProbe {
  readonly #owner: ProbeOwner;
  readonly #timer: NodeJS.Timeout;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #tickAtMs = performance.now();
  /** When the oldest probe went out that Redis took and that was not heard yet. */
  #unheardSinceMs: number | undefined;
  #heardThroughMs = Number.NEGATIVE_INFINITY;
  #isHeard = false;
  #isWritable = false;

  constructor(owner: ProbeOwner) {
    this.#owner = owner;
    this.#timer = setInterval(() => this.#tick(), PROBE_TICK_MS);
  }

  /** True from the first probe that was heard on this connection until one that was not. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** True from a write that was taken until one that was not. */
  get isWritable(): boolean {
    return this.#isWritable;
  }

  /** The connection is new: starts over, with a probe at once. */
  restart(): void {
    this.reset();
    if (this.#owner.isListening()) this.#send(performance.now());
  }

  reset(): void {
    this.#isHeard = false;
    this.#unheardSinceMs = undefined;
    this.#sentAtMs = Number.NEGATIVE_INFINITY;
  }

  receive(payload: Uint8Array): void {
    if (payload.length !== 8) return;
    const sentAtMs = new DataView(payload.buffer, payload.byteOffset, 8).getFloat64(0);
    this.#heardThroughMs = Math.max(this.#heardThroughMs, sentAtMs);
    if (this.#unheardSinceMs !== undefined && this.#unheardSinceMs <= sentAtMs)
      this.#unheardSinceMs = undefined;
    this.#isHeard = true;
    this.#owner.heard((performance.now() - sentAtMs) / 1000);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = performance.now();
    const wasPaused = nowMs - this.#tickAtMs > PAUSED_TICK_MS;
    this.#tickAtMs = nowMs;
    if (!this.#owner.isListening()) return;
    if (wasPaused && this.#unheardSinceMs !== undefined) this.#unheardSinceMs = nowMs;
    if (this.#unheardSinceMs !== undefined && nowMs - this.#unheardSinceMs > PROBE_UNHEARD_MS) {
      this.reset();
      this.#owner.unheard();
    } else if (nowMs - this.#sentAtMs >= PROBE_EVERY_MS) this.#send(nowMs);
  }

  #send(nowMs: number): void {
    this.#sentAtMs = nowMs;
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setFloat64(0, nowMs);
    this.#owner.publish(payload).then(
      () => {
        if (this.#heardThroughMs < nowMs && this.#sentAtMs >= nowMs) this.#unheardSinceMs ??= nowMs;
      },
      // A publish that fails says nothing about the subscriber.
      () => this.#sendSooner(nowMs),
    );
    this.#owner.write().then(
      () => this.#setWritable(true),
      () => {
        this.#setWritable(false);
        this.#sendSooner(nowMs);
      },
    );
  }

  /** After a failure the next probe need not wait its full time. */
  #sendSooner(sentAtMs: number): void {
    if (this.#sentAtMs === sentAtMs) this.#sentAtMs = sentAtMs - PROBE_EVERY_MS + PROBE_RETRY_MS;
  }

  #setWritable(isWritable: boolean): void {
    if (this.#isWritable === isWritable) return;
    this.#isWritable = isWritable;
    this.#owner.writable();
  }
}
