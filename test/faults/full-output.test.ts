import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAdminProgram } from '../../client/admin/admin-program.ts';
import { commandsBelow } from '../../client/cli/explained.ts';
import { buildProgram } from '../../client/cli/program.ts';
import { gatewayHelp } from '../../src/config/config-help.ts';
import { ADMIN_TOKEN_FILE } from '../../src/protocol/admin-actions.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { endsWithUs } from '../support/programs/at-end.ts';

const written = { out: () => undefined, err: () => undefined };
const commands = commandsBelow(
  buildProgram('', written, () => undefined),
  [],
);
const adminCommands = commandsBelow(
  buildAdminProgram('', written, () => undefined),
  [],
);

/** They print nothing to standard output, so nothing of it can be lost. */
const silent: ReadonlySet<string> = new Set(['use', 'logout']);
/** Over keys that are there: the refusal keeps its exit code. */
const refusedWith: Readonly<Record<string, number>> = { restore: 6 };
/** Accounts are by invitation only, which this gateway refuses. */
const adminRefusedWith: Readonly<Record<string, number>> = { invite: 5 };
/** What a command needs so that it asks nothing, and prints. */
const alsoGiven: Readonly<Record<string, readonly string[]>> = {
  chat: ['--print-config'],
  'room password': ['--none'],
  'close-account': ['--user', 'clara'],
  bot: ['--', 'true'],
  agent: ['--stop'],
};
/** For the arguments of a command, by its words and their names, or by their names alone. */
const values: Readonly<Record<string, string>> = {
  'register name': 'dora',
  'invite name': 'eve',
  'use name': 'ann',
  'room rename name': 'Renamed',
  'room disappear time': '7d',
  'room unban name': 'clara',
  'close-account name': 'clara',
  name: 'bob',
  text: 'hello',
  message: 'last',
  emoji: '👍',
  time: '7',
  layout: '2',
  suite: '2',
  shell: 'bash',
  node: 'one',
  count: '1',
};

let scene: CliScene;
let folder: string;
let options: readonly string[];

beforeAll(async () => {
  scene = await CliScene.with({ NODE_ID: 'one' });
  ({ folder } = scene);
  options = [...scene.at('profile'), '--no-passphrase'];
  const done = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await command([...options, ...args]);
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
  };
  for (const name of ['ann', 'bob', 'clara', 'eve']) await done('register', name);
  await done('--user', 'bob', 'create', 'Hall');
  for (const [path, command] of [...commands, ...adminCommands])
    if (takesRoom(command) && !['create', 'join', 'decline'].includes(path)) {
      const [owner, guest] = path === 'leave' ? ['bob', 'ann'] : ['ann', 'bob'];
      await done('--user', owner, 'create', roomOf(path));
      await done('--user', guest, 'join', roomOf(path));
    }
  for (const path of ['tail', 'history', 'edit', 'retract', 'remove', 'react'])
    await done('send', roomOf(path), 'hello');
  await done('tail', roomOf('tail'));
  for (const room of ['decline', 'invitations'].map(roomOf)) {
    await done('--user', 'bob', 'create', room);
    await done('--user', 'bob', 'invite', room, 'ann');
  }
  await done('block', 'clara');
  await done('room', 'ban', roomOf('room unban'), 'clara');
  await done('room', 'ban', roomOf('room bans'), 'clara');
  await done('room', 'grant', roomOf('room revoke'), 'bob');
  await done('--user', 'bob', 'export', join(folder, 'bob.keys'));
  await writeFile(join(folder, 'secret'), 'a secret of the room\n', { mode: 0o600 });
  await done('send', roomOf('save'), '--file', join(folder, 'secret'));
});
afterAll(() => scene[Symbol.asyncDispose]());

const takesRoom = (command: Command): boolean =>
  command.registeredArguments.some((argument) => argument.name() === 'room');

/** A room for each command: none stands in the way of another. */
const roomOf = (path: string): string => (path === 'join' ? 'Hall' : `For${path.replaceAll(/[^a-z]/g, '')}`);

