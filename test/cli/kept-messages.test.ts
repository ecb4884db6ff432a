import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf as texts } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
  for (const room of ['Lobby', 'Attic', 'Cellar']) {
    await scene.sharedRoom(room);
    await scene.done('alice', 'send', room, `Überraschung in ${room}`);
  }
});
afterAll(() => scene[Symbol.asyncDispose]());

const as = (name: string, ...args: readonly string[]): Promise<CliResult> =>
  scene.as(name, '--json', ...args);

describe('messages that were read before', () => {
  it('are not kept with --no-cache or CONCLAVE_CACHE=off', async () => {
    expect((await as('alice', 'send', 'Lobby', 'off the record')).code).toBe(0);
    const read = async (...args: string[]): Promise<unknown[]> =>
      texts(await as('bob', ...args, 'tail', 'Lobby', '--count', '1'));
    const search = async (): Promise<unknown[]> => texts(await as('bob', 'search', 'off the record'));
    expect([await read('--no-cache'), await search()]).toEqual([['off the record'], []]);
    const off = { env: { CONCLAVE_CACHE: 'off' } };
    const printed = await scene.given(off, 'bob', 'tail', 'Lobby', '--count', '1');
    expect([printed.stdout.includes('off the record'), await search()]).toEqual([true, []]);
    expect([await read(), await search()]).toEqual([['off the record'], ['off the record']]);
    const refused = await scene.given({ env: { CONCLAVE_CACHE: 'maybe' } }, 'bob', 'whoami');
    expect([refused.code, refused.stderr]).toEqual([2, 'CONCLAVE_CACHE: maybe is neither on nor off\n']);
  });

  it('are found without the server, for people and for scripts', async () => {
    for (const room of ['Lobby', 'Attic']) await as('bob', 'tail', room);
    const nowhere = [...scene.at('profile'), '--user', 'bob'];
    const found = await command([...nowhere, '--json', 'search', 'uberraschung']);
    expect(texts(found)).toEqual(['Überraschung in Attic', 'Überraschung in Lobby']);
    expect(found.json[0]).toMatchObject({ type: 'message', room: 'Attic', from: 'alice', trust: 'pinned' });
    const one = await command([...nowhere, 'search', 'ÜBERRASCHUNG', '--room', 'lobby']);
    expect(one.stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\[Lobby\] alice: Überraschung in Lobby\n$/,
    );
    expect(texts(await as('bob', 'search', 'uber', '--count', '1'))).toHaveLength(1);
    expect(texts(await as('bob', 'search', 'nothing like it'))).toEqual([]);
  });

  it.each([
    ['an empty text', ['search', ' '], 2],
    ['no number', ['search', 'x', '--count', 'many'], 2],
    ['a room one is not in', ['search', 'x', '--room', 'Nowhere'], 5],
    ['what is not kept', ['--no-cache', 'search', 'x'], 2],
  ])('refuse %s with a reason', async (_, args, code) => {
    const refused = await as('bob', ...args);
    expect([refused.code, refused.json.at(-1)?.['type']]).toEqual([code, 'error']);
  });

  it('are only read by their owner, and may be damaged or deleted', async () => {
    const read = async (): Promise<unknown[]> => texts(await as('bob', 'tail', 'Attic'));
    const looked = (): Promise<CliResult> => as('bob', 'search', 'uber', '--room', 'Attic');
    const search = async (): Promise<unknown[]> => texts(await looked());
    const all = ['Überraschung in Attic'];
    expect([await read(), await search()]).toEqual([all, all]);
    const cache = join(await scene.accountFolder('profile', 'bob'), 'cache');
    expect((await readFile(cache)).includes('berraschung')).toBe(false);
    await writeFile(cache, 'rubbish'.repeat(3000));
    const told = 'the messages kept on this machine for bob were damaged, and have been deleted';
    const damaged = await looked();
    expect([texts(damaged), damaged.stderr.includes(told)]).toEqual([[], true]);
    expect([await read(), await search()]).toEqual([all, all]);
    await rm(cache);
    const none = await looked();
    expect([texts(none), none.stderr.includes('damaged')]).toEqual([[], false]);
    expect([await read(), await search()]).toEqual([all, all]);
  });

  it('go with the membership, also for who keeps none at that moment', async () => {
    const search = async (): Promise<unknown[]> => texts(await as('bob', 'search', 'in Cellar'));
    await as('bob', 'tail', 'Cellar');
    expect(await search()).toEqual(['Überraschung in Cellar']);
    expect((await as('bob', '--no-cache', 'leave', 'Cellar')).code).toBe(0);
    expect(await search()).toEqual([]);
  });
});
