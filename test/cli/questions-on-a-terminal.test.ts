import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

const EXIT_LOGIN_REFUSED = 4;
const EXIT_INTERRUPTED = 130;

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.with({});
});
afterAll(() => scene[Symbol.asyncDispose]());

const program = [process.execPath, 'dist/client/cli/main.js'];

/** A terminal with the question of an account that was just made. */
async function asked(name: string): Promise<TmuxTerminal> {
  expect((await scene.alone(name, 'register', name)).code).toBe(0);
  const asking = [...program, ...scene.at(name), '--no-passphrase', 'close-account'];
  return TmuxTerminal.start({ command: asking }).after((terminal) =>
    terminal.shows(`Type ${name} to close it:`),
  );
}

const login = async (name: string): Promise<number> => (await scene.alone(name, 'rooms')).code;

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

describe('what cannot be undone', () => {
  /** Of an account with a backup, which owns a room with a message. */
  async function doomed(name: string): Promise<readonly string[]> {
    for (const args of [
      ['register', name, '--backup'],
      ['create', `Of${name}`],
      ['send', `Of${name}`, 'still here'],
    ])
      expect((await scene.alone(name, ...args)).code).toBe(0);
    return [...scene.at(name), '--no-passphrase'];
  }

  const intact = async (name: string): Promise<void> => {
    expect((await scene.alone(name, 'tail', `Of${name}`)).json).toMatchObject([{ text: 'still here' }]);
    expect((await scene.alone(name, 'backup')).json).toMatchObject([{ state: 'kept' }]);
  };

  const purge = (room: string, ...more: readonly string[]): readonly string[] => [
    ...['env', `CONCLAVE_DATA_DIR=${join(scene.folder, 'data')}`],
    ...[process.execPath, 'dist/client/admin/main.js', '--url', scene.gateway.adminUrl],
    ...['purge', room, ...more],
  ];

  it('is refused, by every command, where nobody can be asked and nothing says --yes', async () => {
    await doomed('Ned');
    for (const args of [
      ['room', 'retention', 'OfNed', '1'],
      ['room', 'retention', 'OfNed', '0'],
      ['room', 'header', 'OfNed', '2'],
      ['room', 'suite', 'OfNed', '2'],
      ['room', 'delete', 'OfNed'],
      ['backup', '--delete'],
      ['recover'],
      ['close-account'],
    ]) {
      const { code, json } = await scene.alone('Ned', ...args);
      const refusal = { type: 'error', code: 'usage', message: expect.stringContaining('give --yes') };
      expect([args, code, json]).toEqual([args, 2, [refusal]]);
    }
    await intact('Ned');
    // A longer time deletes nothing.
    expect((await scene.alone('Ned', 'room', 'retention', 'OfNed', '60')).code).toBe(0);
  });

  it.each([
    [
      'Nat',
      ['room', 'retention', 'OfNat', '1'],
      'older than 1 day, for everybody?',
      'stores messages for 1 day',
    ],
    ['Nic', ['backup', '--delete'], 'Delete the backup of Nic?', 'deleted the backup'],
  ])('is asked of %s at a terminal, and done after a yes alone', async (name, args, question, done) => {
    const options = await doomed(name);
    for (const [answer, code, said] of [
      ['', 2, 'nothing was done'],
      ['no', 2, 'nothing was done'],
      ['yes', 0, done],
    ] as const) {
      if (code !== 0) await intact(name);
      await using terminal = TmuxTerminal.start({ command: [...program, ...options, ...args], columns: 120 });
      await terminal.shows(question);
      await terminal.line(answer);
      await terminal.shows(said);
      expect(await terminal.ended()).toBe(code);
    }
  });

  it('is asked of an operator who purges a room', async () => {
    await doomed('Noa');
    {
      await using terminal = TmuxTerminal.start({ command: purge('OfNoa'), columns: 120 });
      await terminal.shows('Delete OfNoa with all its messages, for good? (yes/no)');
      await terminal.line('');
      await terminal.shows('nothing was done');
      expect(await terminal.ended()).toBe(2);
    }
    await intact('Noa');
    await using terminal = TmuxTerminal.start({ command: purge('OfNoa'), columns: 120 });
    await terminal.shows('(yes/no)');
    await terminal.line('y');
    await terminal.shows('OfNoa and its messages are deleted');
    expect(await terminal.ended()).toBe(0);
  });
});

