import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { findInPath } from '../programs/find-in-path.ts';
import { type RunningServer, type ServerOptions, startServer } from './server-process.ts';

export type MongoServer = RunningServer;

/** Python tools of the tests, made by `npm test` and `npm run services`. */
export const pythonToolsDir: string = fileURLToPath(new URL('../../../.cache/python', import.meta.url));

/** SecantusDB in Python, for tests; the one in Rust is several times as fast, for load. Both take the same arguments. */
const secantusInPython = join(pythonToolsDir, 'bin', 'secantusd-py');
const secantusInRust = 'secantusd-rs';

/** One real server that speaks MongoDB's wire protocol: `mongod` when there is one on the PATH, else SecantusDB. */
export function startMongoServer(options: ServerOptions = {}): Promise<MongoServer> {
  return startServer(
    {
      name: 'mongo',
      command: mongoCommand,
      url: (port) => `mongodb://127.0.0.1:${port}`,
      probe: ping,
    },
    options,
  );
}

/**
 * Of a smaller one, a whole tier fills what WiredTiger lets be dirty. Then SecantusDB waits for its eviction under a lock for which
 * the threads wait whose snapshots keep it from evicting anything: it never answers again.
 */
const CACHE_SIZE = '2G';

function mongoCommand(port: number, dir: string): readonly [command: string, ...args: string[]] {
  const mongod = findInPath('mongod');
  if (mongod !== undefined) return [mongod, '--port', `${port}`, '--bind_ip', '127.0.0.1', '--dbpath', dir];
  const secantus = findInPath(secantusInRust) ?? secantusInPython;
  const place = ['--port', `${port}`, '--storage-path', join(dir, 'db')];
  // Without --sync-on-commit it acknowledges majority writes that SIGKILL then takes back.
  return [secantus, ...place, '--cache-size', CACHE_SIZE, '--sync-on-commit'];
}

/** What stores, for reports: figures depend on it. */
export function mongoName(): string {
  if (findInPath('mongod') !== undefined) return 'mongod';
  return findInPath(secantusInRust) === undefined ? 'SecantusDB in Python' : 'SecantusDB in Rust';
}

async function ping(port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}`, {
    directConnection: true,
    serverSelectionTimeoutMS: 1_000,
  });
  try {
    await client.db('admin').command({ ping: 1 });
  } finally {
    await client.close();
  }
}
