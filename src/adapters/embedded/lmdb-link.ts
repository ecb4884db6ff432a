import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { StartRefused } from '../../ports/backend.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { DataDirLock } from './data-dir-lock.ts';
import { checkSchema } from './schema-number.ts';
import { openTables, TableReader, tableNames } from './store-tables.ts';
import { StoredRowFault } from './stored-rows.ts';
import { type Decision, WriteLane } from './write-lane.ts';

/** How often a store that refused a write is tried again. */
const PROBE_EVERY_MS = 1000;
/** Attempts to take the directory while others come and go in it. */
const LOCK_ATTEMPTS_MAX = 10;

interface OpenEnvironment {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly lock: DataDirLock;
  readonly reader: TableReader;
  readonly lane: WriteLane;
}

/** The open LMDB environment: what all embedded stores read and write through. */
export class LmdbLink {
  readonly #dataDir: string;
  readonly #telemetry: Telemetry;
  #environment: OpenEnvironment | undefined;
  #closed = false;
  #up = false;
  #probe: NodeJS.Timeout | undefined;

  constructor(dataDir: string, telemetry: Telemetry) {
    this.#dataDir = resolve(dataDir);
    this.#telemetry = telemetry;
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** Throws StartRefused. */
  async open(): Promise<void> {
    if (this.#environment !== undefined) return;
    this.#makeDirectory();
    const lock = new DataDirLock(this.#dataDir);
    try {
      await lock.probe();
      const environment = await this.#openLocked(lock);
      if (this.#closed) {
        await environment.root.close();
        throw new Unavailable('store', new Error('the store was closed while it started'));
      }
      this.#environment = environment;
    } catch (error) {
      await lock.release();
      throw error;
    }
    this.#setUp(true);
  }

  /** Consistent within one call: `work` is synchronous. Throws Unavailable. */
  async read<T>(operation: string, work: (reader: TableReader) => T): Promise<T> {
    return this.#measured(operation, async ({ reader }) => work(reader));
  }

  /** Atomic, and durable when it resolves. Throws Unavailable, after which it may or may not have happened. */
  async write<T>(operation: string, decision: Decision<T>): Promise<T> {
    return this.#measured(operation, ({ lane }) => lane.run(decision));
  }

  /** As write(), for decisions that read ranges too: they see all writes before them. */
  async writeAlone<T>(
    operation: string,
    decision: (view: Parameters<Decision<T>>[0], reader: TableReader) => T,
  ): Promise<T> {
    return this.#measured(operation, ({ lane, reader }) => lane.run((view) => decision(view, reader), true));
  }

  /** Waits for writes under way; every later call throws Unavailable. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#probe);
    const environment = this.#environment;
    this.#environment = undefined;
    if (environment === undefined) return;
    await environment.lane.idle();
    await environment.root.close();
    await environment.lock.release();
    this.#setUp(false);
  }

  #makeDirectory(): void {
    try {
      // The directory of a user's own choice keeps its mode: it may be one that others need.
      mkdirSync(this.#dataDir, { recursive: true, mode: 0o700 });
      if ((statSync(this.#dataDir).mode & 0o077) !== 0) this.#telemetry.warn('data_dir_open_to_others');
    } catch (error) {
      throw new StartRefused('configuration', `the data directory ${this.#dataDir} can't be made`, error);
    }
  }

  async #openLocked(lock: DataDirLock): Promise<OpenEnvironment> {
    const root = this.#openRoot();
    try {
      for (let attempt = 1; ; attempt += 1) {
        const left = await lock.probe();
        // LMDB's writer lock holds across processes and dies with its holder: one at a time looks and takes.
        if (root.transactionSync(() => lock.take(left))) break;
        if (attempt === LOCK_ATTEMPTS_MAX)
          throw new StartRefused('data_dir_in_use', `others keep opening ${this.#dataDir}`);
      }
      await lock.taken();
      const tables = openTables(root);
      const reader = new TableReader(tables);
      const lane = new WriteLane(tables, reader);
      await lane.run(checkSchema);
      return { root, lock, reader, lane };
    } catch (error) {
      await root.close();
      throw error;
    }
  }

  /**
   * Without overlappingSync a commit is flushed to the disk before its promise resolves; with it (LMDB's default on Linux)
   * "the write actions return a promise for when they are committed", and the flush comes later
   * (https://github.com/kriszyp/lmdb-js#overlappingsync-option). So whatever can be read is also durable.
   */
  #openRoot(): RootDatabase<Buffer, Buffer> {
    try {
      const root = open<Buffer, Buffer>({
        path: this.#dataDir,
        noSubdir: false,
        overlappingSync: false,
        // The lane makes its own batches. LMDB's would add a promise that nobody sees, and whose rejection ends the process.
        eventTurnBatching: false,
        maxDbs: tableNames.length,
      });
      for (const file of ['data.mdb', 'lock.mdb']) chmodSync(join(this.#dataDir, file), 0o600);
      return root;
    } catch (error) {
      throw new StartRefused('configuration', `the store in ${this.#dataDir} can't be opened`, error);
    }
  }

  async #measured<T>(operation: string, work: (environment: OpenEnvironment) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      const result = await work(this.#opened());
      this.#telemetry.storeDone(operation, 'ok', seconds());
      return result;
    } catch (error) {
      if (error instanceof StoredRowFault || error instanceof TypeError) throw error;
      this.#telemetry.storeDone(operation, 'unavailable', seconds());
      if (!this.#closed) this.#lost(error);
      throw error instanceof Unavailable ? error : new Unavailable('store', error);
    }
  }

  #opened(): OpenEnvironment {
    if (this.#environment !== undefined) return this.#environment;
    throw new Unavailable(
      'store',
      new Error(this.#closed ? 'the store is closed' : 'the store is not started'),
    );
  }

  #lost(error: unknown): void {
    if (!this.#up) return;
    this.#setUp(false);
    this.#telemetry.warn('store_refused', error);
    this.#probeLater();
  }

  #probeLater(): void {
    this.#probe = setTimeout(() => {
      this.write('probe', (view) => view.put('meta', Buffer.from('probe'), Buffer.from([1]))).then(
        () => this.#setUp(true),
        () => this.#probeLater(),
      );
    }, PROBE_EVERY_MS).unref();
  }

  #setUp(up: boolean): void {
    if (up === this.#up || (up && this.#closed)) return;
    this.#up = up;
    this.#telemetry.storeUp(up);
  }
}
