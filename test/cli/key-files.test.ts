import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import { type CliResult, cli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
let folder: string;
let passphrase: string;
beforeAll(async () => {
  scene = await CliScene.with({});
  ({ folder } = scene);
  passphrase = join(folder, 'passphrase');
  await writeFile(passphrase, 'open sesame\n', { mode: 0o600 });
  const made = await run('sealed', ['--passphrase-file', passphrase, 'register', 'alice']);
  expect(made.code).toBe(0);
});
afterAll(() => scene[Symbol.asyncDispose]());

const run = (profile: string, args: readonly string[]): Promise<CliResult> =>
  command([...scene.at(profile), '--json', ...args]);
/** One of several processes at once. */
const amongOthers = (profile: string, args: readonly string[]): Promise<CliResult> =>
  cli([...scene.at(profile), '--json', ...args]);

/** One line for people, one object for scripts, nothing of the inside. */
function expectRefused(result: CliResult, code: string, message: RegExp): void {
  expect([result.code, result.json]).toMatchObject([
    6,
    [{ type: 'error', code, message: expect.stringMatching(message) }],
  ]);
  expect(result.stderr).toMatch(message);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
}

describe('an account in pipes', () => {
  it('is imported with its passphrase, so that a container needs neither in a file', async () => {
    const exported = join(folder, 'alice.conclave');
    const made = await run('sealed', ['--passphrase-file', passphrase, 'export', exported]);
    expect(made.code).toBe(0);
    const [keys, words] = [join(folder, 'keys-pipe'), join(folder, 'words-pipe')];
    execFileSync('mkfifo', [keys, words]);
    const imported = async (): Promise<CliResult> => {
      const [result] = await Promise.all([
        run('container', ['--passphrase-file', words, 'import', keys]),
        writeFile(keys, await readFile(exported)),
        writeFile(words, 'open sesame\n'),
      ]);
      return result;
    };
    expect(await imported()).toMatchObject({ code: 0, json: [{ user: 'alice' }] });
    const [listed] = await Promise.all([
      run('container', ['--passphrase-file', words, 'keys']),
      writeFile(words, 'open sesame\n'),
    ]);
    expect(listed.code).toBe(0);
    // Over itself it asks for the profile's passphrase too, which is the same and has been read.
    expectRefused(await imported(), 'profile_exists', /alice/);
  });
});

describe('the key file', () => {
  it('says in one plain line that a passphrase is wrong', async () => {
    const wrong = join(folder, 'wrong');
    await writeFile(wrong, 'open barley\n', { mode: 0o600 });
    const refused = await run('sealed', ['--passphrase-file', wrong, 'keys']);
    expectRefused(refused, 'wrong_passphrase', /^wrong passphrase, or .*keys is damaged$/m);
  });

  it('is refused with any part of it changed or missing', async () => {
    const file = join(await scene.accountFolder('sealed', 'alice'), 'keys');
    const whole = await readFile(file);
    // Every byte is tried in client/profile/sealed-file.test.ts; here it is the command that has to take it well.
    const damaged = [
      ...[0, 8, 9, 50, whole.length - 1].map((at) =>
        Buffer.from(whole).fill((whole[at] ?? 0) ^ 1, at, at + 1),
      ),
      whole.subarray(0, 30),
      whole.subarray(0, -1),
    ];
    try {
      for (const content of damaged) {
        await writeFile(file, content);
        const refused = await run('sealed', ['--passphrase-file', passphrase, 'keys']);
        expect([refused.code, refused.json.map(({ type }) => type)]).toEqual([6, ['error']]);
        expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1);
      }
    } finally {
      await writeFile(file, whole);
    }
    expect((await run('sealed', ['--passphrase-file', passphrase, 'keys'])).code).toBe(0);
  });

  it('is refused while others can use any folder above it in the profile, with what mends it', async () => {
    const account = await scene.accountFolder('sealed', 'alice');
    for (const path of [account, join(account, '..'), join(folder, 'sealed')]) {
      await chmod(path, 0o750);
      const refused = await run('sealed', ['--passphrase-file', passphrase, 'keys']);
      expectRefused(refused, 'no_profile', new RegExp(`can be used by others; run: chmod 700 ${path}$`, 'm'));
      await chmod(path, 0o700);
    }
  });

  it('is made once when several processes register the same name at once', async () => {
    const results = await Promise.all(
      [1, 2, 3].map(() => amongOthers('crowd', ['--no-passphrase', 'register', 'alicia'])),
    );
    expect(results.map(({ code }) => code).filter((code) => code !== 0 && code !== 6)).toEqual([]);
    const made = results.filter(({ code }) => code === 0);
    expect(made.length).toBeGreaterThan(0);
    const now = await run('crowd', ['whoami']);
    for (const { json } of made) expect(json).toEqual(now.json);
    expect((await run('crowd', ['rooms'])).code).toBe(0);
  });

  it('serves several processes at once', async () => {
    const one = ['--no-passphrase', '--user', 'carol'];
    expect((await run('busy', ['--no-passphrase', 'register', 'carol'])).code).toBe(0);
    expect((await run('busy', [...one, 'create', 'Busy'])).code).toBe(0);
    const sent = await Promise.all(
      [1, 2, 3].map((n) => amongOthers('busy', [...one, 'send', 'Busy', `number ${n}`])),
    );
    expect(sent.map(({ code }) => code)).toEqual([0, 0, 0]);
    const read = await Promise.all([1, 2].map(() => amongOthers('busy', [...one, 'tail', 'Busy'])));
    for (const { json } of read)
      expect(json.map(({ text }) => text).toSorted()).toEqual(['number 1', 'number 2', 'number 3']);
  });
});
