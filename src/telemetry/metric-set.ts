import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const METRIC_PREFIX = 'conclave_';

type Label<Name extends string> = Readonly<Record<Name, string>>;

/** A metric as its page of the documentation tells of it. */
export interface MetricDescription {
  /** With the prefix. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** Makes metrics of one registry. Hot ones are plain numbers that are read when someone asks for the page. */
export class MetricSet {
  readonly registry: Registry = new Registry();
  readonly #described: MetricDescription[] = [];

  /** In the order in which they were made. */
  get described(): readonly MetricDescription[] {
    return this.#described;
  }

  /** A counter whose value is kept elsewhere and only rises. */
  total(name: string, help: string, value: () => number): void {
    new Counter({
      ...this.#named('counter', name, help),
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  /** A gauge whose value is kept elsewhere. */
  level(name: string, help: string, value: () => number): void {
    new Gauge({
      ...this.#named('gauge', name, help),
      collect() {
        this.set(value());
      },
    });
  }

  /** A gauge that is always 1, for the sake of its labels. */
  info(name: string, help: string, labels: Readonly<Record<string, string>>): void {
    const labelNames = Object.keys(labels);
    new Gauge({ ...this.#named('gauge', name, help, labelNames), labelNames }).set(labels, 1);
  }

  /** `expected`: label values that are there from the start, as 0, so that the first event is a rise and not a new series. */
  counter<Name extends string>(
    name: string,
    help: string,
    labelNames: readonly Name[],
    expected: readonly Label<Name>[] = [],
  ): (labels: Label<Name>, by?: number) => void {
    const counter = new Counter<Name>({ ...this.#named('counter', name, help, labelNames), labelNames });
    for (const labels of expected) counter.inc(labels, 0);
    return (labels, by = 1) => counter.inc(labels, by);
  }

  histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void {
    const histogram = new Histogram({ ...this.#named('histogram', name, help), buckets: [...buckets] });
    return (value) => histogram.observe(value);
  }

  labelledHistogram<Name extends string>(
    name: string,
    help: string,
    labelNames: readonly Name[],
    buckets: readonly number[],
  ): (labels: Label<Name>, value: number) => void {
    const histogram = new Histogram<Name>({
      ...this.#named('histogram', name, help, labelNames),
      labelNames,
      buckets: [...buckets],
    });
    return (labels, value) => histogram.observe(labels, value);
  }

  #named(
    type: MetricDescription['type'],
    shortName: string,
    help: string,
    labels: readonly string[] = [],
  ): { readonly name: string; readonly help: string; readonly registers: Registry[] } {
    const name = METRIC_PREFIX + shortName;
    this.#described.push({ name, type, labels, help });
    return { name, help, registers: [this.registry] };
  }
}
