import { setTimeout as pause } from 'node:timers/promises';
import { type Child, numberIn } from '../../loadtest/native/parent-and-child.ts';
import { cpuMicros, loadNow, monotonicMicros } from '../../loadtest/native/process-accounting.ts';
import type { Deliverer, DeliverySetup } from './delivery-setup.ts';

const SETTLE_DEADLINE_MS = 15_000;

/** Where messages enter: by members through the other gateway, or published straight to Redis. */
export type Entry = 'gateway' | 'injector';

export interface Condition {
  readonly title: string;
  readonly deliveriesPerSecond: number;
  /** 0: evenly spread. */
  readonly burstMs: number;
  readonly entry: Entry;
  /** Messages that may be on their way at once: bounds the queues when more is offered than can be carried. */
  readonly window?: number;
}

export interface Measured {
  readonly cpuPerDelivery: number;
  /** By the clock. */
  readonly perSecond: number;
  /** Of one core, that the deliverer used. */
  readonly cpuShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly frameBytes: number;
  /** Deliveries that had not come when nothing came any more, and those out of order. */
  readonly lost: number;
  readonly outOfOrder: number;
  readonly load: string;
}

export interface RunOptions {
  readonly warmMs: number;
  readonly measuredMs: number;
}

/** One run of one deliverer: warm up, measure, stop, and wait until everything that was sent has come. */
export async function runDelivery(
  setup: DeliverySetup,
  deliverer: Deliverer,
  condition: Condition,
  options: RunOptions,
): Promise<Measured> {
  const { receivers } = deliverer;
  const { members } = setup;
  const source = condition.entry === 'gateway' ? setup.senders : deliverer.injector;
  const first = await receivers.call('take');
  const feedback = await startFeedback(deliverer, condition, numberIn(first, 'deliveries'), members);
  await source.call('run', {
    perSecond: condition.deliveriesPerSecond / members,
    burstMs: condition.burstMs,
    window: condition.window ?? Number.MAX_SAFE_INTEGER,
  });
  await pause(options.warmMs);
  const begin = await mark(deliverer);
  await pause(options.measuredMs);
  const end = await mark(deliverer);
  const sent = numberIn(await source.call('stop'), 'sent');
  const expected = numberIn(first, 'deliveries') + sent * members;
  const arrived = await untilSettled(receivers, expected);
  await feedback();
  const deliveries = end.deliveries - begin.deliveries;
  const seconds = (end.at - begin.at) / 1_000_000;
  return {
    cpuPerDelivery: (end.cpu - begin.cpu) / deliveries,
    perSecond: deliveries / seconds,
    cpuShare: (end.cpu - begin.cpu) / (end.at - begin.at),
    p50Ms: end.p50 / 1_000,
    p99Ms: end.p99 / 1_000,
    frameBytes: (end.bytes - begin.bytes) / deliveries,
    lost: expected - arrived,
    outOfOrder: end.outOfOrder - begin.outOfOrder,
    load: loadNow(),
  };
}

async function startFeedback(
  { receivers, injector }: Deliverer,
  { window }: Condition,
  before: number,
  members: number,
): Promise<() => Promise<void>> {
  if (window === undefined) return () => Promise.resolve();
  receivers.onNews = (news) => {
    const messages = (numberIn(news, 'deliveries') - before) / members;
    injector.call('arrived', { messages }).catch((error: unknown) => console.error(error));
  };
  await receivers.call('progress', { on: true });
  return async () => {
    receivers.onNews = () => undefined;
    await receivers.call('progress', { on: false });
  };
}

interface Mark {
  readonly at: number;
  readonly cpu: number;
  readonly deliveries: number;
  readonly bytes: number;
  readonly outOfOrder: number;
  readonly p50: number;
  readonly p99: number;
}

async function mark({ pid, receivers }: Deliverer): Promise<Mark> {
  const taken = await receivers.call('take');
  const latency = (name: 'p50' | 'p99'): number =>
    numberIn(taken, 'samples') === 0 ? Number.NaN : numberIn(taken, name);
  return {
    at: monotonicMicros(),
    cpu: cpuMicros(pid),
    deliveries: numberIn(taken, 'deliveries'),
    bytes: numberIn(taken, 'bytes'),
    outOfOrder: numberIn(taken, 'outOfOrder'),
    p50: latency('p50'),
    p99: latency('p99'),
  };
}

async function untilSettled(receivers: Child, expected: number): Promise<number> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const deliveries = numberIn(await receivers.call('take'), 'deliveries');
    if (deliveries >= expected || Date.now() > deadline) return deliveries;
    await pause(50);
  }
}
