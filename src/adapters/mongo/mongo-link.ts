import { type Db, MongoClient, type MongoClientOptions, MongoError } from 'mongodb';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { databaseName } from './database-name.ts';
import { ErrorWatch, isRefusal } from './error-watch.ts';
import { StoreHealth } from './store-health.ts';
import { probeWrite } from './write-probe.ts';

/** How often an idle or lost connection is tried. */
const PROBE_EVERY_MS = 1_000;
/** How often a write is tried while MongoDB takes writes. After a refused operation it is tried at the next probe. */
const WRITE_PROBE_EVERY_MS = 3_000;
/** Refused write probes in a row before this node is unready: an election or one slow secondary is over sooner. */
const REFUSALS_UNTIL_DOWN = 2;
/** The driver gives up this much before the deadline, so that its own, clearer error is the one that is told. */
const DRIVER_MARGIN_MS = 50;
/** For a connection, and for the driver's monitor, which drops all of them after that. At least as long as for an operation. */
const CONNECT_MS_MIN = 1_000;
/** Connections of one node; operations beyond wait for a free one, no longer than the driver's limit. */
const CONNECTIONS_MAX = 50;

class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

export interface MongoLinkOptions {
  readonly url: string;
  /** For one operation with all its steps. */
  readonly timeoutMs: number;
  readonly telemetry: Telemetry;
}

/**
 * The way every operation goes to MongoDB: measured, ended at its deadline, and with one error, Unavailable, whatever
 * the driver threw.
 *
 * Reads go to the primary with its default concern, 'local'. It sees every write that was acknowledged, and must see
 * those that are not yet: an insert that met a duplicate has to find it. A duplicate, or a conflict, may be answered
 * because a write that changed nothing, too, waits until what it met is held by the majority. A primary that was deposed
 * and does not know it may answer from the past for the seconds until it steps down ('majority' would not prevent that,
 * 'linearizable' costs every read a round of the whole set). It can't make majority writes, and those decide what must
 * not fork: positions, voids, rosters, names, ceilings. What it can do is let an identity in that was replaced just now.
 */
export class MongoLink {
  readonly db: Db;
  readonly #client: MongoClient;
  readonly #timeoutMs: number;
  readonly #telemetry: Telemetry;
  readonly #errors: ErrorWatch;
  readonly #health: StoreHealth;
  #answers = false;
  /** Write probes that MongoDB refused since the last that it took. */
  #refusals = 0;
  #toldUp = false;
  #closed = false;
  #answeredAtMs = 0;
  #wroteAtMs = Number.NEGATIVE_INFINITY;
  #probe: NodeJS.Timeout | undefined;

  /** Connects with the first operation. Throws the driver's error when the URL can't be understood. */
  constructor(options: MongoLinkOptions) {
    this.#timeoutMs = options.timeoutMs;
    this.#telemetry = options.telemetry;
    this.#errors = new ErrorWatch(options.telemetry);
    this.#client = new MongoClient(options.url, operationOptions(options.timeoutMs));
    this.db = this.#client.db(databaseName(options.url));
    this.#health = new StoreHealth(this.db, options.telemetry);
  }

  /** It answers, and takes writes. */
  get isUp(): boolean {
    return this.#answers && this.#refusals < REFUSALS_UNTIL_DOWN;
  }

