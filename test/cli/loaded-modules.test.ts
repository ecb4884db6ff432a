import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';

let folder: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-modules-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  for (const args of [
    ['register', 'alice'],
    ['create', 'Lobby'],
  ])
    expect((await run(args)).code).toBe(0);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  const profile = ['--server', gateway.url, '--profile', join(folder, 'profile'), '--no-passphrase'];
  return cli([...profile, ...args], { env });
}

/** Every module that a command loaded: the list that V8 makes for the measurement of coverage. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const coverage = await mkdtemp(join(folder, 'coverage-'));
  expect((await run(args, { NODE_V8_COVERAGE: coverage })).code).toBe(0);
  const [file = ''] = await readdir(coverage);
  const report = JSON.parse(await readFile(join(coverage, file), 'utf8')) as { result: { url: string }[] };
  return report.result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
}

/** The full-screen client, and the packages that only it may import. */
const fullScreen =
  /\/client\/tui\/|\/node_modules\/(ink|react|react-reconciler|yoga-layout|fuzzysort|smol-toml|@zxcvbn-ts)\//;

describe('the modules of a command', () => {
  it.each([
    ['send', ['send', 'Lobby', 'Hello']],
    ['tail', ['tail', 'Lobby']],
  ])('%s are its own: nothing of the full-screen client', async (name, args) => {
    const loaded = await loadedBy(args);
    expect(loaded.some((url) => url.endsWith(`/dist/client/cli/commands/${name}.js`))).toBe(true);
    expect(loaded.filter((url) => fullScreen.test(url))).toEqual([]);
  });
});
