import 'fake-indexeddb/auto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Profile } from '../../client/profile/profile.ts';
import { newAccountKeys } from '../../client/sdk/index.ts';
import { WebProfile } from '../../client/web/storage/web-profile.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { indexedDbContracts, origin, place, twoHandles } from '../support/web/suites/indexed-db-contracts.ts';

indexedDbContracts();

describe('accounts in a browser', () => {
  const ada = parseUserName('Ada') ?? expect.unreachable();

  test('open with their passphrase only, and are never replaced by others of the same name', async () => {
    await using database = await twoHandles();
    const profile = new WebProfile(database.one);
    const account = await newAccountKeys('Ada');
    expect(await profile.users(origin)).toEqual([]);
    await profile.create(origin, account, 'four words long');
    const { state } = await profile.open(origin, ada, 'four words long');
    await state.update('reads', 'a', () => ({ value: utf8('kept'), result: undefined }));
    const wrong = profile.open(origin, ada, 'five words long');
    await expect(wrong).rejects.toMatchObject({ code: 'wrong_passphrase' });
    const again = profile.create(origin, await newAccountKeys('ADA'), undefined);
    await expect(again).rejects.toMatchObject({ code: 'profile_exists' });
    const reopened = await new WebProfile(database.other).open(origin, ada, 'four words long');
    expect(reopened.account).toEqual(account);
    expect(await reopened.state.get('reads', 'a')).toEqual(utf8('kept'));
    expect(await profile.users(origin)).toEqual([ada]);
  });

  test('leave nothing behind when they are discarded, and nothing of other accounts goes with them', async () => {
    await using database = await twoHandles();
    const profile = new WebProfile(database.one);
    for (const name of ['Ada', 'Bob']) {
      await profile.create(origin, await newAccountKeys(name), undefined);
      const { state } = await profile.open(origin, parseUserName(name) ?? expect.unreachable(), undefined);
      await state.update('reads', 'a', () => ({ value: utf8(name), result: undefined }));
    }
    await profile.discard(origin, ada);
    expect(await profile.hasKeys(origin, ada)).toBe(false);
    const keys = await database.one.getAllKeys('state');
    expect(keys.filter(([account]) => account === place)).toEqual([]);
    expect(keys.length).toBeGreaterThan(0);
  });

  test('go to the command line and come back by the very file of its export', async () => {
    await using database = await twoHandles();
    const directory = await mkdtemp(join(tmpdir(), 'conclave-web-'));
    try {
      const profile = new WebProfile(database.one);
      const account = await newAccountKeys('Ada');
      await profile.create(origin, account, undefined);
      const opened = await profile.open(origin, ada, undefined);
      await opened.state.update('reads', 'a', () => ({ value: utf8('7'), result: undefined }));
      const file = join(directory, 'ada.conclave');
      await writeFile(file, await profile.export(opened, 'four words long'), { mode: 0o600 });

      const disk = new Profile(join(directory, 'profile'));
      await disk.import(origin, await (await disk.readExport(file)).open('four words long'), undefined);
      const onDisk = await disk.open(origin, ada, undefined);
      expect(onDisk.account).toEqual(account);
      expect(await onDisk.state.get('reads', 'a')).toEqual(utf8('7'));
      await onDisk.state.update('reads', 'a', () => ({ value: utf8('8'), result: undefined }));
      const back = join(directory, 'back.conclave');
      await disk.export(onDisk, back, 'other four words');
      await onDisk.close();

      await profile.discard(origin, ada);
      const bytes = new Uint8Array(await readFile(back));
      const refused = profile.openExport(bytes, 'four words long');
      await expect(refused).rejects.toMatchObject({ code: 'wrong_passphrase' });
      await profile.import(origin, await profile.openExport(bytes, 'other four words'), undefined);
      const again = await profile.open(origin, ada, undefined);
      expect(again.account).toEqual(account);
      expect(await again.state.get('reads', 'a')).toEqual(utf8('8'));
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('keep every value in the database unreadable without the keys', async () => {
    await using database = await twoHandles();
    const profile = new WebProfile(database.one);
    await profile.create(origin, await newAccountKeys('Ada'), 'four words long');
    const { state } = await profile.open(origin, ada, 'four words long');
    await state.update('session', 'token', () => ({
      value: utf8('a-token-that-nobody-may-read'),
      result: 0,
    }));
    const values = await database.one.getAll('state');
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(Buffer.from(value).includes('a-token-that')).toBe(false);
  });
});
