import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { parseUserName, type UserName } from '../../src/protocol/names.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { newAccountKeys } from '../sdk/index.ts';
import type { AccountKeys } from '../sdk/storage/storage.ts';
import { Profile, serverFolder } from './profile.ts';

const at = (address: string): Origin => parseOrigin(address) ?? expect.unreachable();
const named = (name: string): UserName => parseUserName(name) ?? expect.unreachable();
const here = at('ws://127.0.0.1:8080');
const elsewhere = at('wss://chat.example.org');

let ada: AccountKeys;
let bob: AccountKeys;
let directory = '';
let profile: Profile;
beforeAll(async () => {
  [ada, bob] = await Promise.all([newAccountKeys('Ada'), newAccountKeys('Bob')]);
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-profile-'));
  profile = new Profile(join(directory, 'conclave'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const keyFile = (): string => join(profile.directory, serverFolder(here), 'ada', 'keys');

describe('a profile', () => {
  test('keeps keys under a passphrase, for this user alone', async () => {
    await profile.create(here, ada, 'open sesame');
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect((await stat(join(keyFile(), '..'))).mode & 0o777).toBe(0o700);
    expect(await profile.needsPassphrase(here, named('ADA'))).toBe(true);
    await expect(profile.open(here, named('ada'), 'open sesam')).rejects.toMatchObject({
      code: 'wrong_passphrase',
    });
    const opened = await profile.open(here, named('ada'), 'open sesame');
    expect(opened.account).toEqual(ada);
    await opened.close();
  });

  test('takes all names of this machine for one, and other servers for others', async () => {
    await profile.create(here, ada, undefined);
    expect(await profile.users(at('ws://localhost:8080'))).toEqual(['ada']);
    expect(await profile.users(at('ws://[::1]:8080'))).toEqual(['ada']);
    expect(await profile.users(at('ws://127.0.0.1:8081'))).toEqual([]);
    expect(await profile.users(elsewhere)).toEqual([]);
    await expect(profile.open(elsewhere, named('Ada'), undefined)).rejects.toMatchObject({
      code: 'no_profile',
    });
  });

  test('never overwrites keys', async () => {
    await profile.create(here, ada, undefined);
    const before = await readFile(keyFile());
    const other = await newAccountKeys('ADA');
    await expect(profile.create(here, other, undefined)).rejects.toMatchObject({ code: 'profile_exists' });
    expect(await readFile(keyFile())).toEqual(before);
    expect(await readdir(join(keyFile(), '..'))).toEqual(['keys']);
  });

  test('lets only one of two that write the same keys at once win', async () => {
    const results = await Promise.allSettled([
      profile.create(here, ada, undefined),
      profile.create(here, { ...bob, name: ada.name }, undefined),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('refuses keys and folders that others can use, and says what mends it', async () => {
    await profile.create(here, ada, undefined);
    await chmod(keyFile(), 0o640);
    await expect(profile.open(here, named('Ada'), undefined)).rejects.toThrow(`run: chmod 600 ${keyFile()}`);
    await chmod(keyFile(), 0o600);
    for (const folder of [join(keyFile(), '..'), join(keyFile(), '..', '..'), profile.directory]) {
      await chmod(folder, 0o755);
      await expect(profile.open(here, named('Ada'), undefined)).rejects.toThrow(`run: chmod 700 ${folder}`);
      await chmod(folder, 0o700);
    }
    await (await profile.open(here, named('Ada'), undefined)).close();
  });

  test.each([
    ['/proc/conclave/profile', 'there is no folder for /proc/conclave'],
    ['/dev/null/profile', 'is a file, not a folder'],
  ])('is refused at once at %s, where no folder can be made', async (place, reason) => {
    const refusal = { code: 'profile_unwritable', message: expect.stringContaining(reason) };
    await expect(new Profile(place).create(here, ada, undefined)).rejects.toMatchObject(refusal);
  });

  test('refuses keys and folders of another user', async () => {
    await profile.create(here, ada, undefined);
    const user = vi.spyOn(process, 'geteuid').mockReturnValue((await stat(keyFile())).uid + 1);
    try {
      await expect(profile.open(here, named('Ada'), undefined)).rejects.toMatchObject({
        code: 'no_profile',
        message: expect.stringContaining(`${profile.directory} belongs to another user (number`),
      });
    } finally {
      user.mockRestore();
    }
  });

  test('says so when a byte of the keys changed, and takes nothing for keys that are none', async () => {
    await profile.create(here, ada, undefined);
    const bytes = await readFile(keyFile());
    bytes[bytes.length - 100] = (bytes.at(-100) ?? 0) ^ 1;
    await writeFile(keyFile(), bytes);
    await expect(profile.open(here, named('Ada'), undefined)).rejects.toMatchObject({
      code: 'wrong_passphrase',
      message: expect.stringContaining(`${keyFile()} is damaged`),
    });
    await writeFile(keyFile(), '');
    await expect(profile.open(here, named('Ada'), undefined)).rejects.toMatchObject({ code: 'no_profile' });
  });

  test('opens without a cache when something else is in its place, and refuses one that others can read', async () => {
    await profile.create(here, ada, undefined);
    const cache = join(keyFile(), '..', 'cache');
    await mkdir(cache, { mode: 0o700 });
    const without = await profile.open(here, named('Ada'), undefined);
    expect(without.cache).toBeUndefined();
    await without.close();
    await rm(cache, { recursive: true });
    const opened = await profile.open(here, named('Ada'), undefined);
    expect(opened.cache).toBeDefined();
    await opened.close();
    await chmod(cache, 0o644);
    await expect(profile.open(here, named('Ada'), undefined)).rejects.toThrow(`run: chmod 600 ${cache}`);
  });

  test('does not see what a crash left of a write', async () => {
    await profile.create(here, ada, undefined);
    await rm(keyFile());
    await writeFile(`${keyFile()}.0011aabbccdd.tmp`, 'half', { mode: 0o600 });
    expect(await profile.users(here)).toEqual([]);
    await profile.create(here, ada, undefined);
    expect(await profile.users(here)).toEqual(['ada']);
  });

  test('means the first user of a server until it is told otherwise', async () => {
    expect(await profile.defaultUser(here)).toBeUndefined();
    await profile.create(here, ada, undefined);
    await profile.create(here, bob, undefined);
    expect(await profile.defaultUser(here)).toBe('Ada');
    await profile.use(here, named('bob'));
    expect(await profile.defaultUser(here)).toBe('bob');
    await expect(profile.use(here, named('Eve'))).rejects.toMatchObject({ code: 'no_profile' });
  });

  test('forgets keys that no server took, and their place as default', async () => {
    await profile.create(here, ada, undefined);
    await profile.discard(here, ada.name);
    expect(await profile.users(here)).toEqual([]);
    expect(await profile.defaultUser(here)).toBeUndefined();
  });

  test('moves an account with its pins, but not its session, to another address', async () => {
    await profile.create(here, ada, undefined);
    const opened = await profile.open(here, named('Ada'), undefined);
    await opened.state.update('people', 'someone', () => ({ value: utf8('pin'), result: undefined }));
    await opened.state.update('session', 'token', () => ({ value: utf8('token'), result: undefined }));
    const file = join(directory, 'ada.conclave');
    await profile.export(opened, file, 'two');
    await opened.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const sealed = await profile.readExport(file);
    expect(sealed.needsPassphrase).toBe(true);
    await expect(sealed.open('one')).rejects.toMatchObject({ code: 'wrong_passphrase' });

    const exported = await sealed.open('two');
    expect(exported.account).toEqual(ada);
    await profile.import(elsewhere, exported, 'three');
    const moved = await profile.open(elsewhere, named('Ada'), 'three');
    expect(moved.account).toEqual(ada);
    expect(await moved.state.get('people', 'someone')).toEqual(utf8('pin'));
    expect(await moved.state.get('session', 'token')).toBeUndefined();
    await moved.close();
    await expect(profile.import(elsewhere, exported, undefined)).rejects.toMatchObject({
      code: 'profile_exists',
    });
  });
});
