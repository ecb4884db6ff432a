import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { type RunningServer, type ServerOptions, startServer } from './server-process.ts';

export type MongoServer = RunningServer;

/** Python tools of the tests, made by `npm test` and `npm run services`. */
export const pythonToolsDir: string = fileURLToPath(new URL('../../../.cache/python', import.meta.url));

const secantus = join(pythonToolsDir, 'bin', 'secantusd-py');

/** One real server that speaks MongoDB's wire protocol: `mongod` when there is one, else SecantusDB. */
export function startMongoServer(options: ServerOptions = {}): Promise<MongoServer> {
  const mongod = findInPath('mongod');
  return startServer(
    {
      name: 'mongo',
      command: (port, dir) =>
        mongod === undefined
          ? // Without --sync-on-commit it acknowledges majority writes that SIGKILL then takes back.
            [
              secantus,
              '--port',
              `${port}`,
              '--storage-path',
              join(dir, 'db'),
              '--cache-size',
              '256M',
              '--sync-on-commit',
            ]
          : [mongod, '--port', `${port}`, '--bind_ip', '127.0.0.1', '--dbpath', dir],
      url: (port) => `mongodb://127.0.0.1:${port}`,
      probe: ping,
    },
    options,
  );
}

export function findInPath(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
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
