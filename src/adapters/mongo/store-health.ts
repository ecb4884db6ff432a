import type { Db, Document } from 'mongodb';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Half of what the alerts wait for. */
const LOOK_EVERY_MS = 15_000;

/**
 * Shows the free disk of MongoDB's primary and how far a majority of its set is behind. Both are for operators only: a
 * server that does not say, or a user that may not ask, leaves them unknown and is no fault of the store.
 */
export class StoreHealth {
  readonly #db: Db;
  readonly #telemetry: Telemetry;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(db: Db, telemetry: Telemetry) {
    this.#db = db;
    this.#telemetry = telemetry;
  }

  /** Looks at once, then again and again until close(). */
  start(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const ask = (command: Document): Promise<unknown> => this.#db.command(command).catch(() => undefined);
    const [hello, stats] = await Promise.all([ask({ hello: 1 }), ask({ dbStats: 1 })]);
    if (this.#closed) return;
    this.#telemetry.storeLag(majorityLagSeconds(hello));
    this.#telemetry.storeFree(freeDiskBytes(stats), 0);
    this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS);
  }
}

/** From a primary's reply to `hello`: its last write, less the last one that a majority has. 0 when it does not say. */
export function majorityLagSeconds(hello: unknown): number {
  const lastWrite = field(hello, 'lastWrite');
  const [last, majority] = [field(lastWrite, 'lastWriteDate'), field(lastWrite, 'majorityWriteDate')];
  if (!(last instanceof Date) || !(majority instanceof Date)) return 0;
  return Math.max(0, (last.getTime() - majority.getTime()) / 1_000);
}

/** From the reply to `dbStats`. Infinity when it does not say. */
export function freeDiskBytes(stats: unknown): number {
  const [total, used] = [field(stats, 'fsTotalSize'), field(stats, 'fsUsedSize')];
  if (typeof total !== 'number' || typeof used !== 'number') return Number.POSITIVE_INFINITY;
  return Math.max(0, total - used);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
