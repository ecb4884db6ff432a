import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signedIdentity, userName } from '../../src/protocol/entities.ts';
import { parseFingerprint, parseUserId } from '../../src/protocol/ids.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { bool, bytes, list, map, uint } from '../../src/protocol/shape.ts';
import { withEndlessRecords } from '../../test/support/endless-records.ts';
import { bundledProgram } from '../../test/support/programs/bundled-program.ts';
import { randomBytes } from '../crypto/web-crypto.ts';
import { newAccountKeys } from '../sdk/index.ts';
import { parsePerson } from '../sdk/people/person-record.ts';
import { trustIn } from '../sdk/people/trust-model.ts';
import { packRecord, putRecord } from '../sdk/storage/records.ts';
import { STATE_VERSION } from '../sdk/storage/state-version.ts';
import { KeyFile } from './key-file.ts';
import { openLmdbEnvironment } from './lmdb-environment.ts';
import { type OpenAccount, Profile, serverFolder } from './profile.ts';

const opener = bundledProgram(new URL('../../test/support/sdk/open-account.ts', import.meta.url));
const origin = parseOrigin('ws://127.0.0.1:8080') ?? expect.unreachable();
let directory: string;
let profile: Profile;
let state: string;
let account: Awaited<ReturnType<typeof newAccountKeys>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conclave-'));
  profile = new Profile(directory);
  account = await newAccountKeys('Ada');
  await profile.create(origin, account, undefined);
  state = join(directory, serverFolder(origin), 'ada', 'state');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (): Promise<OpenAccount> => profile.open(origin, account.name, undefined);
async function opened<T>(work: (account: OpenAccount) => Promise<T>): Promise<T> {
  const account = await open();
  return work(account).finally(() => account.close());
}

const bob = parseUserId(randomBytes(16)) ?? expect.unreachable();

/** Enough records that a file cut in half has lost some. */
async function pinMany(): Promise<void> {
  await opened(async ({ state: store }) => {
    for (let i = 0; i < 200; i += 1)
      await store.update('chat', `record-${i}`, () => ({ value: randomBytes(2_000), result: undefined }));
  });
}

describe('a state that is gone', () => {
  test.each(['missing', 'empty', 'cut short', 'replaced by something else'])(
    'is told when it is %s, and started without only by a decision',
    async (how) => {
      await pinMany();
      if (how === 'missing') await rm(state);
      if (how === 'empty') await writeFile(state, '');
      if (how === 'cut short') await truncate(state, Math.floor((await stat(state)).size / 8 / 4096) * 4096);
      if (how === 'replaced by something else') await writeFile(state, randomBytes(20_000));
      const refused = { code: 'no_profile', message: expect.stringContaining('conclave recover') };
      await expect(open()).rejects.toMatchObject(refused);
      await expect(open()).rejects.toMatchObject(refused);
      expect(await profile.recover(origin, account.name, undefined)).toBe('given_up');
      await opened(async ({ state: store }) => expect(await store.list('chat')).toEqual([]));
    },
  );

  test.runIf(process.platform === 'linux')(
    'is reported after damaged pages have crashed a process',
    async () => {
      await pinMany();
      await writeFile(state, withEndlessRecords(await readFile(state)));
      const reader = fork(opener, [directory, origin, account.name], { stdio: 'ignore' });
      const [, signal] = await once(reader, 'exit');
      expect(signal).toMatch(/^SIG(BUS|SEGV|ABRT)$/);
      const refused = { code: 'no_profile', message: expect.stringContaining('conclave recover') };
      await expect(profile.check(origin, account.name)).rejects.toMatchObject(refused);
      await expect(open()).rejects.toMatchObject(refused);
      expect(await profile.recover(origin, account.name, undefined)).toBe('given_up');
      await opened(async ({ state: store }) => expect(await store.list('chat')).toEqual([]));
    },
  );

  test('is not given up while it can be read', async () => {
    await pinMany();
    expect(await profile.recover(origin, account.name, undefined)).toBe('nothing_lost');
    await opened(async ({ state: store }) => expect(await store.list('chat')).toHaveLength(200));
  });
});

describe('the version of a state', () => {
  test('of a later release is refused', async () => {
    await opened(({ state: store }) =>
      putRecord(store, 'meta', 'version', map({ version: uint() }), { version: STATE_VERSION + 1 }),
    );
    await expect(open()).rejects.toMatchObject({
      code: 'no_profile',
      message: expect.stringContaining('later release'),
    });
  });

  test('before versions becomes the present one, and a copy of it is kept', async () => {
    const [identity] = account.identities;
    if (identity === undefined) return expect.unreachable();
    const keyPath = join(dirname(state), 'keys');
    const { dataKey } = await KeyFile.open(keyPath, await readFile(keyPath), undefined);
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const before = packRecord(formerPerson, {
      ...{ name: account.name, current: identity.signed, verified: true },
      keys: [first, second].map((fingerprint) => ({ fingerprint, sequence: 0, created: 1 })),
    });
    const former = await openLmdbEnvironment(state, dataKey);
    await former.state.update('people', bob, () => ({ value: before, result: undefined }));
    await former.close();

    await opened(async ({ state: store }) => {
      const person = parsePerson(await store.get('people', bob)) ?? expect.unreachable();
      // Which of the two was compared is not known, and only the last is certain to be the present one.
      expect(person.keys.map(({ fingerprint }) => fingerprint)).toEqual([second]);
      expect([person.compared, person.comparedBefore]).toEqual([undefined, true]);
      expect(trustIn(person, true, parseFingerprint(second) ?? expect.unreachable())).toBe('verified_before');
    });
    const copy = `${state}.before-version-3`;
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    const kept = await openLmdbEnvironment(copy, dataKey);
    expect(await kept.state.get('people', bob)).toEqual(before);
    await kept.close();
    await opened(async ({ state: store }) => expect(await store.list('people')).toHaveLength(1));
  });
});

/** A person as releases before versions of the state wrote it. */
const formerPerson = map({
  name: userName,
  current: signedIdentity,
  keys: list(map({ fingerprint: bytes(32), sequence: uint(), created: uint() }), 64),
  verified: bool,
});
