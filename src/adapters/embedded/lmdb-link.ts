import { chmodSync, existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { makeFolders } from '../../lib/make-folders.ts';
import { StartRefused } from '../../ports/backend.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { DataDirLock } from './data-dir-lock.ts';
import { DATA_FILE, damagedStore, isDamage, refuseDamaged } from './data-file.ts';
import { DiskFull, DiskRoom } from './disk-room.ts';
import { checkSchema } from './schema-number.ts';
import { openTables, TableReader, tableNames } from './store-tables.ts';
import { StoredRowFault } from './stored-rows.ts';
import { type CommitSize, type Decision, WriteLane, type WriteOptions } from './write-lane.ts';

/** How often room on the disk is looked for, and a store that refused a write is tried again. */
const LOOK_EVERY_MS = 1000;
/** Attempts to take the directory while others come and go in it. */
const LOCK_ATTEMPTS_MAX = 10;

const smallest: CommitSize = { byteCount: 0, changeCount: 1, fromReserve: false };

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
  readonly #room: DiskRoom;
  #environment: OpenEnvironment | undefined;
  #closed = false;
  #up = false;
  #full = false;
  #look: NodeJS.Timeout | undefined;

  constructor(dataDir: string, reserveBytes: number, telemetry: Telemetry) {
    this.#dataDir = resolve(dataDir);
    this.#telemetry = telemetry;
    this.#room = new DiskRoom(this.#dataDir, reserveBytes, telemetry);
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** True while writes are refused for lack of room on the disk. */
  get isFull(): boolean {
    return this.#full;
  }

  /** Throws StartRefused. */
  async open(): Promise<void> {
    if (this.#environment !== undefined) return;
    this.#makeDirectory();
    await this.#requireRoomForNewStore();
    const lock = this.#makeLock();
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
      throw this.#refusalOf(error);
    }
    this.#setUp(true);
    await this.#room.require(smallest).catch((error: unknown) => this.#lost(error));
    this.#lookLater();
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
    options: Pick<WriteOptions, 'fromReserve'> = {},
  ): Promise<T> {
    return this.#measured(operation, ({ lane, reader }) =>
      lane.run((view) => decision(view, reader), { ...options, alone: true }),
    );
  }

  /**
   * For what is kept beside LMDB in the data directory: runs `work` while there is room for so many bytes on the disk. Throws
   * Unavailable, also for whatever the system refuses.
   */
  async beside<T>(operation: string, byteCount: number, work: () => Promise<T>): Promise<T> {
    return this.#measured(operation, async () => {
      if (byteCount > 0) await this.#room.require({ ...smallest, byteCount });
      return work();
    });
  }

  /** Waits for writes under way; every later call throws Unavailable. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#look);
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
      makeFolders(this.#dataDir);
      if ((statSync(this.#dataDir).mode & 0o077) !== 0) this.#telemetry.warn('data_dir_open_to_others');
    } catch (error) {
      throw new StartRefused(
        'configuration',
        `the data directory ${this.#dataDir} can't be made: ${messageOf(error)}`,
        error,
      );
    }
  }

  #makeLock(): DataDirLock {
    try {
      return new DataDirLock(this.#dataDir, async () => this.#opened().lane.hold());
    } catch (error) {
      throw this.#refusalOf(error);
    }
  }

  /** What the system refused becomes a reason for a person; the rest stays. */
  #refusalOf(error: unknown): unknown {
    if (isDamage(error)) return damagedStore(join(this.#dataDir, DATA_FILE), error);
    if (!(error instanceof Error) || !('syscall' in error)) return error;
    return new StartRefused(
      'configuration',
      `the data directory ${this.#dataDir} can't be used: ${error.message}`,
      error,
    );
  }

  /** One that is there can be read on a full disk, and takes writes when there is room again. */
  async #requireRoomForNewStore(): Promise<void> {
    if (existsSync(join(this.#dataDir, DATA_FILE))) return;
    await this.#room.require(smallest).catch((error: unknown) => {
      throw new StartRefused('configuration', messageOf(error), error);
    });
  }

  async #openLocked(lock: DataDirLock): Promise<OpenEnvironment> {
    refuseDamaged(this.#dataDir);
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
      const lane = new WriteLane(tables, reader, (size) => this.#room.require(size));
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
      for (const file of [DATA_FILE, 'lock.mdb']) chmodSync(join(this.#dataDir, file), 0o600);
      return root;
    } catch (error) {
      if (isDamage(error)) throw error;
      throw new StartRefused(
        'configuration',
        `the store in ${this.#dataDir} can't be opened: ${messageOf(error)}`,
        error,
      );
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
      const cause = error instanceof Unavailable ? error.cause : error;
      this.#telemetry.backendError('lmdb', cause instanceof DiskFull ? 'full' : 'other');
      this.#lost(cause);
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
    if (!this.#up || this.#closed) return;
    this.#full = error instanceof DiskFull;
    this.#setUp(false);
    this.#telemetry.warn(this.#full ? 'store_full' : 'store_down', error);
  }

  /** While up, sees the disk fill up before a write does; while down, tries to write. */
  #lookLater(): void {
    this.#look = setTimeout(() => {
      const looked = this.#up
        ? this.#room.require(smallest)
        : this.write('probe', (view) => view.put('meta', Buffer.from('probe'), Buffer.from([1])));
      looked
        .then(() => this.#setUp(true))
        .catch((error: unknown) => this.#lost(error))
        .finally(() => {
          if (!this.#closed) this.#lookLater();
        });
    }, LOOK_EVERY_MS).unref();
  }

  #setUp(up: boolean): void {
    if (up === this.#up || (up && this.#closed)) return;
    this.#up = up;
    this.#telemetry.storeUp(up);
    if (!up) return;
    this.#full = false;
    this.#telemetry.info('store_up');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
