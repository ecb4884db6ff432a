import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cluster/cli-process.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

const EXIT_LOGIN_REFUSED = 4;
const EXIT_INTERRUPTED = 130;

let folder: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-questions-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string[] => ['--server', gateway.url, '--profile', join(folder, name)];
const options = (name: string): string[] => [...at(name), '--no-passphrase'];
const program = [process.execPath, 'dist/client/cli/main.js'];

/** A terminal with the question of an account that was just made. */
async function asked(name: string): Promise<TmuxTerminal> {
  expect((await cli([...options(name), 'register', name])).code).toBe(0);
  const command = [...program, ...options(name), 'close-account'];
  return TmuxTerminal.start({ command }).after((terminal) => terminal.shows(`Type ${name} to close it:`));
}

const login = async (name: string): Promise<number> => (await cli([...options(name), 'rooms'])).code;

describe('close-account on a terminal', () => {
  it.each([
    ['Gil', 'Gil'],
    ['Gus', ' gUS '],
  ])('closes %s when the name is typed: “%s”', async (name, typed) => {
    await using terminal = await asked(name);
    await terminal.line(typed);
    await terminal.shows(`closed the account of ${name}`);
    expect(await terminal.ended()).toBe(0);
    expect(await login(name)).toBe(EXIT_LOGIN_REFUSED);
  });

  it.each([
    ['Ida', ''],
    ['Ina', 'yes'],
    ['Iris', 'Iri'],
    ['Ivo', 'Ivo!'],
  ])('does nothing to %s when “%s” is typed', async (name, typed) => {
    await using terminal = await asked(name);
    await terminal.line(typed);
    await terminal.shows('that is not the name of the account: nothing was done');
    expect(await terminal.ended()).toBe(2);
    expect(await login(name)).toBe(0);
  });

  it.each([
    ['Jan', 'C-c'],
    ['Jim', 'C-d'],
  ])('does nothing to %s after %s', async (name, key) => {
    await using terminal = await asked(name);
    if (key === 'C-c') await terminal.type(name);
    await terminal.keys(key);
    await terminal.shows('interrupted');
    expect(await terminal.ended()).toBe(EXIT_INTERRUPTED);
    expect(await login(name)).toBe(0);
  });
});

it('a passphrase may be typed on after Ctrl+Z and fg, and shows nowhere', async () => {
  const file = join(folder, 'passphrase');
  await writeFile(file, 'correct horse\n', { mode: 0o600 });
  expect((await cli([...at('kay'), '--passphrase-file', file, 'register', 'kay'])).code).toBe(0);
  await using terminal = TmuxTerminal.start({ command: [...program, ...at('kay'), 'whoami'], inShell: true });
  await terminal.shows('Passphrase of kay:');
  await terminal.type('correct');
  await terminal.keys('C-z');
  await terminal.shows('Stopped');
  expect(await terminal.shellOutput('stty -a')).toMatch(/ echo /);
  await terminal.line('fg');
  await terminal.shows('Passphrase of kay:');
  await terminal.line(' horse');
  expect(await terminal.shows('kay at ws://')).not.toMatch(/correct|horse/);
});
