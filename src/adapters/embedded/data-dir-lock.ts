import { type BigIntStats, closeSync, lstatSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { StartRefused } from '../../ports/backend.ts';

const SOCKET_NAME = 'gateway.sock';
/** Unix socket addresses hold 104 bytes on macOS and 108 on Linux, a zero at the end included. */
const SOCKET_PATH_BYTES_MAX = 103;
/** Processes that ask for something at a time. */
export const ASKING_MAX = 16;
/** How long a gateway writes nothing so that another process can open its store. */
export const HOLD_MS_MAX = 2_000;
/** What is sent to ask for that, and back once nothing is being written. */
const HOLD = 'h';

/** Resolves when nothing is being written, with what lets writing go on. */
export type HoldWrites = () => Promise<() => void>;

/**
 * One process at a time. LMDB itself lets a second process in, and file locks need native code; a listening Unix socket
 * dies with its process, whatever ends it. What a killed process left behind refuses connections, and is replaced.
 */
export class DataDirLock {
  readonly #socketFile: string;
  readonly #dataDir: string;
  readonly #address: string;
  readonly #directoryFd: number | undefined;
  readonly #holdWrites: HoldWrites | undefined;
  #isHeld = false;
  #server: Server | undefined;

  /** `holdWrites` is asked by others who open the store: see betweenCommits. */
  constructor(dataDir: string, holdWrites?: HoldWrites) {
    this.#dataDir = dataDir;
    this.#holdWrites = holdWrites;
    this.#socketFile = join(dataDir, SOCKET_NAME);
    const address = addressOf(this.#socketFile, dataDir);
    this.#address = address.path;
    this.#directoryFd = address.directoryFd;
  }

  /** Throws StartRefused when another process listens. Answers what a dead one left behind. */
  async probe(): Promise<BigIntStats | undefined> {
    const left = lstatSync(this.#socketFile, { bigint: true, throwIfNoEntry: false });
    if (left === undefined) return undefined;
    const code = await connectionError(this.#address);
    if (code === 'ENOENT') return undefined;
    if (code === 'ECONNREFUSED') return left;
    throw new StartRefused(
      'data_dir_in_use',
      `the data directory ${this.#dataDir} is in use by another gateway: without Redis and MongoDB one process runs at a time`,
      code === undefined ? undefined : new Error(code),
    );
  }

  /**
   * Listens, in place of `left`. Synchronous, and to be called while nobody else can (under LMDB's writer lock); false
   * when something else came in between: probe again.
   */
  take(left: BigIntStats | undefined): boolean {
    const there = lstatSync(this.#socketFile, { bigint: true, throwIfNoEntry: false });
    if (there !== undefined) {
      if (there.ino !== left?.ino || there.ctimeNs !== left.ctimeNs) return false;
      rmSync(this.#socketFile);
    }
    const server = createServer((socket) => this.#answer(socket));
    server.maxConnections = ASKING_MAX;
    // Node binds and listens before listen() returns; only the outcome is told later.
    server.listen(this.#address);
    // A connection that can't be accepted harms only whoever asks.
    server.on('error', () => undefined);
    server.unref();
    this.#server = server;
    return true;
  }

  /** Resolves when the socket listens. */
  async taken(): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.listening) return;
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', (error) =>
        reject(
          new StartRefused(
            'configuration',
            `no Unix socket can be made in ${this.#dataDir}: ${error.message}`,
            error,
          ),
        ),
      );
    });
  }

  /**
   * Runs `open`, which opens the store, while the gateway on it, if there is one, commits nothing. LMDB puts the number of the last
   * transaction that an opening process saw into the lock file, without the writer lock: a commit in between would be undone by the
   * next one (mdb.c of lmdb 3.5: mdb_env_open2). Throws StartRefused when the gateway does not agree.
   */
  async betweenCommits<T>(open: () => T): Promise<T> {
    const socket = connect(this.#address);
    try {
      const answer = await answerOf(socket);
      if (answer === 'nobody' || answer === 'held') return open();
    } finally {
      socket.destroy();
    }
    throw new StartRefused(
      'data_dir_in_use',
      `the gateway that uses ${this.#dataDir} did not pause its writes: try again; if it is of an earlier release, use the program of that release`,
    );
  }

  /** One at a time, and for a limited time. Whoever only looks whether somebody is here sends nothing. */
  #answer(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), HOLD_MS_MAX);
    socket.on('error', () => undefined);
    socket.once('close', () => clearTimeout(timer));
    socket.once('data', () => {
      if (this.#isHeld || this.#holdWrites === undefined) socket.destroy();
      else void this.#hold(socket, this.#holdWrites, () => timer.refresh());
    });
  }

  async #hold(socket: Socket, holdWrites: HoldWrites, beginTime: () => void): Promise<void> {
    this.#isHeld = true;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    try {
      const letGo = await holdWrites();
      if (!socket.destroyed) {
        beginTime();
        socket.write(HOLD);
        await closed;
      }
      letGo();
    } catch {
      // The store is not open yet, or no longer.
      socket.destroy();
    } finally {
      this.#isHeld = false;
    }
  }

  async release(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server?.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    // Only now: closing unlinks the socket by its address.
    if (this.#directoryFd !== undefined) closeSync(this.#directoryFd);
  }
}

/** The address may be too long for the kernel, which would cut it: then a shorter name of the same file is used. */
function addressOf(file: string, dataDir: string): { readonly path: string; readonly directoryFd?: number } {
  for (const path of [file, relative(process.cwd(), file)]) {
    if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return { path };
  }
  if (process.platform === 'linux') {
    const directoryFd = openSync(dataDir, 'r');
    return { path: `/proc/self/fd/${directoryFd}/${SOCKET_NAME}`, directoryFd };
  }
  throw new StartRefused(
    'configuration',
    `the path of the data directory ${dataDir} is too long: a Unix socket in it has to have one of at most ${SOCKET_PATH_BYTES_MAX} bytes`,
  );
}

/** Undefined: somebody answered. */
function connectionError(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });
}

/** To the request that nothing be written. */
function answerOf(socket: Socket): Promise<'nobody' | 'held' | 'refused'> {
  return new Promise((resolve) => {
    // A gateway that was stopped takes connections, and says nothing.
    socket.setTimeout(2 * HOLD_MS_MAX, () => socket.destroy());
    socket.once('connect', () => socket.write(HOLD));
    socket.once('data', () => resolve('held'));
    socket.once('close', () => resolve('refused'));
    socket.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      resolve(code === 'ENOENT' || code === 'ECONNREFUSED' ? 'nobody' : 'refused');
    });
  });
}
