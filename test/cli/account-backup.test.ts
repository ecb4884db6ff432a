import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';

let scene: CliScene;
let machines: string;
let machineCount = 0;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi');
  machines = await mkdtemp(join(tmpdir(), 'conclave-machines-'));
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await rm(machines, { recursive: true, force: true });
});

const lineOf = ({ json, stderr }: CliResult, type: string): Readonly<Record<string, unknown>> =>
  json.find((line) => line['type'] === type) ?? expect.unreachable(`no ${type}; ${stderr}`);

/** A machine with nothing on it. */
class Machine {
  readonly #profile: string;

  constructor() {
    machineCount += 1;
    this.#profile = join(machines, `machine-${machineCount}`);
  }

  run(args: readonly string[], stdin?: string): Promise<CliResult> {
    const options = ['--server', scene.gateway.url, '--profile', this.#profile, '--no-passphrase', '--json'];
    return command([...options, ...args], stdin === undefined ? {} : { stdin });
  }

  restore(name: string, code: string): Promise<CliResult> {
    return this.run(['restore', name, '--code-file', '-', '--yes'], code);
  }
}

async function newCode(name: string): Promise<string> {
  const made = await scene.done(name, '--json', 'backup', '--new-code');
  return String(lineOf(made, 'backup-made')['code']);
}

async function fingerprintOf(name: string): Promise<string> {
  return String(lineOf(await scene.done(name, '--json', 'whoami'), 'identity')['fingerprint']);
}

const statusOf = async (name: string) => lineOf(await scene.done(name, '--json', 'backup'), 'backup');

describe('the backup of an account', () => {
  it('restores keys, verified people and room secrets on an empty machine, which reads what was stored for it', async () => {
    const password = join(machines, 'password');
    await writeFile(password, 'correct horse', { mode: 0o600 });
    await scene.done('alice', 'create', 'Board', '--password-file', password);
    await scene.done('bob', 'join', 'Board', '--password-file', password);
    await scene.done('alice', 'verify', 'bob', '--fingerprint', await fingerprintOf('bob'));
    await scene.done('bob', 'send', 'Board', 'before the loss');

    const code = await newCode('alice');
    const machine = new Machine();
    const restored = await machine.restore('alice', code.toLowerCase().replaceAll('-', ' '));
    expect(restored).toMatchObject({ code: 0 });
    expect(lineOf(restored, 'restored')).toMatchObject({
      ...{
        user: 'alice',
        fingerprint: await fingerprintOf('alice'),
        people: 1,
        verified: 1,
        secrets: 1,
        peopleLeftOut: 0,
      },
    });
    expect(restored.stderr).toContain('not in a backup');
    // A password room: what it says is read with the secret that came along.
    const { stdout } = await machine.run(['tail', 'Board']);
    expect(stdout).toContain('before the loss');
    expect(lineOf(await machine.run(['members', 'Board']), 'member')).toBeDefined();
    expect((await machine.run(['send', 'Board', 'after the loss'])).code).toBe(0);
    expect((await scene.done('bob', 'tail', 'Board')).stdout).toContain('after the loss');
  });

  it('follows what changes on the device that made it, without its code', async () => {
    const code = await newCode('carol');
    const versionOf = async (): Promise<number> => Number((await statusOf('carol'))['version']);
    // Stored before the command ends, or, on a machine that is too slow for that, by one that follows.
    const storedAfter = (version: number): Promise<void> =>
      eventually(async () => expect(await versionOf()).toBeGreaterThan(version));
    const first = await versionOf();
    await scene.done('carol', 'verify', 'bob', '--fingerprint', await fingerprintOf('bob'));
    await storedAfter(first);
    expect(lineOf(await new Machine().restore('carol', code), 'restored')).toMatchObject({ verified: 1 });
    const second = await versionOf();
    await scene.done('carol', 'rotate');
    await storedAfter(second);
    const restored = lineOf(await new Machine().restore('carol', code), 'restored');
    expect(restored).toMatchObject({ fingerprint: await fingerprintOf('carol') });
    expect(await statusOf('carol')).toMatchObject({ state: 'kept' });
  });

  it('with a new code is opened by that one alone', async () => {
    const [first, second] = [await newCode('erin'), await newCode('erin')];
    const refused = await new Machine().restore('erin', first);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('wrong recovery code') });
    expect(await new Machine().restore('erin', second)).toMatchObject({ code: 0 });
  });

  it('that was deleted is refused as a wrong code is, and the account goes on', async () => {
    const code = await newCode('frank');
    await scene.done('frank', 'backup', '--delete', '--yes');
    expect((await new Machine().restore('frank', code)).stderr).toContain('wrong recovery code');
    expect((await scene.done('frank', 'backup')).stdout).toContain('there is no backup');
  });

  it('is not asked for with a mistyped code, nor with something else', async () => {
    const code = await newCode('grace');
    const mistyped = (code.startsWith('7') ? '8' : '7') + code.slice(1);
    expect(await new Machine().restore('grace', mistyped)).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('mistyped') },
    });
    expect(await new Machine().restore('grace', 'swordfish')).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('24 letters') },
    });
  });

  it('restores nothing over keys that are there, nor keys with another fingerprint than the sheet', async () => {
    const code = await newCode('heidi');
    const machine = new Machine();
    const other = await machine.run(
      ['restore', 'heidi', '--code-file', '-', '--fingerprint', '0'.repeat(64)],
      code,
    );
    expect(other.code).toBe(6);
    expect(await machine.restore('heidi', code)).toMatchObject({ code: 0 });
    expect(await machine.restore('heidi', code)).toMatchObject({
      ...{ code: 6, stderr: expect.stringContaining('you already have the keys') },
    });
  });

  it('from before the keys were replaced says so, and restores nothing', async () => {
    const machine = new Machine();
    expect(await machine.restore('dave', await newCode('dave'))).toMatchObject({ code: 0 });
    // That machine does not know the code of this one, and leaves it alone.
    const outdated = await newCode('dave');
    expect(await machine.run(['rotate'])).toMatchObject({ code: 0 });
    const refused = await new Machine().restore('dave', outdated);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('they were replaced') });
  });

  it('is made at registration when a script asks for it, and not otherwise', async () => {
    const machine = new Machine();
    const made = await machine.run(['register', 'ivan', '--backup']);
    const code = String(lineOf(made, 'backup-made')['code']);
    expect(await new Machine().restore('ivan', code)).toMatchObject({ code: 0 });
    const quiet = await new Machine().run(['register', 'judy']);
    expect(quiet.stdout).not.toContain('backup');
  });
});
