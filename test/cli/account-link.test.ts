import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import { type RunningCli, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let scene: CliScene;
let machines: string;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob', 'carol');
  machines = await mkdtemp(join(tmpdir(), 'conclave-linked-'));
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await rm(machines, { recursive: true, force: true });
});

const program = [process.execPath, 'dist/client/cli/main.js'];
const newMachine = (name: string): string[] => [
  ...['--server', scene.gateway.url, '--profile', join(machines, name), '--no-passphrase'],
];

async function fingerprintOf(name: string): Promise<string> {
  const { json } = await scene.done(name, '--json', 'whoami');
  return String(json[0]?.['fingerprint']);
}

/** The first JSON object of a type, once it was printed. */
function lineOf({ stdout }: RunningCli, type: string): Promise<Readonly<Record<string, unknown>>> {
  return eventually(() => {
    const lines = stdout().split('\n').slice(0, -1);
    const found = lines.map((line) => JSON.parse(line)).find((line) => line.type === type);
    return found ?? expect.unreachable(`no ${type} in ${stdout()}`);
  });
}

describe('a device that is linked', () => {
  it('has the account of the other one, by what its QR code says, and both go on', async () => {
    const fingerprint = await fingerprintOf('alice');
    const machine = newMachine('alice');
    await using waiting = startCli([...machine, '--json', 'link', '--fingerprint', fingerprint]);
    const { ticket } = await lineOf(waiting, 'link');
    const given = await command([...scene.options('alice'), 'link', '--give', '--code-file', '-'], {
      stdin: String(ticket),
    });
    expect(given).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('hands over your whole account, alice'),
    });
    const { code, json } = await waiting.ended;
    expect(code).toBe(0);
    expect(json.at(-1)).toMatchObject({ type: 'linked', user: 'alice', fingerprint });
    expect((await command([...machine, 'create', 'Lobby'])).code).toBe(0);
    expect((await scene.done('alice', 'send', 'Lobby', 'from the old one')).code).toBe(0);
    expect((await command([...machine, 'tail', 'Lobby'])).stdout).toContain('from the old one');
  });

  it('shows digits that are typed on the other one, and whose account it gets before it takes it', async () => {
    await using fresh = TmuxTerminal.start({ command: [...program, ...newMachine('bob'), 'link'], rows: 45 });
    const [, code = ''] = /Code: (\S{4}-\S{4})/.exec(await fresh.shows('Code: ')) ?? [];
    await using old = TmuxTerminal.start({
      command: [...program, ...scene.options('bob'), 'link', '--give'],
    });
    await old.shows('Code shown on the new device:');
    await old.line(code.toLowerCase());
    const [, digits = ''] =
      /Digits to type there: (\d{6})/.exec(await fresh.shows('Digits to type there:')) ?? [];
    await old.shows('Digits shown on the new device:');
    await old.line(digits);
    expect(await fresh.shows('Is this your account?')).toContain((await fingerprintOf('bob')).slice(0, 40));
    await fresh.line('yes');
    await fresh.shows('linked this device with bob');
    expect(await fresh.ended()).toBe(0);
    await old.shows('the new device has the account of bob');
    expect(await old.ended()).toBe(0);
  });

  it('gets nothing, and has no profile, after wrong digits', async () => {
    const machine = newMachine('carol');
    await using waiting = startCli([...machine, '--json', 'link', '--yes']);
    const { code } = await lineOf(waiting, 'link');
    await using old = TmuxTerminal.start({
      command: [...program, ...scene.options('carol'), 'link', '--give'],
    });
    await old.shows('Code shown on the new device:');
    await old.line(String(code));
    const { digits } = await lineOf(waiting, 'link-digits');
    await old.shows('Digits shown on the new device:');
    await old.line(digits === '000000' ? '000001' : '000000');
    await old.shows('nothing was handed over');
    expect(await old.ended()).toBe(6);
    expect(await waiting.ended).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('the other device refused'),
    });
    expect(await command([...machine, 'whoami'])).toMatchObject({ code: 6 });
  });

  it('is not looked for with something that is no code', async () => {
    const given = await command([...scene.options('carol'), 'link', '--give', '--code-file', '-'], {
      stdin: 'hello',
    });
    expect(given).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not the code of a waiting device'),
    });
  });
});

describe('register on a terminal', () => {
  const registering = (name: string, ...args: readonly string[]): TmuxTerminal =>
    TmuxTerminal.start({ command: [...program, ...newMachine(name), 'register', name, ...args], rows: 45 });

  it('makes a backup and shows its code, with which the account is restored', async () => {
    await using terminal = registering('dave');
    const [, code = ''] =
      /^ {2}((?:\w{4}-){5}\w{4})$/m.exec(await terminal.shows('Whoever has it can act as you')) ?? [];
    expect(await terminal.ended()).toBe(0);
    const restored = await command(
      [...newMachine('dave-again'), 'restore', 'dave', '--code-file', '-', '--yes'],
      {
        stdin: code,
      },
    );
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('restored dave') });
  });

  it('makes none when it is told not to, and says what that means', async () => {
    await using terminal = registering('erin', '--no-backup');
    expect(await terminal.shows('there is no backup')).not.toContain('Recovery code');
    expect(await terminal.ended()).toBe(0);
  });
});
