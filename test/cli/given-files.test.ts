import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';

/** Nobody answers there, and nobody is asked: all of this fails before. */
const NOWHERE = 'ws://127.0.0.1:9';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-given-'));
  // Otherwise nobody else could read anything in it.
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const conclave = (...args: readonly string[]): Promise<CliResult> =>
  command(['--server', NOWHERE, '--profile', join(folder, 'profile'), ...args]);

describe('a secret file', () => {
  it.each([
    [0o644, true],
    [0o640, true],
    [0o600, false],
  ])('with mode %o that others can read is taken with a warning: %s', async (mode, isOpen) => {
    const file = join(folder, `passphrase-${mode}`);
    await writeFile(file, 'correct horse');
    await chmod(file, mode);
    const { code, stderr } = await conclave('--passphrase-file', file, 'whoami');
    expect(code).toBe(6);
    expect(stderr.includes(`--passphrase-file: others on this machine can read ${file}`)).toBe(isOpen);
  });

  it.each([
    ['--password-file', ['create', 'Lobby', '--password-file']],
    ['--password-file', ['join', 'Lobby', '--password-file']],
    ['--password-file', ['room', 'password', 'Lobby', '--password-file']],
    ['--invite-file', ['register', 'ann', '--invite-file']],
    ['--rsa-key', ['register', 'ann', '--rsa-key']],
    ['import', ['import']],
  ])('of another kind is treated the same: %s of %s', async (option, command) => {
    const file = join(folder, 'secret');
    await writeFile(file, 'correct horse', { mode: 0o600 });
    await chmod(file, 0o600);
    const given = (): Promise<CliResult> => conclave('--no-passphrase', ...command, file);
    expect((await given()).stderr).not.toContain('warning');
    await chmod(file, 0o640);
    expect((await given()).stderr).toContain(`warning: ${option}: others on this machine can read ${file}`);
  });

  it('in a folder that nobody else can enter is no concern, whatever its mode', async () => {
    const secrets = join(folder, 'secrets');
    await mkdir(secrets, { mode: 0o700 });
    const file = join(secrets, 'passphrase');
    await writeFile(file, 'correct horse');
    await chmod(file, 0o644);
    const given = (): Promise<CliResult> => conclave('--passphrase-file', file, 'whoami');
    expect((await given()).stderr).not.toContain('warning');
    await chmod(secrets, 0o711);
    expect((await given()).stderr).toContain(`others on this machine can read ${file}`);
  });

  it('of conclave-admin with a token is treated the same', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'token', { mode: 0o600 });
    const nodes = (): Promise<CliResult> =>
      cli(['--url', 'http://127.0.0.1:9', '--token-file', file, 'nodes'], { program: 'admin' });
    expect((await nodes()).stderr).not.toContain('warning');
    await chmod(file, 0o644);
    expect((await nodes()).stderr).toContain(`--token-file: others on this machine can read ${file}`);
  });
});

describe('what is given without a file', () => {
  it.each([
    ['--passphrase-file', ['--passphrase-file', '/dev/zero', 'register', 'ann']],
    ['--password-file', ['create', 'Lobby', '--password-file', '/dev/zero']],
    ['--invite-file', ['--no-passphrase', 'register', 'ann', '--invite-file', '/dev/zero']],
    ['--rsa-key', ['--no-passphrase', 'register', 'ann', '--rsa-key', '/dev/zero']],
  ])('is refused when it has no end: %s', async (option, args) => {
    const { code, stderr } = await conclave(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`${option}: /dev/zero is over [\\d,]+ bytes`));
  });
});

describe('a key file of another kind', () => {
  it.each([
    [
      'ed25519',
      'is a key for ed25519, not a plain RSA key: make one with openssl genrsa 2048, or leave --rsa-key out',
    ],
    [
      'rsa-pss',
      'is a key for rsa-pss, not a plain RSA key: make one with openssl genrsa 2048, or leave --rsa-key out',
    ],
    ['openssh', 'is in the format of OpenSSH: rewrite a copy of it as PEM with ssh-keygen -p -m PEM -f COPY'],
  ])('is refused by its name: %s', async (kind, words) => {
    const file = join(folder, kind);
    await writeFile(file, pemOf(kind));
    const { code, stderr } = await conclave('--no-passphrase', 'register', 'ann', '--rsa-key', file);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file} ${words}`);
  });
});

function pemOf(kind: string): string {
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString();
  if (kind === 'rsa-pss')
    return generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey.export(pkcs8).toString();
  return '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n';
}
