import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { newInvitation } from '../support/cluster/invitation.ts';
import { ADMIN_TOKEN } from '../support/cluster/operator.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';
import { keyPoolEnv } from '../support/keys/key-pool-env.ts';

let scene: CliScene;
let folder: string;
beforeAll(async () => {
  scene = await CliScene.with({});
  ({ folder } = scene);
});
afterAll(() => scene[Symbol.asyncDispose]());

const at = (profile: string): string[] => scene.at(profile);
const plain = (profile: string, ...args: readonly string[]): Promise<CliResult> =>
  scene.alone(profile, ...args);

describe('accounts of the command line', () => {
  it('take an RSA-2048 key from a PEM file, and nothing else', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const elliptic = generateKeyPairSync('ed25519').privateKey;
    const files = {
      pkcs1: privateKey.export({ type: 'pkcs1', format: 'pem' }),
      pkcs8: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      sealed: privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
      small: small.export({ type: 'pkcs8', format: 'pem' }),
      elliptic: elliptic.export({ type: 'pkcs8', format: 'pem' }),
      none: 'not a key',
    };
    for (const [name, pem] of Object.entries(files)) {
      const file = join(folder, `${name}.pem`);
      await writeFile(file, pem);
      const result = await plain(`rsa-${name}`, 'register', `rsa${name}`, '--rsa-key', file);
      if (name.startsWith('pkcs')) expect(result).toMatchObject({ code: 0, json: [{ user: `rsa${name}` }] });
      else expect(result, name).toMatchObject({ code: 2, json: [{ type: 'error', code: 'usage' }] });
    }
  });

  it('are several to a profile: the first is meant until another is chosen', async () => {
    await plain('several', 'register', 'First');
    await plain('several', 'register', 'Second');
    expect((await plain('several', 'whoami')).json).toMatchObject([{ user: 'First' }]);
    expect((await plain('several', '--user', 'second', 'whoami')).json).toMatchObject([{ user: 'Second' }]);
    expect((await plain('several', 'whoami')).json).toMatchObject([{ user: 'First' }]);
    expect((await plain('several', 'use', 'second')).code).toBe(0);
    expect((await plain('several', 'whoami')).json).toMatchObject([{ user: 'Second' }]);
    expect(await plain('several', 'use', 'nobody')).toMatchObject({
      code: 6,
      json: [{ code: 'no_profile' }],
    });
    const withoutServer = await command([
      '--profile',
      join(folder, 'several'),
      '--no-passphrase',
      '--json',
      'whoami',
    ]);
    expect(withoutServer.json).toMatchObject([{ user: 'Second' }]);
  });

  it('are kept where only their owner reads, and refused, with what mends it, where others can', async () => {
    await plain('open', 'register', 'careless');
    const account = await scene.accountFolder('open', 'careless');
    expect((await stat(account)).mode & 0o777).toBe(0o700);
    expect((await stat(join(account, 'keys'))).mode & 0o777).toBe(0o600);
    await chmod(join(account, 'keys'), 0o644);
    const refused = await plain('open', 'whoami');
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain(`chmod 600 ${join(account, 'keys')}`);
    const doctor = await plain('open', 'doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.json).toContainEqual(expect.objectContaining({ name: 'keys of careless', ok: false }));
    expect(doctor.json).toContainEqual(expect.objectContaining({ name: 'connection', ok: true }));
    await chmod(join(account, 'keys'), 0o600);
    expect((await plain('open', 'doctor')).code).toBe(0);
  });

  it('ask for a new passphrase twice on the terminal, and for it once later', async () => {
    const wrong = await onTerminal(
      [...at('tty'), 'register', 'typed'],
      ['plum horse tin eleven\n', 'another\n'],
    );
    expect(wrong).toMatchObject({ code: 2, screen: expect.stringContaining('the two are not the same') });
    const made = await onTerminal(
      [...at('tty'), 'register', 'typed'],
      ['plum horse tin eleven\n', 'plum horse tin eleven\n'],
    );
    expect(made).toMatchObject({ code: 0, screen: expect.stringContaining('registered typed') });
    expect(made.screen).not.toContain('plum horse');
    const known = await onTerminal([...at('tty'), 'whoami'], ['plum horse tin eleven\n']);
    expect(known).toMatchObject({ code: 0, screen: expect.stringContaining('typed at ws://') });
    const unknown = await onTerminal([...at('tty'), 'whoami'], ['open barley\n']);
    expect(unknown).toMatchObject({ code: 6, screen: expect.stringContaining('wrong passphrase, or') });
  });

  it('ask on the terminal for the invitation that a server wants, as often as it is mistyped', async () => {
    await using closed = await startGateway({
      DATA_DIR: join(folder, 'invited-data'),
      REGISTRATION: 'invite',
      ADMIN_TOKEN,
      ...ratesOff,
    });
    const to = [
      '--server',
      closed.url,
      '--profile',
      join(folder, 'asked'),
      '--no-passphrase',
      'register',
      'Guest',
    ];
    const question = 'Invitation code: ';
    const wrong = await onTerminal(
      to,
      ['nonsense\n', '0000-0000-0000-0000\n', 'x\n', 'y\n', 'z\n'],
      question,
    );
    expect(wrong).toMatchObject({
      code: 2,
      screen: expect.stringContaining('a code is 16 letters and digits'),
    });
    expect(wrong.screen).toContain('by invitation');
    const code = await newInvitation(closed);
    const right = await onTerminal(to, [`${code.toLowerCase()}\n`], question);
    expect(right).toMatchObject({ code: 0, screen: expect.stringContaining('registered Guest') });
  });
});

/** Runs it on a pseudo-terminal of its own; each answer is typed when another question ended like this. */
async function onTerminal(
  args: readonly string[],
  answers: readonly string[],
  question = ': ',
): Promise<{ readonly code: number; readonly screen: string }> {
  const command = [process.execPath, 'dist/client/cli/main.js', ...args].map((arg) => `'${arg}'`).join(' ');
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], HOME: scene.folder, TERM: 'xterm', ...keyPoolEnv() },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const ended = once(child, 'close');
  for (const [asked, answer] of answers.entries()) {
    await eventually(() => expect(screen.split(question).length).toBeGreaterThan(asked + 1));
    child.stdin.write(answer);
  }
  const [code]: unknown[] = await ended;
  return { code: Number(code), screen };
}
