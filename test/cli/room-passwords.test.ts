import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

/** For the command to connect and to send on a busy machine. */
const TIMEOUT_SECONDS = 6;

let scene: CliScene;
let secret: string;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
  secret = join(scene.folder, 'secret');
  await writeFile(secret, 'correct horse\n', { mode: 0o600 });
});
afterAll(() => scene[Symbol.asyncDispose]());

/** A room with a password that bob, a member, was not told. */
async function lockedForBob(room: string): Promise<void> {
  await scene.sharedRoom(room);
  expect((await scene.as('alice', 'room', 'password', room, '--password-file', secret)).code).toBe(0);
}

it('join without a terminal says how the password of a locked room is given', async () => {
  expect((await scene.as('alice', 'create', 'Vault', '--password-file', secret)).code).toBe(0);
  const { code, stdout, stderr } = await scene.as('bob', 'join', 'Vault');
  expect({ code, stdout, stderr }).toEqual({
    code: 5,
    stdout: '',
    stderr: 'Vault needs a password, or does not exist: conclave join Vault --password-file FILE\n',
  });
});

it('send without a terminal says the same to a member who does not know the password', async () => {
  await lockedForBob('Changed');
  const refused = await scene.given({ stdin: 'unread' }, 'bob', '--json', 'send', 'Changed', 'hello');
  expect(refused).toMatchObject({ code: 5, json: [{ type: 'error', code: 'needs_password' }] });
  expect(refused.stderr).toContain('conclave join Changed --password-file FILE');
  const lines = await scene.given({ stdin: 'one\ntwo\n' }, 'bob', 'send', 'Changed');
  expect([lines.code, lines.stderr]).toEqual([5, refused.stderr]);
  expect((await scene.as('bob', 'join', 'Changed', '--password-file', secret)).code).toBe(0);
  expect((await scene.as('bob', 'send', 'Changed', 'hello')).code).toBe(0);
});

it('send on a terminal asks for the password, and the time it takes is not the command’s', async () => {
  await lockedForBob('Asked');
  const program = [
    process.execPath,
    'dist/client/cli/main.js',
    ...scene.options('bob'),
    '--json',
    '--timeout',
    `${TIMEOUT_SECONDS}`,
  ];
  await using terminal = TmuxTerminal.start({ command: [...program, 'send', 'Asked', 'hello'] });
  await terminal.shows('Password of Asked:');
  const askedAt = performance.now();
  await expect.poll(() => performance.now() - askedAt).toBeGreaterThan(TIMEOUT_SECONDS * 1_000);
  await terminal.line('correct horse');
  await terminal.shows('"type":"sent"');
  expect(await terminal.ended()).toBe(0);
  expect(await terminal.screen()).not.toContain('correct horse');
});
