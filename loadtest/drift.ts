/** All gateways together at one moment; `cpuSeconds` and `deliveries` since their start. */
export interface Sample {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly cpuSeconds: number;
  readonly deliveries: number;
}

/** What a fifth of the time was like. */
interface Stretch {
  /** The median. */
  readonly residentBytes: number;
  /** The least, which is nearest to what lives: the rest is garbage that was not collected yet. */
  readonly heapBytes: number;
  /** NaN when nothing was delivered. */
  readonly cpuSecondsByDelivery: number;
}

/** Of samples beyond, every other one is dropped. */
const SAMPLES_MAX = 4_000;
const PARTS = 5;
/** Less is no ground for a comparison. */
const SAMPLES_MIN = 10 * PARTS;

/** Tells whether something grows or gets slower: the first fifth of a run beside the last one. */
export class Drift {
  #samples: Sample[] = [];
  /** Of so many that come, one is kept. */
  #keepEvery = 1;
  #came = 0;

  add(sample: Sample): void {
    this.#came += 1;
    if (this.#came % this.#keepEvery !== 0) return;
    this.#samples.push(sample);
    if (this.#samples.length < SAMPLES_MAX) return;
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    this.#keepEvery *= 2;
  }

  /** Undefined for a short run. */
  ends(): { readonly first: Stretch; readonly last: Stretch } | undefined {
    if (this.#samples.length < SAMPLES_MIN) return undefined;
    const size = Math.floor(this.#samples.length / PARTS);
    return { first: stretch(this.#samples.slice(0, size)), last: stretch(this.#samples.slice(-size)) };
  }
}

function stretch(samples: readonly Sample[]): Stretch {
  const resident = samples.map(({ residentBytes }) => residentBytes).sort((a, b) => a - b);
  const [begin, end] = [samples[0], samples.at(-1)];
  const cpu = (end?.cpuSeconds ?? 0) - (begin?.cpuSeconds ?? 0);
  return {
    residentBytes: resident[Math.floor(resident.length / 2)] ?? 0,
    heapBytes: Math.min(...samples.map(({ heapBytes }) => heapBytes)),
    cpuSecondsByDelivery: cpu / ((end?.deliveries ?? 0) - (begin?.deliveries ?? 0)),
  };
}
