import { Drift } from './drift.ts';

/** What is read off a gateway's /metrics: counters, which are told as differences, and gauges, of which the highest is told. */
const counters = {
  cpuSeconds: 'process_cpu_seconds_total',
  deliveries: 'conclave_deliveries_total',
  messages: 'conclave_messages_accepted_total',
  logins: 'conclave_logins_total',
  storeOperations: 'conclave_store_operations_total',
  slowConsumers: 'conclave_slow_consumers_total',
} as const;
const gauges = {
  connections: 'conclave_connections',
  residentBytes: 'process_resident_memory_bytes',
  heapBytes: 'nodejs_heap_size_used_bytes',
} as const;

type CounterName = keyof typeof counters;
type GaugeName = keyof typeof gauges;
const counterNames: readonly CounterName[] = Object.keys(counters) as CounterName[];
const gaugeNames: readonly GaugeName[] = Object.keys(gauges) as GaugeName[];

type Look = Readonly<Record<CounterName | GaugeName, number>>;
type Operations = ReadonlyMap<string, number>;

interface Seen {
  readonly look: Look;
  readonly operations: Operations;
}

/** Of all gateways together: counters of the time between start and end, and the highest of each gauge. */
export type GatewayFigures = Look & {
  readonly gateways: number;
  /** Operations of the stores, by name. */
  readonly operations: ReadonlyMap<string, number>;
  readonly drift: ReturnType<Drift['ends']>;
  /** Gateways that ended meanwhile, or did not answer at the end. */
  readonly ended: number;
};

const LOOK_EVERY_MS = 2_000;
const ANSWER_MS_MAX = 5_000;

/** Looks at gateways' metrics from time to time, so that one that ends meanwhile is counted up to its last look. */
export class GatewayWatch {
  readonly #pages: () => readonly string[];
  readonly #first = new Map<string, Seen>();
  readonly #last = new Map<string, Seen>();
  /** Those that answered the last look. */
  #answering: ReadonlySet<string> = new Set();
  readonly #most: Record<GaugeName, number> = { connections: 0, residentBytes: 0, heapBytes: 0 };
  readonly #drift = new Drift();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** `pages`: the addresses of the /metrics of those that run now. */
  constructor(pages: () => readonly string[]) {
    this.#pages = pages;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.#lookAtAll();
    this.#timer = setInterval(() => {
      this.#looking = this.#lookAtAll();
    }, LOOK_EVERY_MS);
  }

  /** Undefined when no gateway answered. */
  async stop(): Promise<GatewayFigures | undefined> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#lookAtAll();
    if (this.#last.size === 0) return undefined;
    const counted = Object.fromEntries(counterNames.map((name) => [name, this.#since(name)]));
    const look = { ...this.#most, ...counted } as Look;
    return {
      ...look,
      gateways: this.#last.size,
      operations: this.#operationsSince(),
      drift: this.#drift.ends(),
      ended: [...this.#last.keys()].filter((page) => !this.#running.includes(page)).length,
    };
  }

  /** As of the last look: what happened since the start, and how many of the gateways do not answer. Undefined when none ever did. */
  get now():
    | {
        readonly connections: number;
        readonly messages: number;
        readonly deliveries: number;
        readonly silent: number;
      }
    | undefined {
    if (this.#last.size === 0) return undefined;
    return {
      connections: this.#sumNow('connections'),
      messages: this.#since('messages'),
      deliveries: this.#since('deliveries'),
      silent: this.#pages().length - this.#running.length,
    };
  }

  get #running(): readonly string[] {
    return this.#pages().filter((page) => this.#answering.has(page));
  }

  #sumNow(name: GaugeName): number {
    return this.#running.reduce((sum, page) => sum + (this.#last.get(page)?.look[name] ?? 0), 0);
  }

  #since(name: CounterName): number {
    let sum = 0;
    for (const [page, last] of this.#last) sum += last.look[name] - (this.#first.get(page)?.look[name] ?? 0);
    return sum;
  }

  #operationsSince(): Operations {
    const sums = new Map<string, number>();
    for (const [page, { operations }] of this.#last) {
      const first = this.#first.get(page)?.operations;
      for (const [name, count] of operations) {
        const since = count - (first?.get(name) ?? 0);
        if (since > 0) sums.set(name, (sums.get(name) ?? 0) + since);
      }
    }
    return sums;
  }

  async #lookAtAll(): Promise<void> {
    const answering = new Set<string>();
    await Promise.all(
      this.#pages().map(async (page) => {
        const seen = await lookAt(page);
        if (seen === undefined) return;
        answering.add(page);
        if (!this.#first.has(page)) this.#first.set(page, seen);
        this.#last.set(page, seen);
        for (const name of gaugeNames) this.#most[name] = Math.max(this.#most[name], seen.look[name]);
      }),
    );
    this.#answering = answering;
    this.#drift.add({
      residentBytes: this.#sumNow('residentBytes'),
      heapBytes: this.#sumNow('heapBytes'),
      cpuSeconds: this.#since('cpuSeconds'),
      deliveries: this.#since('deliveries'),
    });
  }
}

