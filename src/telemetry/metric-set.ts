import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export const METRIC_PREFIX = 'conclave_';

type Label<Name extends string> = Readonly<Record<Name, string>>;

/** Makes metrics of one registry. Hot ones are plain numbers that are read when someone asks for the page. */
export class MetricSet {
  readonly registry: Registry = new Registry();

  /** A counter whose value is kept elsewhere and only rises. */
  total(name: string, help: string, value: () => number): void {
    new Counter({
      name: METRIC_PREFIX + name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  /** A gauge whose value is kept elsewhere. */
  level(name: string, help: string, value: () => number): void {
    new Gauge({
      name: METRIC_PREFIX + name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  /** A gauge that is always 1, for the sake of its labels. */
  info(name: string, help: string, labels: Readonly<Record<string, string>>): void {
    const labelNames = Object.keys(labels);
    new Gauge({ name: METRIC_PREFIX + name, help, labelNames, registers: [this.registry] }).set(labels, 1);
  }

  counter<Name extends string>(
    name: string,
    help: string,
    labelNames: readonly Name[],
  ): (labels: Label<Name>, by?: number) => void {
    const counter = new Counter<Name>({
      name: METRIC_PREFIX + name,
      help,
      labelNames,
      registers: [this.registry],
    });
    return (labels, by = 1) => counter.inc(labels, by);
  }

  histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void {
    const histogram = new Histogram({
      name: METRIC_PREFIX + name,
      help,
      buckets: [...buckets],
      registers: [this.registry],
    });
    return (value) => histogram.observe(value);
  }

  labelledHistogram<Name extends string>(
    name: string,
    help: string,
    labelNames: readonly Name[],
    buckets: readonly number[],
  ): (labels: Label<Name>, value: number) => void {
    const histogram = new Histogram<Name>({
      name: METRIC_PREFIX + name,
      help,
      labelNames,
      buckets: [...buckets],
      registers: [this.registry],
    });
    return (labels, value) => histogram.observe(labels, value);
  }
}
