import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { lastCommit } from '../../src/lib/lmdb-file.ts';
import { localError } from '../sdk/errors.ts';
import { isErrno } from './private-files.ts';

/**
 * The lock file of LMDB 0.9.90 with 64-bit glibc: a header of 64 bytes, then two robust mutexes of 40 bytes. The first word
 * of such a mutex is the thread that holds it, under two flags; the kind stands 16 bytes further.
 */
const MAGIC = 0xbeefc0de;
const FORMAT = 0x2c2f6002;
const FORMAT_AT = 4;
/** Number of the last transaction, after which writers and readers begin. */
const TRANSACTION_AT = 8;
const MUTEXES_AT = [64, 104] as const;
const KIND_AT = 16;
const ROBUST_AND_SHARED = 0x90;
const THREAD_BITS = 0x3fffffff;
const HEADER_BYTES = 144;
/** Then the slots of readers, as many as were ever used at once. Closing frees a process's slots; the first to open anew frees all. */
const SLOTS_USED_AT = 16;
const SLOTS_AT = 208;
const SLOT_BYTES = 64;
const SLOTS_MAX = 126;
const PROCESS_AT = 8;

/** A step under the lock takes milliseconds, and a second on a slow disk: who holds it for longer was stopped or hangs. */
export const LOCK_WAIT_MS_DEFAULT = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * Open files by path, each with the number of locks that use it. Closing one drops the file locks that LMDB itself holds in
 * this process, so it stays open until the last environment of that path is closed.
 */
const openFiles = new Map<string, OpenFile>();

interface OpenFile {
  readonly file: number;
  /** The same file for writing, once something had to be written. */
  writable?: number;
  users: number;
}

/**
 * Looks at the writer lock of an LMDB environment. LMDB waits for it without a limit, in calls that nothing can interrupt, so
 * its holder is looked for first. Where the lock file has another layout (macOS, musl), nobody is found and LMDB waits.
 */
export class WriterLock {
  readonly #path: string;
  readonly #waitMs: number;
  readonly #dataPath: string;
  #file: number | undefined;
  #dataFile: number | undefined;

  constructor(path: string, waitMs: number = LOCK_WAIT_MS_DEFAULT) {
    this.#dataPath = path;
    this.#path = `${path}-lock`;
    this.#waitMs = waitMs;
  }

  /** The process that holds the lock, unless it is this one. */
  holder(): number | undefined {
    const read = this.#read(HEADER_BYTES);
    if (read === undefined) return undefined;
    for (const at of MUTEXES_AT) {
      const thread = read.bytes.readUInt32LE(at) & THREAD_BITS;
      if (thread === 0 || read.bytes.readUInt32LE(at + KIND_AT) !== ROBUST_AND_SHARED) continue;
      const holder = processOf(thread, read.inode);
      if (holder !== undefined && holder !== process.pid) return holder;
    }
    return undefined;
  }

  /** Whether a process ended without closing the environment, perhaps because of what stands in its file. */
  wasLeftOpen(): boolean {
    const read = this.#read(SLOTS_AT + SLOTS_MAX * SLOT_BYTES);
    if (read === undefined) return false;
    const used = Math.min(read.bytes.readUInt32LE(SLOTS_USED_AT), SLOTS_MAX);
    return Array.from({ length: used }, (_, slot) =>
      read.bytes.readUInt32LE(SLOTS_AT + slot * SLOT_BYTES + PROCESS_AT),
    ).some((id) => id !== 0 && processOf(id, read.inode) === undefined);
  }

  /** Rejects with `profile_locked` when the same process holds the lock all the time. */
  async untilFree(): Promise<void> {
    const endsAt = performance.now() + this.#waitMs;
    for (let holder = this.holder(); holder !== undefined; holder = this.holder()) {
      if (performance.now() >= endsAt)
        throw localError('profile_locked', 'profile_locked', { process: holder, path: this.#path });
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  /**
   * To be asked in each write transaction, with its number, before anything else. False: it began before a commit that is on the
   * disk already, and would undo that, so it must write nothing and be run again.
   *
   * A process that opens an environment reads the number of the last transaction and then, without the writer lock, puts it into
   * the lock file (mdb.c of lmdb 3.5: mdb_env_open2). If another process committed meanwhile, the number goes back. Nobody commits
   * during a write transaction, so here it can be compared with the file, and put right. Only on Linux; elsewhere it is true.
   */
  isCurrent(transaction: number): boolean {
    if (this.#opened() === undefined) return true;
    this.#dataFile ??= openSync(this.#dataPath, 'r');
    const last = lastCommit(this.#dataFile);
    if (last === undefined || BigInt(transaction) > last) return true;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(last);
    writeSync(this.#writable(), bytes, 0, bytes.length, TRANSACTION_AT);
    return false;
  }

  #writable(): number {
    const opened = openFiles.get(this.#path);
    if (opened === undefined) throw new TypeError('the lock file is open here');
    opened.writable ??= openSync(this.#path, 'r+');
    return opened.writable;
  }

  /** To be called after the environment was closed. */
  close(): void {
    if (this.#dataFile !== undefined) closeSync(this.#dataFile);
    this.#dataFile = undefined;
    const opened = this.#file === undefined ? undefined : openFiles.get(this.#path);
    this.#file = undefined;
    if (opened === undefined) return;
    opened.users -= 1;
    if (opened.users > 0) return;
    openFiles.delete(this.#path);
    closeSync(opened.file);
    if (opened.writable !== undefined) closeSync(opened.writable);
  }

  /** Undefined: no such file, or one of another layout. */
  #read(length: number): { readonly bytes: Buffer; readonly inode: number } | undefined {
    const file = this.#opened();
    if (file === undefined) return undefined;
    const bytes = Buffer.alloc(length);
    if (readSync(file, bytes, 0, length, 0) < HEADER_BYTES) return undefined;
    if (bytes.readUInt32LE(0) !== MAGIC || bytes.readUInt32LE(FORMAT_AT) !== FORMAT) return undefined;
    return { bytes, inode: fstatSync(file).ino };
  }

  #opened(): number | undefined {
    if (this.#file !== undefined || process.platform !== 'linux') return this.#file;
    const opened = openFiles.get(this.#path) ?? openIfAny(this.#path);
    if (opened === undefined) return undefined;
    opened.users += 1;
    openFiles.set(this.#path, opened);
    this.#file = opened.file;
    return this.#file;
  }
}

/** See WriterLock.wasLeftOpen; for who has not opened it yet. */
export function wasLeftOpen(path: string): boolean {
  const lock = new WriterLock(path);
  try {
    return lock.wasLeftOpen();
  } finally {
    lock.close();
  }
}

function openIfAny(path: string): OpenFile | undefined {
  try {
    return { file: openSync(path, 'r'), users: 0 };
  } catch (error) {
    // LMDB makes it, or says why it can't use it.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'EACCES')) return undefined;
    throw error;
  }
}

/** Of a thread that uses this file; after a power cut its number may be that of anything. */
function processOf(thread: number, inode: number): number | undefined {
  try {
    const maps = readFileSync(`/proc/${thread}/maps`, 'utf8');
    if (!maps.split('\n').some((line) => Number(line.split(/\s+/)[4]) === inode)) return undefined;
    return Number(/^Tgid:\s*(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