function argumentsOf(path: string, command: Command): readonly string[] {
  const given = command.registeredArguments.flatMap((argument) => {
    const name = argument.name();
    if (name === 'room') return [roomOf(path)];
    if (name === 'path') return [join(folder, 'saved')];
    if (name === 'file') return [join(folder, path === 'import' ? 'bob.keys' : `${path}.keys`)];
    const value = values[`${path} ${name}`] ?? values[name];
    if (value !== undefined) return [value];
    if (argument.required) throw new Error(`this test has no value for ${name} of ${path}`);
    return [];
  });
  const yes = command.options.some(({ long }) => long === '--yes') ? ['--yes'] : [];
  const profile = path === 'import' ? ['--profile', join(folder, 'imported')] : [];
  return [...path.split(' '), ...given, ...yes, ...profile, ...(alsoGiven[path] ?? [])];
}

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** Runs a program of the package with its standard output on a disk that is full, and no terminal. */
async function ontoFullDisk(program: string, args: readonly string[]): Promise<Ended> {
  const run = [process.execPath, `dist/${program}/main.js`, ...args];
  const environment = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    CONCLAVE_DATA_DIR: join(folder, 'data'),
  };
  // A session of its own: no terminal to ask on.
  const child = spawn('bash', ['-c', 'exec "$@" >/dev/full', 'bash', ...run], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  endsWithUs(child, 'SIGKILL');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code]: unknown[] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : -1, stderr };
}

const said = 'standard output could not be written: the disk is full\n';

/** The fault once and last; before it at most what a person is told anyway, in lines that are no stack. */
function expectSaid({ code, stderr }: Ended, expectedCode: number): void {
  const before = stderr.slice(0, -said.length);
  expect({ code, last: stderr.slice(before.length) }).toEqual({ code: expectedCode, last: said });
  expect(before).not.toContain(said.trim());
  expect(before).not.toMatch(/^\s+at |ENOSPC|node:/m);
}

describe.runIf(process.platform === 'linux')('output that a full disk does not take', () => {
  // One library writes the help of all commands.
  it.each([['rooms'], ['room', 'password']])('is said by the help of conclave %s %s', async (...path) => {
    expect(await ontoFullDisk('client/cli', [...path, '--help'])).toEqual({ code: 1, stderr: said });
  });

  it.each([['--version'], ['--help']])('is said by conclave %s', async (option) => {
    expect(await ontoFullDisk('client/cli', [option])).toEqual({ code: 1, stderr: said });
    expect(await ontoFullDisk('client/admin', [option])).toEqual({ code: 1, stderr: said });
  });

  it.each(commands)('is said by conclave %s', async (path, command) => {
    const json = path === 'chat' ? [] : ['--json'];
    const ended = await ontoFullDisk('client/cli', [...options, ...json, ...argumentsOf(path, command)]);
    if (silent.has(path)) expect([ended.code, ended.stderr.includes(said)]).toEqual([0, false]);
    else expectSaid(ended, refusedWith[path] ?? 1);
  });

  it('ends a reader that follows a room', async () => {
    const args = [...options, 'tail', roomOf('tail'), '--follow'];
    expect(await ontoFullDisk('client/cli', args)).toEqual({ code: 1, stderr: said });
  });

  it('keeps the exit code of what failed for another reason', async () => {
    const args = [...options, '--json', 'leave', 'Nowhere'];
    expect(await ontoFullDisk('client/cli', args)).toMatchObject({ code: 5 });
  });

  it('is said by the help of conclave-admin nodes', async () => {
    expect(await ontoFullDisk('client/admin', ['nodes', '--help'])).toEqual({ code: 1, stderr: said });
  });

  // A gateway that drains takes no further action.
  it.each(adminCommands.toSorted(([a], [b]) => Number(a === 'drain') - Number(b === 'drain')))(
    'is said by conclave-admin %s',
    async (path, command) => {
      const token = ['--token-file', join(folder, 'data', ADMIN_TOKEN_FILE)];
      const args = ['--url', scene.gateway.adminUrl, ...token, '--json', ...argumentsOf(path, command)];
      expectSaid(await ontoFullDisk('client/admin', args), adminRefusedWith[path] ?? 1);
    },
  );

  const [synopsis = ''] = gatewayHelp().split('\n');
  const printing = (synopsis.match(/--[\w-]+/g) ?? []).filter((option) => option !== '--backup');
  it.each(printing)('is said by conclave-gateway %s', async (option) => {
    expect(await ontoFullDisk('src', [option])).toEqual({ code: 1, stderr: `conclave-gateway: ${said}` });
  });
});
