import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MongoClient } from 'mongodb';
import { goProgram } from '../programs/go-program.ts';
import { type RunningServer, startServer } from '../services/server-process.ts';

/** Digits only: whoever takes it for a number loses its zeros. */
const PASSWORD = '00123400';

/**
 * The collector that deploy/ runs, with the file that is deployed: it signs in as the user that is made for it, with a
 * password from a file. Built when it is not there yet.
 *
 * @param mongo HOST:PORT. Each database there makes series, so it should be a test's own.
 * @param say gets a line now and then while it is built.
 */
export async function startMongoCollector(
  mongo: string,
  say: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<RunningServer> {
  const program = await goProgram(join('test', 'deploy', 'mongo-collector'), say);
  if (!program.ok) throw new Error(program.problem);
  await makeUser(mongo);
  return startServer(
    {
      name: 'mongo-collector',
      command: (port, dir) => {
        const passwordFile = join(dir, 'password');
        writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
        const variables = [`MONGO_ENDPOINT=${mongo}`, `MONGO_PASSWORD_FILE=${passwordFile}`];
        const config = resolve('deploy', 'mongo', 'collector.yml');
        return ['env', ...variables, `LISTEN=127.0.0.1:${port}`, program.path, '--config', config];
      },
      url: (port) => `http://127.0.0.1:${port}`,
      probe: async (port) => {
        const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        if (!page.includes('mongodb_operation_count_total')) throw new Error('not ready');
      },
    },
    {},
  );
}

async function makeUser(mongo: string): Promise<void> {
  const client = new MongoClient(`mongodb://${mongo}`, { directConnection: true });
  try {
    const roles = [{ role: 'clusterMonitor', db: 'admin' }];
    await client.db('admin').command({ createUser: 'exporter', pwd: PASSWORD, roles });
  } finally {
    await client.close();
  }
}