  /**
   * Runs all steps of one operation. Throws Unavailable at the deadline or when the driver gives up; a step that was on
   * its way then may still take effect. Other exceptions of `work` are bugs and pass through.
   */
  async run<Result>(operation: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new Unavailable('store', new Error('the store is closed'));
    const startedMs = performance.now();
    try {
      const result = await this.#untilDeadline(work());
      this.#telemetry.storeDone(operation, 'ok', (performance.now() - startedMs) / 1000);
      this.#answered();
      return result;
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#errors.saw(error, error instanceof DeadlinePassed);
      this.#telemetry.storeDone(operation, 'unavailable', (performance.now() - startedMs) / 1000);
      // It is there. Whether it takes writes is for the next probe to say.
      if (isRefusal(error)) this.#wroteAtMs = Number.NEGATIVE_INFINITY;
      // One that others overtook was slow or unlucky; the service itself is not away.
      else if (this.#answeredAtMs < startedMs) this.#failed(error);
      throw new Unavailable('store', error);
    }
  }

  /** Throws Unavailable when it does not answer, or refuses to write. */
  async probe(): Promise<void> {
    try {
      await this.run('probe', () => probeWrite(this.db));
      this.#wroteAtMs = performance.now();
      this.#refusals = 0;
      this.#tellUp();
    } catch (error) {
      if (error instanceof Unavailable && isRefusal(error.cause)) {
        this.#refusals += 1;
        this.#tellUp(error.cause);
      }
      throw error;
    }
  }

  /** Keeps isUp true to the facts while nobody asks for anything. Ends with close(). */
  startProbing(): void {
    if (this.#closed || this.#probe !== undefined) return;
    const probe = async (): Promise<void> => {
      // What it found stands in isUp.
      await this.#probeWhatIsDue().catch(() => undefined);
      if (!this.#closed) this.#probe = setTimeout(() => void probe(), PROBE_EVERY_MS);
    };
    this.#probe = setTimeout(() => void probe(), PROBE_EVERY_MS);
    this.#health.start();
  }

  async #probeWhatIsDue(): Promise<void> {
    const nowMs = performance.now();
    if (!this.isUp || nowMs - this.#wroteAtMs >= WRITE_PROBE_EVERY_MS) await this.probe();
    else if (nowMs - this.#answeredAtMs >= PROBE_EVERY_MS)
      await this.run('probe', () => this.db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#probe);
    this.#health.close();
    this.#answers = false;
    this.#telemetry.storeUp(false);
    await this.#client.close();
  }

  async #untilDeadline<Result>(work: Promise<Result>): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      const passed = () => reject(new DeadlinePassed(`no answer within ${this.#timeoutMs} ms`));
      timer = setTimeout(passed, this.#timeoutMs);
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  #answered(): void {
    this.#answeredAtMs = performance.now();
    this.#answers = !this.#closed;
    this.#tellUp();
  }

  #failed(error: unknown): void {
    this.#answers = false;
    this.#tellUp(error);
  }

  /** Tells a change of isUp; `error` is what it went down for. */
  #tellUp(error?: unknown): void {
    const up = this.isUp;
    if (up === this.#toldUp || this.#closed) return;
    this.#toldUp = up;
    this.#telemetry.storeUp(up);
    if (up) this.#telemetry.info('store_up');
    else this.#telemetry.warn('store_down', error);
  }
}

/** The driver lets some errors of sockets through as Node threw them (EPIPE, for one); those have a code of letters. */
function isOutage(error: unknown): boolean {
  if (error instanceof MongoError || error instanceof DeadlinePassed) return true;
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false;
  return 'code' in error && typeof error.code === 'string';
}

/** What the URL must not change. Majority and journal: nothing is acknowledged that a crash could take back. */
export const durableOptions = {
  appName: 'conclave',
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
  promoteBuffers: true,
  promoteLongs: true,
  promoteValues: true,
} as const satisfies MongoClientOptions;

/**
 * The driver's `timeoutMS` has no effect in 7.9, so each wait gets its own limit. They could add up to more than the
 * deadline (selection, then socket, then a retry); what the caller sees is ended by the deadline above, what is left
 * behind by these.
 */
function operationOptions(timeoutMs: number): MongoClientOptions {
  const stepMs = Math.max(1, timeoutMs - DRIVER_MARGIN_MS);
  return {
    ...durableOptions,
    // A majority that is not reached is told by the server itself, and the connection lives on.
    writeConcern: { ...durableOptions.writeConcern, wtimeoutMS: stepMs },
    serverSelectionTimeoutMS: stepMs,
    waitQueueTimeoutMS: stepMs,
    socketTimeoutMS: stepMs,
    connectTimeoutMS: Math.max(CONNECT_MS_MIN, stepMs),
    heartbeatFrequencyMS: 1_000,
    maxPoolSize: CONNECTIONS_MAX,
  };
}
