import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FIRST_TIME_MS } from '../load/load-process.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { nodeProgram } from '../support/programs/node-program.ts';

/** The oldest that package.json allows, and the newest of each later major version. */
const versions = ['20.19.0', '21', '22'];

test('the tested versions of Node are those that package.json allows', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('>=20.19 <23');
});

test.each(versions)(
  'a gateway and its clients run on Node %s',
  async (version) => {
    const node = await nodeProgram(version);
    const dir = mkdtempSync(join(tmpdir(), 'conclave-node-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    await using gateway = await startGateway(
      { DATA_DIR: join(dir, 'data') },
      { command: [node, 'dist/src/main.js'] },
    );
    const page = await gateway.metrics();
    expect(page).toMatch(
      new RegExp(`^conclave_build_info\\{.*node="v${version.replaceAll('.', '\\.')}\\b`, 'm'),
    );
    const as = async (name: string, ...args: string[]): Promise<CliResult> => {
      const options = ['--server', gateway.url, '--profile', join(dir, 'profile'), '--user', name];
      const result = await cli([...options, '--no-passphrase', '--json', ...args], { node });
      return result.code === 0 ? result : expect.unreachable(result.stdout + result.stderr);
    };
    await as('ann', 'register', 'ann');
    await as('bob', 'register', 'bob');
    await as('ann', 'create', 'Lobby');
    await as('bob', 'join', 'Lobby');
    await as('ann', 'send', 'Lobby', `hello from Node ${version}`);
    const { json } = await as('bob', 'tail', 'Lobby');
    expect(json.flatMap(({ type, text }) => (type === 'message' ? [text] : []))).toEqual([
      `hello from Node ${version}`,
    ]);
    expect(await gateway.drain()).toBe(0);
  },
  FIRST_TIME_MS,
);
