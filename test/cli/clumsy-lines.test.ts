import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { freePort } from '../support/services/server-process.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let scene: CliScene;
let folder: string;
beforeAll(async () => {
  scene = await CliScene.open('alice');
  ({ folder } = scene);
  await mkdir(join(folder, 'folder'));
  await writeFile(join(folder, 'short'), 'abc\n', { mode: 0o600 });
  await scene.done('alice', 'create', 'Lobby');
});
afterAll(() => scene[Symbol.asyncDispose]());

/** The account is the profile's own choice: what is clumsy may be an option for it. */
const options = (): string[] => [...scene.at('profile'), '--no-passphrase'];
const as = (...args: string[]): Promise<CliResult> => command([...options(), ...args]);

it.each([
  [['--server', '--profile', 'x', 'rooms'], 2, '--server needs a value'],
  [['--server', '', 'rooms'], 2, '--server: "" is not the address of a server: enter one such as'],
  [['--server', 'chat.example.org', 'rooms'], 2, 'did you mean wss://chat.example.org?'],
  [['--server', 'https://chat.example.org', 'rooms'], 2, 'did you mean wss://chat.example.org?'],
  [['--server', '127.0.0.1:8080', 'rooms'], 2, 'did you mean ws://127.0.0.1:8080?'],
  [['--server', 'ws://', 'rooms'], 2, 'ws:// is not the address of a server: enter one such as wss://'],
  [['--server', 'http://localhost:8080', 'rooms'], 2, 'did you mean ws://localhost:8080?'],
  [['--server', 'wss://chat.example.org/chat', 'rooms'], 2, 'did you mean wss://chat.example.org?'],
  [['--server', 'chat.example.org:8443/x', 'rooms'], 2, 'did you mean wss://chat.example.org:8443?'],
  [['--server', 'ws://zoe:secret@127.0.0.1', 'rooms'], 2, '--server: ws://…@127.0.0.1 is not'],
  [['--server', 'ws://::1:8080', 'rooms'], 2, 'not the address of a server: enter one such as'],
  [['--server', 'ws://127.0.0.1:99999', 'rooms'], 2, 'not the address of a server: enter one such as'],
  [['--server', 'ftp://127.0.0.1', 'rooms'], 2, 'not the address of a server: enter one such as'],
  [['--profile', 'SHORT', 'register', 'zed'], 1, 'a part of SHORT/'],
  [['--timeout', '9999999', 'rooms'], 2, 'is not a number of seconds, above 0 and at most 1,000,000'],
  [['tail', 'Lobby', '-n', '--follow'], 2, '-n needs a value'],
  [['send', 'hello', 'Lobby'], 2, 'did you mean conclave send Lobby hello?'],
  [['send', 'Löbby', 'hi'], 2, 'a room name is 3 to 30'],
  [['send', '"Lobby"', 'hi'], 2, 'a room name is 3 to 30'],
  [['send', 'Lobby', ''], 2, 'there is no text to send'],
  [['send', 'Lobby', 'x'.repeat(20_000)], 2, 'the text is over 16,384 bytes'],
  [['send', 'Lobby', '--5'], 2, 'a text that begins with "-" goes after --: conclave send Lobby -- --5'],
  [['rooms', '--prefix', 'no such'], 2, 'no such begins the name of no room'],
  [['completion', 'tcsh'], 2, 'tcsh is not one of: bash, zsh, fish'],
  [['verify', 'Alice'], 2, 'alice is your own account'],
  [['create', 'Foo', '--password-file', 'FOLDER'], 2, '--password-file: FOLDER is a folder'],
  [['create', 'Foo', '--password-file', 'MISSING'], 2, '--password-file: there is no file MISSING'],
  [['create', 'Foo', '--password-file', 'SHORT'], 2, 'a room password has 6 to 60 characters'],
  [['register', 'bob', '--rsa-key', 'FOLDER'], 2, '--rsa-key: FOLDER is a folder'],
])('%j is refused in one line that says what to type', async (args, code, said) => {
  const placed = (text: string): string =>
    text.replace(/FOLDER|MISSING|SHORT/, (name) => join(folder, name.toLowerCase()));
  const ended = await as(...args.map(placed));
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([code, '', expect.stringContaining(placed(said))]);
  expect(ended.stderr).toMatch(/^[^\n]+\n$/);
  expect(ended.stderr).not.toMatch(/\bE[A-Z]{4,}\b|undefined/);
});

it('a profile where no folder can be made is refused before keys are made', async () => {
  const { code, stderr } = await as('--profile', '/proc/conclave', 'register', 'zed');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^there is no folder for \/proc\/conclave/);
});

it('rooms and people may be written as the chat writes them', async () => {
  expect(await as('send', '#Lobby', 'with a sign')).toMatchObject({ code: 0, stderr: '' });
  expect((await as('tail', '#Lobby', 'Lobby', '-n', '1')).stdout).toContain('with a sign');
  expect((await as('verify', '@nobody')).stderr).toBe(
    'the server knows no user of this name: check the spelling\n',
  );
  expect((await as('members', '##Lobby')).stderr).toContain('a room name is 3 to 30');
});

it('a command where no server is says once why there is no connection, and scripts get it in the error', async () => {
  const port = await freePort();
  const at = ['--server', `ws://127.0.0.1:${port}`, '--profile', join(folder, 'elsewhere')];
  const nowhere = [...at, '--no-passphrase', '--timeout', '4'];
  await command([...nowhere, 'register', 'zoe']);
  const lines = [['register', 'zoe'], ['rooms'], ['tail', 'Lobby']];
  for (const ended of await Promise.all(lines.map((line) => command([...nowhere, '--json', ...line])))) {
    const { code, stderr, json } = ended;
    expect([code, stderr.match(/nothing answers at/g)]).toEqual([3, ['nothing answers at']]);
    expect(stderr).toContain('gave up: there is still no connection');
    expect(json.at(-1)).toMatchObject({
      ...{ type: 'error', code: 'no_connection' },
      message: `nothing answers at 127.0.0.1:${port}: is the server running?`,
    });
  }
});

it('send on a terminal says that each typed line is a message, and how to end', async () => {
  const program = [process.execPath, 'dist/client/cli/main.js', ...options(), '--json'];
  await using terminal = TmuxTerminal.start({ command: [...program, 'send', 'Lobby'] });
  await terminal.shows('each line that you type is sent as a message; Ctrl-D ends');
  await terminal.line('typed');
  await terminal.shows('"type":"sent"');
  await terminal.keys('C-d');
  expect(await terminal.ended()).toBe(0);
});

it('export without a passphrase warns of the file that it wrote, and of none that it did not', async () => {
  const file = join(folder, 'alice.keys');
  expect(await as('export', file)).toMatchObject({
    code: 0,
    stderr: `warning: ${file} has no passphrase: whoever reads it can act as alice\n`,
  });
  expect((await as('export', file)).stderr).toBe(`${file} already exists: choose another name\n`);
});
