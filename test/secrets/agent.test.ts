import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type CommandOptions, command } from '../support/cluster/cli-in-process.ts';
import { type CliResult, cli, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { atEnd } from '../support/programs/at-end.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

const EXIT_USAGE = 2;
const EXIT_TRUST = 6;
const PASSPHRASE = 'six owls by the sea';

let scene: CliScene;
let words: string;
beforeAll(async () => {
  scene = await CliScene.with({});
  words = join(scene.folder, 'words');
  await writeFile(words, PASSPHRASE, { mode: 0o600 });
  expect((await command([...given('amy'), 'register', 'amy'])).code).toBe(0);
  expect((await command([...given('amy'), 'create', 'Lobby'])).code).toBe(0);
});
afterAll(() => scene[Symbol.asyncDispose]());

/** With the passphrase, and past any agent. */
const given = (profile: string): string[] => [...scene.at(profile), '--passphrase-file', words, '--no-agent'];
/** With nothing to open the keys but an agent; nobody can be asked. */
const alone = (args: readonly string[], options: CommandOptions = {}): Promise<CliResult> =>
  command([...scene.at('amy'), '--json', ...args], options);
const socket = async (): Promise<string> => join(await scene.accountFolder('amy', 'amy'), 'agent');

/** Starts one in the background, and ends it after the test. */
async function started(...options: readonly string[]): Promise<number> {
  const line = [...scene.at('amy'), '--passphrase-file', words, '--json', 'agent', ...options];
  const { code, json, stderr } = await cli(line);
  expect([code, stderr]).toEqual([0, '']);
  expect(json).toMatchObject([{ type: 'agent', state: 'running', user: 'amy' }]);
  return endedAfterwards(Number(json[0]?.['process']));
}

function endedAfterwards(pid: number): number {
  const forget = atEnd(() => endNow(pid));
  onTestFinished(() => {
    forget();
    endNow(pid);
    return eventually(() => expect(isThere(pid)).toBe(false));
  });
  return pid;
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('conclave agent', () => {
  it('opens the keys for commands until it is stopped, and has no secret among its arguments', async () => {
    const pid = await started('--for', '2h', '--idle', '1h');
    expect((await stat(await socket())).mode & 0o777).toBe(0o600);
    expect(await alone(['send', 'Lobby', 'without a passphrase'])).toMatchObject({ code: 0, stderr: '' });
    const fromStdin = await alone(['send', 'Lobby'], { stdin: 'one\ntwo\n' });
    expect([fromStdin.code, fromStdin.json.length]).toEqual([0, 2]);
    expect((await cli([...scene.at('amy'), '--no-input', 'tail', 'Lobby'])).stdout).toMatch(/one\n.*two\n$/);
    if (process.platform === 'linux') {
      const seen = await Promise.all(
        ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
      );
      expect(seen[0]).toContain('agent');
      expect(seen.join()).not.toContain(PASSPHRASE);
      expect(seen[0]).not.toContain(words);
    }
    const stopped = await alone(['agent', '--stop']);
    expect(stopped).toMatchObject({ code: 0, json: [{ type: 'agent', state: 'stopped', user: 'amy' }] });
    await eventually(() => expect(isThere(pid)).toBe(false));
    expect(await readdir(join(await socket(), '..'))).not.toContain('agent');
    expect((await alone(['agent', '--stop'])).json).toMatchObject([{ state: 'none' }]);
    expect((await alone(['whoami'])).code).toBe(EXIT_USAGE);
  });

  it('asks for the passphrase on a terminal, and outlives it', async () => {
    const line = [process.execPath, 'dist/client/cli/main.js', ...scene.at('amy'), 'agent'];
    const terminal = TmuxTerminal.start({ command: line, columns: 200 });
    try {
      await terminal.shows('Passphrase of amy:');
      await terminal.line(PASSPHRASE);
      const [, pid] = /process (\d+)/.exec(await terminal.shows('runs until')) ?? [];
      endedAfterwards(Number(pid));
      expect(await terminal.ended()).toBe(0);
    } finally {
      await terminal[Symbol.asyncDispose]();
    }
    expect((await alone(['whoami'])).code).toBe(0);
  });

  it('is not used with --no-agent, nor by commands that hand over, replace or end the account', async () => {
    await started();
    expect((await alone(['whoami'])).code).toBe(0);
    for (const line of [
      ['--no-agent', 'whoami'],
      ['export', join(scene.folder, 'exported')],
      ['link', '--give'],
      ['backup'],
      ['rotate'],
      ['close-account', '--yes'],
    ])
      expect(await alone(line), line.join(' ')).toMatchObject({
        code: EXIT_USAGE,
        stderr: expect.stringContaining('--passphrase-file'),
      });
  });

  it('opens keys that were replaced meanwhile', async () => {
    await started();
    expect((await command([...given('amy'), 'rotate'])).code).toBe(0);
    expect(await alone(['send', 'Lobby', 'with new keys'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('is refused while one runs, also in the foreground, and takes the place of one that was killed', async () => {
    const first = await started();
    for (const more of [[], ['--foreground']])
      expect(await command([...scene.at('amy'), '--json', 'agent', ...more])).toMatchObject({
        code: 1,
        json: [{ code: 'agent', message: expect.stringContaining(`process ${first}`) }],
      });
    process.kill(first, 'SIGKILL');
    await eventually(() => expect(isThere(first)).toBe(false));
    expect((await stat(await socket())).isSocket()).toBe(true);
    expect((await alone(['whoami'])).code).toBe(EXIT_USAGE);
    await started();
    expect((await alone(['whoami'])).code).toBe(0);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'in the foreground ends on %s, and takes its socket away',
    async (signal) => {
      const line = [...scene.at('amy'), '--passphrase-file', words, '--json', 'agent', '--foreground'];
      await using agent = startCli(line);
      await eventually(() => expect(agent.stdout()).toContain('running'));
      expect((await alone(['whoami'])).code).toBe(0);
      agent.child.kill(signal);
      const { code } = await agent.ended;
      // After SIGHUP it ends by that signal, as every command does.
      expect(code).toBe(signal === 'SIGHUP' ? -1 : 0);
      expect(await readdir(join(await socket(), '..'))).not.toContain('agent');
    },
  );

  it('of two that start at once, one stays and answers', async () => {
    const line = [
      ...scene.at('amy'),
      '--passphrase-file',
      words,
      '--json',
      'agent',
      '--foreground',
      '--idle',
      '5m',
    ];
    const both = [startCli(line), startCli(line)];
    try {
      const ended = await Promise.race(both.map(({ ended }) => ended));
      expect([ended.code, ended.json.at(-1)?.['code']]).toEqual([1, 'agent']);
      expect((await alone(['whoami'])).code).toBe(0);
    } finally {
      for (const agent of both) await agent[Symbol.asyncDispose]();
    }
  });

  it('refuses a folder that others can write to, something else in its place, and a wrong passphrase', async () => {
    const agent = (file = words): Promise<CliResult> =>
      command([...scene.at('amy'), '--passphrase-file', file, '--json', 'agent', '--foreground']);
    const folder = await scene.accountFolder('amy', 'amy');
    await chmod(folder, 0o777);
    expect(await agent()).toMatchObject({ code: EXIT_TRUST, stderr: expect.stringContaining('chmod 700') });
    await chmod(folder, 0o700);
    // One that was killed may have left its socket.
    await rm(join(folder, 'agent'), { force: true });
    await writeFile(join(folder, 'agent'), '', { mode: 0o600 });
    expect(await agent()).toMatchObject({ code: 1, stderr: expect.stringContaining('is in the way') });
    expect(await command([...scene.at('amy'), '--passphrase-file', words, 'whoami'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('agent not used: '),
    });
    await rm(join(folder, 'agent'));
    const wrong = join(scene.folder, 'wrong');
    await writeFile(wrong, 'not it', { mode: 0o600 });
    expect((await agent(wrong)).code).toBe(EXIT_TRUST);
  });

  it('is refused where the path is too long for a socket, and for keys without a passphrase', async () => {
    const long = 'p'.repeat(80);
    await mkdir(join(scene.folder, long), { mode: 0o700 });
    expect((await command([...given(long), 'register', 'ann'])).code).toBe(0);
    expect(await command([...given(long), 'agent'])).toMatchObject({
      code: EXIT_USAGE,
      stderr: expect.stringContaining('the limit for a socket'),
    });
    expect((await scene.alone('open', 'register', 'ben')).code).toBe(0);
    expect(await command([...scene.at('open'), 'agent'])).toMatchObject({
      code: EXIT_USAGE,
      stderr: expect.stringContaining('no passphrase'),
    });
  });

  it.each([
    ['--for', '8'],
    ['--for', '0h'],
    ['--for', '31d'],
    ['--idle', 'soon'],
  ])('refuses %s %s', async (option, value) => {
    expect(await alone(['agent', option, value])).toMatchObject({
      code: EXIT_USAGE,
      stderr: expect.stringContaining(`${option}: ${value} is not a time`),
    });
  });

  it('is shown by doctor, which logs in with its key', async () => {
    const checks = async (): Promise<Readonly<Record<string, unknown>>> =>
      Object.fromEntries((await alone(['doctor'])).json.map(({ name, message }) => [name, message]));
    expect(await checks()).toMatchObject({ 'agent of amy': 'none is running' });
    const pid = await started();
    expect(await checks()).toMatchObject({
      'agent of amy': expect.stringContaining(`process ${pid} keeps the key until `),
      account: 'the server accepts the keys of amy',
    });
  });

  it('goes unused, and is said to be, once the keys have another passphrase', async () => {
    const exported = join(scene.folder, 'amy.keys');
    expect((await command([...given('amy'), 'export', exported])).code).toBe(0);
    await started();
    expect((await command([...given('again'), 'import', exported])).code).toBe(0);
    const other = join(await scene.accountFolder('again', 'amy'), 'keys');
    const keys = join(await scene.accountFolder('amy', 'amy'), 'keys');
    const before = await readFile(keys);
    await writeFile(keys, await readFile(other), { mode: 0o600 });
    try {
      const { code, stderr } = await alone(['whoami']);
      expect([code, stderr.match(/agent not used/g)?.length]).toEqual([EXIT_USAGE, 1]);
    } finally {
      await writeFile(keys, before);
    }
    expect((await alone(['whoami'])).code).toBe(0);
  });
});
