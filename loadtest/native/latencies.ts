import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';

/** Three digits of every value up to ten minutes, in µs, in a fixed amount of memory. */
const shape = {
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: 600_000_000,
  numberOfSignificantValueDigits: 3,
} as const;

/** How long things took, in µs, however many there were. */
export class Latencies {
  #histogram: Histogram = build(shape);

  add(micros: number): void {
    this.#histogram.recordValue(Math.min(shape.highestTrackableValue, Math.max(1, Math.round(micros))));
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The smallest value that at least this share of all does not exceed, in µs; NaN of none. */
  quantile(share: number): number {
    return this.count === 0 ? Number.NaN : this.#histogram.getValueAtPercentile(share * 100);
  }

  get most(): number {
    return this.count === 0 ? Number.NaN : this.#histogram.maxValue;
  }

  /** Gives what there is, and begins anew. */
  take(): Latencies {
    const taken = new Latencies();
    taken.#histogram = this.#histogram;
    this.#histogram = build(shape);
    return taken;
  }

  /** For another process. */
  toText(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  addText(text: string): void {
    this.#histogram.add(decodeFromCompressedBase64(text, shape.bitBucketSize));
  }
}
