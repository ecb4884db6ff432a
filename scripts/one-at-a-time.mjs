// Two builds of one clone at the same time would remove each other's files. Only Node's own modules: it runs before any
// package is there.
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const folder = '.cache';
/** Relative, since the system cuts long paths of sockets. */
const socketFile = join(folder, 'build.sock');
const address = process.platform === 'win32' ? join('\\\\.\\pipe', process.cwd(), socketFile) : socketFile;

/**
 * Runs `work` while no other process of this clone runs any; `waits` is called when there is one to wait for. A listening
 * socket is the lock, as of a gateway's data folder: it dies with its process, whatever ends it.
 */
export async function oneAtATime(work, waits) {
  mkdirSync(folder, { recursive: true });
  let lock = await tryToListen();
  while (lock === undefined) {
    await othersTurn(waits);
    lock = await tryToListen();
  }
  const waiting = [];
  lock.on('connection', (socket) => waiting.push(socket.on('error', () => undefined)));
  try {
    return await work();
  } finally {
    // First, so that those who wake find it free.
    lock.close();
    for (const socket of waiting) socket.destroy();
  }
}

async function tryToListen() {
  const server = createServer().listen(address);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** Resolves when the process that has the lock may have let go of it. */
async function othersTurn(waits) {
  const left = statSync(socketFile, { throwIfNoEntry: false });
  const other = connect(address);
  try {
    await once(other, 'connect');
    waits();
    await once(other, 'close');
  } catch (error) {
    // Killed while it had the lock. Nobody else may have replaced what it left by now.
    if (error.code === 'ECONNREFUSED' && statSync(socketFile, { throwIfNoEntry: false })?.ino === left?.ino)
      rmSync(socketFile, { force: true });
  }
}