it('a new passphrase that is weak is taken only after a second yes', async () => {
  const register = [...scene.at('lea'), 'register', 'lea', '--no-backup'];
  await using terminal = TmuxTerminal.start({
    command: [process.execPath, 'dist/client/cli/main.js', ...register],
    columns: 140,
  });
  await terminal.shows('New passphrase for the keys of lea:');
  await terminal.line('123456');
  await terminal.shows(/weak \(.+\): could be guessed within a day\..+Use it anyway\? \(yes\/no\)/);
  await terminal.line('no');
  await terminal.shows(/New passphrase.+New passphrase for the keys of lea:/s);
  await terminal.line('plum horse tin eleven');
  await terminal.shows('Once more:');
  await terminal.line('plum horse tin eleven');
  expect(await terminal.shows('registered lea')).not.toContain('plum');
});

describe('a passphrase', () => {
  async function askedFor(name: string, inShell: boolean): Promise<TmuxTerminal> {
    const file = join(scene.folder, 'passphrase');
    await writeFile(file, 'correct horse\n', { mode: 0o600 });
    expect((await command([...scene.at(name), '--passphrase-file', file, 'register', name])).code).toBe(0);
    const whoami = [...program, ...scene.at(name), 'whoami'];
    return TmuxTerminal.start({ command: whoami, inShell }).after((terminal) =>
      terminal.shows(`Passphrase of ${name}:`),
    );
  }

  it('may be typed on after Ctrl+Z and fg, and shows nowhere', async () => {
    await using terminal = await askedFor('kay', true);
    await terminal.type('correct');
    await terminal.keys('C-z');
    await terminal.shows('Stopped');
    expect(await terminal.shellOutput('stty -a')).toMatch(/ echo /);
    await terminal.line('fg');
    await terminal.shows('Passphrase of kay:');
    await terminal.line(' horse');
    expect(await terminal.shows('kay at ws://')).not.toMatch(/correct|horse/);
  });

  it.each([
    ['SIGTERM', 'ken', EXIT_INTERRUPTED],
    ['SIGINT', 'kit', EXIT_INTERRUPTED],
    ['SIGHUP', 'kyo', 128 + constants.signals.SIGHUP],
  ] as const)(
    'that nobody types is no reason to stay after %s, nor to leave the terminal mute',
    async (signal, name, code) => {
      // Nor is a part of it typed: what had not reached the question by the end of it would be typed into the shell.
      await using terminal = await askedFor(name, true);
      const shell = await terminal.fact('pane_pid');
      const [child] = (await readFile(`/proc/${shell}/task/${shell}/children`, 'utf8')).trim().split(' ');
      process.kill(Number(child), signal);
      await eventually(() => expect(existsSync(`/proc/${child}`)).toBe(false));
      await terminal.line('echo "code $?"');
      await terminal.shows(`code ${code}`);
      expect(await terminal.shellOutput('stty -a')).toMatch(/ echo /);
    },
  );

  it('may be typed on after Ctrl+Z where no shell could continue the command', async () => {
    await using terminal = await askedFor('kim', false);
    await terminal.type('correct');
    await terminal.keys('C-z');
    // It is asked for again, once nothing of it shows.
    await terminal.shows(/Passphrase of kim:.*Passphrase of kim:/s);
    await terminal.line(' horse');
    expect(await terminal.shows('kim at ws://')).not.toMatch(/correct|horse/);
    expect(await terminal.ended()).toBe(0);
  });
});
