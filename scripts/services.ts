/**
 * npm run services                  keeps Redis, a Redis Cluster and MongoDB running until Ctrl-C
 * npm run services -- COMMAND …     runs a command with them and ends with its exit code
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterKill } from '../test/support/programs/after-kill.ts';
import { goProgram } from '../test/support/programs/go-program.ts';
import { temporaryFolder } from '../test/support/programs/memory-folder.ts';
import { hasGo } from '../test/support/programs/skip-without-go.ts';
import { type ServiceUrls, startServices } from '../test/support/services/all-services.ts';
import { s3Program } from '../test/support/services/s3-server.ts';
import { prepareTestTools } from './test-tools.ts';

/** As a shell says of a command that ended by SIGINT. */
const EXIT_INTERRUPTED = 130;

const urlNames: ReadonlyArray<keyof ServiceUrls> = [
  'TEST_REDIS_URL',
  'TEST_REDIS_CLUSTER_URL',
  'TEST_MONGODB_URL',
];

async function main(command: readonly string[]): Promise<number> {
  // By hand they may be for any test.
  const tier = process.env['TEST_TIER'];
  const say = (line: string): void => console.error(line);
  if (!prepareTestTools({ operations: tier !== 'test', engines: tier === 'long' }, say)) return 1;
  if (tier === 'operations' && hasGo()) await buildGoPrograms(say);
  const given = Object.fromEntries(
    urlNames.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  // Listening keeps a signal from ending this process before it has stopped the services.
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  // Of the servers, the tests, and what these start. Whatever one of them leaves goes with it.
  const folder = command.length > 0 ? mkdtempSync(join(temporaryFolder(), 'conclave-tests-')) : undefined;
  if (folder !== undefined) {
    process.env['TMPDIR'] = folder;
    afterKill({ dir: folder });
  }
  const services = await startServices(given);
  try {
    if (stop.signal.aborted) return EXIT_INTERRUPTED;
    const [program, ...args] = command;
    if (program !== undefined) return await runWith(services.urls, program, args);
    for (const name of urlNames) console.log(`export ${name}='${services.urls[name]}'`);
    await once(stop.signal, 'abort');
    return 0;
  } finally {
    await services[Symbol.asyncDispose]();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** What tests of operations run: built for the first time, it takes longer than a test may. One that fails fails its tests. */
async function buildGoPrograms(say: (line: string) => void): Promise<void> {
  await s3Program(say);
  for (const name of ['manifest-reader', 'mongo-collector'])
    await goProgram(join('test', 'deploy', name), say);
}

async function runWith(urls: ServiceUrls, program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...urls } });
  // A terminal sends SIGINT to the child as well; SIGTERM comes to this process alone.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

process.exit(await main(process.argv.slice(2)));
