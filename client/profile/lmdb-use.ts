import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { localError } from '../sdk/errors.ts';
import { isErrno, isSystemError } from './private-files.ts';
import { unwritable } from './unwritable.ts';
import type { WriterLock } from './writer-lock.ts';

/** How often a transaction is run again that began before a commit. */
const TRIES_MAX = 100;
/** It began before a commit: see WriterLock.isCurrent. */
const STALE = Symbol('stale');

type Environment = Pick<RootDatabase<unknown, never>, 'transaction' | 'childTransaction' | 'getWriteTxnId'>;

/** More than the largest step writes. On a disk that is full LMDB damages the memory of the process: it must not get there. */
const FREE_BYTES_MIN = 4 * 1024 * 1024;

/**
 * Who works in an environment of LMDB. It must not be closed under a transaction: the writer thread would wait for a step of
 * this thread that never comes, and the process would never end.
 */
export class LmdbUse {
  readonly #path: string;
  readonly #lock: WriterLock;
  readonly #database: Environment;
  readonly #running = new Set<Promise<unknown>>();
  #ended = false;

  constructor(path: string, lock: WriterLock, database: Environment) {
    this.#path = path;
    this.#lock = lock;
    this.#database = database;
  }

  /** Throws `closed` once the end has begun. */
  check(): void {
    if (this.#ended) throw localError('closed', 'profile_closed');
  }

  /**
   * Runs one write transaction. Rejects with `closed` once the end has begun, `profile_locked` when another process does not
   * let go of the lock or others open the file all the time, and `profile_unwritable` when the disk is full, fails or is gone.
   */
  async write<T>(step: () => T, { asChild = false } = {}): Promise<T> {
    this.check();
    const running = this.#written(step, asChild);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Lets nothing more begin, and waits for what has. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled([...this.#running]);
  }

  /** Waits only when it has to, so that transactions begin in the order of the calls. */
  async #written<T>(step: () => T, asChild: boolean): Promise<T> {
    if (this.#lock.holder() !== undefined) await this.#lock.untilFree();
    requireSpace(this.#path);
    const guarded = (): T | typeof STALE =>
      this.#lock.isCurrent(this.#database.getWriteTxnId()) ? step() : STALE;
    try {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const outcome = await (asChild
          ? this.#database.childTransaction(guarded)
          : this.#database.transaction(guarded));
        if (outcome !== STALE) return outcome;
      }
      throw localError('profile_locked', 'profile_reopened', { path: this.#path });
    } catch (error) {
      const cause = await causeOfFailedCommit(error);
      throw cause === undefined ? error : unwritable(this.#path, cause);
    }
  }
}

/** Throws `profile_unwritable` when the disk has no room for a step, or the folder was taken away. */
export function requireSpace(path: string): void {
  const folder = dirname(path);
  if (freeBytes(folder) < FREE_BYTES_MIN)
    throw localError('profile_unwritable', 'disk_reserve', {
      path: folder,
      size: FREE_BYTES_MIN / 1024 / 1024,
    });
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bfree, bsize } = statfsSync(folder);
    return (process.getuid?.() === 0 ? bfree : bavail) * bsize;
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw localError('profile_unwritable', 'folder_gone', { path: folder }, error);
    throw unwritable(folder, error);
  }
}

/** LMDB hands the cause over as a promise of its own, which would end the process if nobody listened. */
async function causeOfFailedCommit(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return isSystemError(error) ? error : undefined;
  return Promise.resolve(error.commitError).then(
    () => error,
    (cause: unknown) => cause,
  );
}
