import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';

let scene: CliScene;
let folder: string;
beforeAll(async () => {
  scene = await CliScene.with({});
  ({ folder } = scene);
});
afterAll(() => scene[Symbol.asyncDispose]());

const at = (profile: string): string[] => [...scene.at(profile), '--no-passphrase', '--json'];
const run = (profile: string, ...args: readonly string[]): Promise<CliResult> =>
  scene.alone(profile, '--timeout', '60', ...args);

async function done(profile: string, ...args: readonly string[]): Promise<CliResult['json']> {
  const result = await run(profile, ...args);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result.json;
}

describe('new keys on the command line', () => {
  it('replace the old ones, which stay for old messages, and are listed', async () => {
    const [before] = await done('ann', 'register', 'Ann');
    await done('ann', 'create', 'Notes');
    await done('ann', 'send', 'Notes', 'under the old key');
    const rotated = await run('ann', 'rotate');
    // The session ends with its keys, which is no outage.
    expect(rotated, rotated.stderr).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('connect'),
    });
    const [after] = rotated.json;
    expect(after).toMatchObject({ type: 'identity', user: 'Ann', id: before?.['id'] });
    expect(after?.['fingerprint']).not.toBe(before?.['fingerprint']);
    expect(await done('ann', 'whoami')).toEqual([after]);
    expect(await done('ann', 'keys')).toMatchObject([
      { type: 'key', sequence: 0, current: false, fingerprint: before?.['fingerprint'] },
      { type: 'key', sequence: 1, current: true, fingerprint: after?.['fingerprint'] },
    ]);
    await done('ann', 'send', 'Notes', 'under the new key');
    expect((await done('ann', 'tail', 'Notes')).map(({ text }) => text)).toEqual([
      'under the old key',
      'under the new key',
    ]);
  });

  it('reach a second machine by export and import; until then it is told to import them', async () => {
    await done('desk', 'register', 'Bea');
    await done('desk', 'create', 'Diary');
    const first = join(folder, 'first.conclave');
    await done('desk', 'export', first);
    await done('laptop', 'import', first);
    await done('laptop', 'send', 'Diary', 'beside the first');
    await done('desk', 'rotate');
    for (const code of ['keys_replaced', 'auth_failed']) {
      const refused = await run('laptop', 'send', 'Diary', 'no more');
      expect(refused).toMatchObject({ code: 4, json: [{ type: 'error', code }] });
      expect(refused.json[0]?.['message']).toMatch(/import them here/);
    }
    expect(await run('desk', 'import', first)).toMatchObject({ code: 6, json: [{ code: 'profile_exists' }] });
    const second = join(folder, 'second.conclave');
    await done('desk', 'export', second);
    const [me] = await done('desk', 'whoami');
    expect(await done('laptop', 'import', second)).toEqual([me]);
    await done('laptop', 'send', 'Diary', 'together again');
    expect(await run('laptop', 'import', second)).toMatchObject({
      code: 6,
      json: [{ code: 'profile_exists' }],
    });
    expect((await done('laptop', 'tail', 'Diary')).map(({ text }) => text)).toEqual([
      'beside the first',
      'together again',
    ]);
    expect(await done('laptop', 'keys')).toHaveLength(2);
  });

  it('are taken by a process of the same profile that runs meanwhile', async () => {
    await done('long', 'register', 'Cem');
    await done('long', 'create', 'Feed');
    await using tail = startCli([...at('long'), 'tail', 'Feed', '--follow', '--since', 'now']);
    await eventually(() => expect(tail.stdout()).toMatch(/"online"/));
    await done('long', 'rotate');
    await done('long', 'send', 'Feed', 'after the change');
    await eventually(() => expect(tail.stdout()).toMatch(/after the change/));
    expect(tail.child.exitCode).toBeNull();
  });

  it('are made one at a time when two processes of a profile ask at once', async () => {
    await done('twice', 'register', 'Dan');
    const rotate = (): Promise<CliResult> => cli([...at('twice'), '--timeout', '60', 'rotate']);
    const rotated = await Promise.all([rotate(), rotate()]);
    expect(rotated).toMatchObject([{ code: 0 }, { code: 0 }]);
    const [one, two] = rotated.map(({ json }) => json);
    const keys = await done('twice', 'keys');
    expect([2, 3]).toContain(keys.length);
    const fingerprints = keys.map(({ fingerprint }) => fingerprint);
    expect(fingerprints).toEqual(
      expect.arrayContaining([one?.[0]?.['fingerprint'], two?.[0]?.['fingerprint']]),
    );
    await done('twice', 'create', 'Twice');
  });
});

describe('the end of sessions and accounts on the command line', () => {
  it('logs out everywhere: what runs on another machine ends, and its next command logs in anew', async () => {
    await done('here', 'register', 'Fox');
    await done('here', 'create', 'Den');
    const file = join(folder, 'fox.conclave');
    await done('here', 'export', file);
    await done('there', 'import', file);
    await using tail = startCli([...at('there'), 'tail', 'Den', '--follow', '--since', 'now']);
    await eventually(() => expect(tail.stdout()).toMatch(/"online"/));
    expect(await run('here', 'logout', '--everywhere')).toMatchObject({ code: 0, stdout: '' });
    expect(await tail.ended).toMatchObject({ code: 4 });
    await done('there', 'send', 'Den', 'back');
  });

  it('closes an account that its user insists on closing, and says so from then on', async () => {
    const [me] = await done('gone', 'register', 'Gil');
    const asked = await run('gone', 'close-account');
    expect(asked).toMatchObject({ code: 2, json: [{ type: 'error', code: 'usage' }] });
    expect(asked.stderr).toMatch(/--yes/);
    await done('gone', 'create', 'Still');
    const closed = await run('gone', 'close-account', '--yes');
    const { server, user, id } = me ?? expect.unreachable();
    expect(closed).toMatchObject({ code: 0, json: [{ type: 'closed', server, user, id }] });
    expect(closed.stderr).toContain(join(folder, 'gone'));
    const later = await run('gone', 'rooms');
    expect(later).toMatchObject({
      code: 4,
      json: [{ code: 'auth_failed', message: 'this account was closed' }],
    });
    expect(await run('other', 'register', 'gil')).toMatchObject({ code: 5, json: [{ code: 'name_taken' }] });
  });
});
