import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let folder: string;
let gateway: GatewayProcess;
let secret: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-room-passwords-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  secret = join(folder, 'secret');
  await writeFile(secret, 'correct horse\n', { mode: 0o600 });
  for (const name of ['alice', 'bob']) expect((await as(name, 'register', name)).code).toBe(0);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const options = (name: string): string[] => {
  const profile = ['--server', gateway.url, '--profile', join(folder, 'profile'), '--user', name];
  return [...profile, '--no-passphrase'];
};
const as = (name: string, ...args: string[]): Promise<CliResult> => cli([...options(name), ...args]);

/** A room with a password that bob, a member, was not told. */
async function lockedForBob(room: string): Promise<void> {
  expect((await as('alice', 'create', room)).code).toBe(0);
  expect((await as('bob', 'join', room)).code).toBe(0);
  expect((await as('alice', 'room', 'password', room, '--password-file', secret)).code).toBe(0);
}

it('join without a terminal says how the password of a locked room is given', async () => {
  expect((await as('alice', 'create', 'Vault', '--password-file', secret)).code).toBe(0);
  const { code, stdout, stderr } = await as('bob', 'join', 'Vault');
  expect({ code, stdout, stderr }).toEqual({
    code: 5,
    stdout: '',
    stderr: 'Vault needs a password, or does not exist: conclave join Vault --password-file FILE\n',
  });
});

it('send without a terminal says the same to a member who does not know the password', async () => {
  await lockedForBob('Changed');
  const refused = await cli([...options('bob'), '--json', 'send', 'Changed', 'hello'], { stdin: 'unread' });
  expect(refused).toMatchObject({ code: 5, json: [{ type: 'error', code: 'needs_password' }] });
  expect(refused.stderr).toContain('conclave join Changed --password-file FILE');
  const lines = await cli([...options('bob'), 'send', 'Changed'], { stdin: 'one\ntwo\n' });
  expect([lines.code, lines.stderr]).toEqual([5, refused.stderr]);
  expect((await as('bob', 'join', 'Changed', '--password-file', secret)).code).toBe(0);
  expect((await as('bob', 'send', 'Changed', 'hello')).code).toBe(0);
});

it('send on a terminal asks for the password, and the time it takes is not the command’s', async () => {
  await lockedForBob('Asked');
  const program = [
    process.execPath,
    'dist/client/cli/main.js',
    ...options('bob'),
    '--json',
    '--timeout',
    '3',
  ];
  await using terminal = TmuxTerminal.start({ command: [...program, 'send', 'Asked', 'hello'] });
  await terminal.shows('Password of Asked:');
  const askedAt = performance.now();
  await expect.poll(() => performance.now() - askedAt, { timeout: 10_000 }).toBeGreaterThan(3_500);
  await terminal.line('correct horse');
  await terminal.shows('"type":"sent"');
  expect(await terminal.ended()).toBe(0);
  expect(await terminal.screen()).not.toContain('correct horse');
});