async function lookAt(page: string): Promise<Seen | undefined> {
  try {
    const answer = await fetch(page, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const text = await answer.text();
    const names = Object.entries({ ...counters, ...gauges });
    const figures = names.map(([name, metric]) => [name, sumOf(text, metric)]);
    return { look: Object.fromEntries(figures) as Look, operations: operationsOf(text) };
  } catch {
    // It has ended, or is too busy; the next look tells more.
    return undefined;
  }
}

/** Of all series of a metric on a page. */
export function sumOf(page: string, metric: string): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    if (!line.startsWith(metric)) continue;
    const behind = line.charAt(metric.length);
    if (behind === ' ' || behind === '{') sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

function operationsOf(page: string): Operations {
  const operations = new Map<string, number>();
  for (const [, name = '', count] of page.matchAll(
    /^conclave_store_operations_total\{[^}]*operation="(\w+)"[^}]*\} (\S+)$/gm,
  ))
    operations.set(name, (operations.get(name) ?? 0) + Number(count));
  return operations;
}

/** As lines of Markdown. */
export function gatewayLines(figures: GatewayFigures): readonly string[] {
  const { gateways, cpuSeconds, deliveries, messages, logins, storeOperations } = figures;
  const each = (count: number): string =>
    count === 0 ? '–' : `${((cpuSeconds / count) * 1_000_000).toFixed(1)} µs`;
  return [
    `- gateways: ${gateways}, together ${cpuSeconds.toFixed(1)} s of CPU; ${figures.connections} connections at most and ` +
      `${(figures.residentBytes / 1_024 / 1_024).toFixed(0)} MiB resident at most on one`,
    `- they took ${messages} messages and made ${deliveries} deliveries and ${logins} logins; ` +
      `${figures.slowConsumers} slow consumers were cut off`,
    ...endedLine(figures),
    `- operations of the stores: ${storeOperations}${storeOperations > 0 ? ` (${operationList(figures)})` : ''}`,
    `- all their CPU, whatever it went into, by delivery: ${each(deliveries)}; by message: ${each(messages)}`,
    ...driftLines(figures),
  ];
}

/** Why these counts may be below k6's own. */
function endedLine({ ended }: GatewayFigures): readonly string[] {
  if (ended === 0) return [];
  return [
    `- ${ended} gateways ended meanwhile or did not answer at the end; what each did after its last answer is not in these counts`,
  ];
}

/** Whether anything grows, leaks, or gets slower. */
function driftLines({ drift }: GatewayFigures): readonly string[] {
  if (drift === undefined) return [];
  const { first, last } = drift;
  const mebibytes = (name: 'residentBytes' | 'heapBytes'): string =>
    `${(first[name] / 1_024 / 1_024).toFixed(0)} → ${(last[name] / 1_024 / 1_024).toFixed(0)} MiB`;
  const micros = ({ cpuSecondsByDelivery }: typeof first): string =>
    Number.isFinite(cpuSecondsByDelivery) ? `${(cpuSecondsByDelivery * 1_000_000).toFixed(1)} µs` : '–';
  return [
    `- all of them, the first fifth of the time → the last: ${mebibytes('residentBytes')} resident, ` +
      `${mebibytes('heapBytes')} of heap at its least, ${micros(first)} → ${micros(last)} of CPU by delivery`,
  ];
}

function operationList({ operations }: GatewayFigures): string {
  const byCount = [...operations].sort(([, a], [, b]) => b - a);
  return byCount.map(([name, count]) => `${name} ${count}`).join(', ');
}
