import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { newAccountKeys } from '../sdk/index.ts';
import { loadOwnAccount, nextIdentity } from '../sdk/people/own-account.ts';
import type { AccountKeys, OwnIdentity } from '../sdk/storage/storage.ts';
import { type OpenAccount, Profile, serverFolder } from './profile.ts';

const here = parseOrigin('ws://127.0.0.1:8080') ?? expect.unreachable();
const elsewhere = parseOrigin('wss://chat.example.org') ?? expect.unreachable();

let ada: AccountKeys;
let second: OwnIdentity;
let third: OwnIdentity;
let directory = '';
let profile: Profile;
const opened: OpenAccount[] = [];
beforeAll(async () => {
  ada = await newAccountKeys('Ada');
  second = await nextIdentity(await loadOwnAccount(ada), 2);
  third = await nextIdentity(await loadOwnAccount(of(second)), 3);
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-keys-'));
  profile = new Profile(join(directory, 'conclave'));
  await profile.create(here, ada, undefined);
});
afterEach(async () => {
  for (const account of opened.splice(0)) await account.close();
  await rm(directory, { recursive: true, force: true });
});

/** Ada after these rotations. */
const of = (...later: readonly OwnIdentity[]): AccountKeys => ({
  ...ada,
  identities: [...ada.identities, ...later],
});
const keyFile = (): string => join(profile.directory, serverFolder(here), 'ada', 'keys');

/** Most are without a passphrase, which would cost each test seconds. */
async function open(passphrase?: string, origin = here): Promise<OpenAccount> {
  const account = await profile.open(origin, ada.name, passphrase);
  opened.push(account);
  return account;
}

describe('the keys in a profile', () => {
  test('are replaced by more of the same under the same passphrase, for this user alone', async () => {
    await rm(keyFile());
    await profile.create(here, ada, 'sesame');
    const first = await open('sesame');
    const pending = { ...ada, pending: second };
    expect(await first.keys.update((stored) => ({ ...stored, pending: second }))).toEqual(pending);
    await first.keys.update(() => of(second));
    expect((await open('sesame')).account).toEqual(of(second));
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    await expect(profile.open(here, ada.name, 'other')).rejects.toMatchObject({ code: 'wrong_passphrase' });
    expect(await readdir(dirname(keyFile()))).not.toContain('keys.next');
  });

  test('are seen by whoever has the profile open already, and their records stay readable', async () => {
    const [first, other] = [await open(), await open()];
    const value = Uint8Array.of(1, 2, 3);
    await other.state.update('session', 'me', () => ({ value, result: undefined }));
    await first.keys.update(() => of(second));
    expect(await other.keys.load()).toEqual(of(second));
    expect(await (await open()).state.get('session', 'me')).toEqual(value);
  });

  test('are not written when nothing changes', async () => {
    // The first start notes that there is a state now.
    const { keys } = await open();
    const before = await readFile(keyFile());
    await keys.update((stored) => stored);
    expect(await readFile(keyFile())).toEqual(before);
  });

  test('are what they were when a change was cut short in the middle of its file', async () => {
    await writeFile(`${keyFile()}.next`, new Uint8Array(100), { mode: 0o600 });
    const first = await open();
    expect(first.account).toEqual(ada);
    await first.keys.update(() => of(second));
    expect((await open()).account).toEqual(of(second));
  });

  test('open no more when a byte of the new file is another', async () => {
    await (await open()).keys.update(() => of(second));
    const file = await readFile(keyFile());
    for (let at = 0; at < file.length; at += 97) {
      await writeFile(
        keyFile(),
        file.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      );
      await expect(profile.open(here, ada.name, undefined)).rejects.toMatchObject({
        code: expect.stringMatching(/^(wrong_passphrase|no_profile)$/),
      });
    }
  });

  test('are left alone by a process that has them open from before they were made anew', async () => {
    const first = await open();
    await rm(keyFile());
    await profile.create(here, ada, undefined);
    const anew = await readFile(keyFile());
    await expect(first.keys.update(() => of(second))).rejects.toMatchObject({ code: 'no_profile' });
    await expect(first.keys.load()).rejects.toMatchObject({ code: 'no_profile' });
    expect(await readFile(keyFile())).toEqual(anew);
  });

  test('each get their turn when several change them at once', async () => {
    const accounts = [await open(), await open(), await open()];
    const seen: number[] = [];
    await Promise.all(
      accounts.map(({ keys }, i) =>
        keys.update((stored) => {
          seen.push(stored.identities.length);
          return i === 1 ? stored : { ...stored, identities: [...stored.identities, second] };
        }),
      ),
    );
    expect((await (await open()).keys.load()).identities).toHaveLength(3);
    expect(seen).toHaveLength(3);
  });
});

describe('importing keys over others of the same user', () => {
  const file = (): string => join(directory, 'ada.conclave');
  async function exported(account: AccountKeys) {
    const from = await open();
    const before = await from.keys.load();
    await from.keys.update(() => account);
    await profile.export(from, file(), undefined);
    await from.keys.update(() => before);
    return (await profile.readExport(file())).open(undefined);
  }

  test('takes the whole history and what waits along to a new place', async () => {
    const account = { ...of(second), pending: third };
    await profile.import(elsewhere, await exported(account), undefined);
    expect((await open(undefined, elsewhere)).account).toEqual(account);
  });

  test('adds newer keys, and keeps passphrase and records', async () => {
    const value = Uint8Array.of(7);
    await (await open()).state.update('people', 'someone', () => ({ value, result: undefined }));
    await profile.extend(here, await exported(of(second, third)), undefined);
    const after = await open();
    expect(after.account).toEqual(of(second, third));
    expect(await after.state.get('people', 'someone')).toEqual(value);
  });

  test('gives up keys that waited for the place that others have taken', async () => {
    const rival = await nextIdentity(await loadOwnAccount(ada), 4);
    const newer = await exported(of(second));
    await (await open()).keys.update((stored) => ({ ...stored, pending: rival }));
    await profile.extend(here, newer, undefined);
    expect((await open()).account).toEqual(of(second));
  });

  test('changes nothing when they are the same, older, or of another history', async () => {
    await (await open()).keys.update(() => of(second));
    const before = await readFile(keyFile());
    const stranger = await newAccountKeys('Ada');
    const rival = await nextIdentity(await loadOwnAccount(ada), 4);
    for (const account of [of(second), ada, of(rival, third), stranger]) {
      const given = { account, records: [] };
      await expect(profile.extend(here, given, undefined)).rejects.toMatchObject({ code: 'profile_exists' });
    }
    expect(await readFile(keyFile())).toEqual(before);
  });
});
