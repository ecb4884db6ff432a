import { setTimeout as pause } from 'node:timers/promises';
import { numberIn } from '../../loadtest/native/parent-and-child.ts';
import { cpuMicros, loadNow, monotonicMicros } from '../../loadtest/native/process-accounting.ts';
import { type Deliverer, deliveriesSoFar } from '../contestants/contestant.ts';

/** Nothing comes any more. */
const STILL_MS = 5_000;
const LOOK_EVERY_MS = 50;
/** How often the injector hears what has arrived: about once in so many parts of the window's time. */
const NEWS_MS_MIN = 4;
const NEWS_MS_MAX = 100;

/** Where messages enter: by members through another gateway, or published straight to Redis. */
export type Entry = 'gateway' | 'injector';

export interface Condition {
  readonly title: string;
  readonly deliveriesPerSecond: number;
  /** As many as can be carried: the window decides how many that are. */
  readonly isMost: boolean;
  /** 0: evenly spread. */
  readonly burstMs: number;
  readonly entry: Entry;
  /** Messages that may be on their way at once: bounds the queues when more is offered than can be carried. */
  readonly window: number;
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
  readonly members: number;
  readonly warmMs: number;
  readonly measuredMs: number;
}

/** One run of one deliverer: warm up, measure, stop, and wait until everything that was sent has come. */
export async function runDelivery(
  deliverer: Deliverer,
  condition: Condition,
  { members, warmMs, measuredMs }: RunOptions,
): Promise<Measured> {
  const senders = condition.entry === 'gateway' ? deliverer.senders : undefined;
  const source = senders ?? deliverer.injector;
  const first = await deliveriesSoFar(deliverer);
  const feedback =
    senders === undefined ? await startFeedback(deliverer, condition, first, members) : undefined;
  await source.call('run', {
    perSecond: condition.deliveriesPerSecond / members,
    burstMs: condition.burstMs,
    window: condition.window,
  });
  await pause(warmMs);
  const begin = await mark(deliverer);
  await pause(measuredMs);
  const end = await mark(deliverer);
  const sent = numberIn(await source.call('stop'), 'sent');
  const expected = first + sent * members;
  await untilSettled(deliverer, expected);
  await feedback?.();
  const last = await mark(deliverer);
  const deliveries = end.deliveries - begin.deliveries;
  const seconds = (end.at - begin.at) / 1_000_000;
  return {
    cpuPerDelivery: (end.cpu - begin.cpu) / deliveries,
    perSecond: deliveries / seconds,
    cpuShare: (end.cpu - begin.cpu) / (end.at - begin.at),
    p50Ms: end.p50 / 1_000,
    p99Ms: end.p99 / 1_000,
    frameBytes: (end.bytes - begin.bytes) / deliveries,
    lost: expected - last.deliveries,
    outOfOrder: last.outOfOrder - begin.outOfOrder,
    load: loadNow(),
  };
}

/** Gives how to end it. */
async function startFeedback(
  { receivers, injector }: Deliverer,
  { window, deliveriesPerSecond }: Condition,
  before: number,
  members: number,
): Promise<() => Promise<void>> {
  receivers.onNews = (news) => {
    const messages = (numberIn(news, 'deliveries') - before) / members;
    injector.call('arrived', { messages }).catch((error: unknown) => console.error(error));
  };
  const windowMs = (window * members * 1_000) / deliveriesPerSecond;
  const everyMs = Math.max(NEWS_MS_MIN, Math.min(NEWS_MS_MAX, windowMs / 10));
  await receivers.call('progress', { everyMs });
  return async () => {
    receivers.onNews = () => undefined;
    await receivers.call('progress', { everyMs: 0 });
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
  return {
    at: monotonicMicros(),
    cpu: cpuMicros(pid),
    deliveries: numberIn(taken, 'deliveries'),
    bytes: numberIn(taken, 'bytes'),
    outOfOrder: numberIn(taken, 'outOfOrder'),
    p50: 'p50' in taken ? numberIn(taken, 'p50') : Number.NaN,
    p99: 'p99' in taken ? numberIn(taken, 'p99') : Number.NaN,
  };
}

async function untilSettled(deliverer: Deliverer, expected: number): Promise<void> {
  let [before, changedAt] = [-1, Date.now()];
  for (;;) {
    const deliveries = await deliveriesSoFar(deliverer);
    if (deliveries >= expected) return;
    if (deliveries !== before) [before, changedAt] = [deliveries, Date.now()];
    if (Date.now() - changedAt > STILL_MS) return;
    await pause(LOOK_EVERY_MS);
  }
}
