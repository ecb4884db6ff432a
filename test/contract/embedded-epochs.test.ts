import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { parseFingerprint } from '../../src/protocol/ids.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { anyRoomId, anyUserId, bytes, dayMs, given } from './support-store.ts';

const tables = [
  ...['epochs', 'epoch-copies', 'epoch-expiry', 'prekeys', 'prekey-expiry'],
  ...['backup-parts', 'backup-part-expiry', 'link-entries', 'link-expiry'],
];

describe('embedded stores of what expires', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'conclave-epochs-'));
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true });
  });

  /** Stores that are swept all the time, by a clock that the test moves. */
  async function sweptStores() {
    const clock = { nowMs: Date.now() };
    const now = () => clock.nowMs;
    const telemetry = silentTelemetry();
    const stores = openEmbeddedStores({ dataDir, telemetry, sweepEveryMs: 20, now, monotonicNow: now });
    await stores.start();
    return { stores, clock };
  }

  /** Rows by table, of stores that are closed. */
  async function rows(): Promise<Readonly<Record<string, number>>> {
    const root = open({ path: dataDir, noSubdir: false, maxDbs: 64 });
    const counts = tables.map((name) => [
      name,
      root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }).getKeysCount(),
    ]);
    await root.close();
    return Object.fromEntries(counts);
  }

  it('reclaim epochs that have expired, with every wrap of them', async () => {
    const { stores, clock } = await sweptStores();
    const room = anyRoomId();
    // More wraps than one step of the sweep removes.
    const users = Array.from({ length: 450 }, anyUserId);
    const copies = new Map(users.map((user, index) => [user, { wrap: bytes(256), index, path: bytes(32) }]));
    const about = { rosterVersion: 1, record: bytes(300), recordHash: bytes(32), members: users.length };
    for (const number of [1, 2, 3, 4])
      await stores.epochs.add({
        ...about,
        room,
        number,
        committer: given(users[0]),
        at: clock.nowMs,
        copies,
      });
    await stores.epochs.retire(room, clock.nowMs, 1000);
    clock.nowMs += 2000;
    await eventually(async () => {
      for (const number of [1, 2]) expect(await stores.epochs.issued(room, number, users)).toBeUndefined();
    });
    await eventually(async () => {
      // An epoch that is kept, expired or not, keeps its number.
      const again = {
        ...about,
        room,
        number: 2,
        committer: given(users[0]),
        at: clock.nowMs,
        copies: new Map(),
      };
      expect(await stores.epochs.add(again)).toBe(true);
    });
    await stores.epochs.purge(room);
    await stores.close();
    expect(await rows()).toMatchObject({ epochs: 0, 'epoch-copies': 0, 'epoch-expiry': 0 });
  });

  it('keep prekeys until they are over, and no row of them after that', async () => {
    const { stores, clock } = await sweptStores();
    const [fingerprint, user] = [given(parseFingerprint(bytes(32))), anyUserId()];
    const [first, second] = [1, 2].map((week) => ({
      ...{ week, bytes: bytes(1300), notBefore: clock.nowMs + week, notAfter: clock.nowMs + week * dayMs },
    }));
    await stores.prekeys.put(user, fingerprint, [given(first), given(second)]);
    clock.nowMs += dayMs + 1;
    // Asked about a time at which it would be for use: only the sweep has taken it away.
    const firstOnly = async () => (await stores.prekeys.current([user], given(first).notBefore)).size;
    await eventually(async () => expect(await firstOnly()).toBe(0));
    expect((await stores.prekeys.current([user], clock.nowMs)).get(user)).toStrictEqual(given(second).bytes);
    await stores.close();
    expect(await rows()).toMatchObject({ prekeys: 1, 'prekey-expiry': 1 });
  });

  it('keep parts of backups that came into force, and no others, and no entries of channels that are over', async () => {
    const { stores, clock } = await sweptStores();
    const [user, channel, committed, abandoned] = [anyUserId(), bytes(16), bytes(16), bytes(16)];
    for (const upload of [committed, abandoned])
      await stores.backups.putPart(user, { upload, number: 0, data: bytes(500) }, clock.nowMs + dayMs);
    const head = { version: 1, sequence: 0, token: bytes(32), upload: committed, parts: 1, at: clock.nowMs };
    expect(await stores.backups.commit(user, head, 0)).toBe('stored');
    await stores.links.open({ channel, data: bytes(32) }, clock.nowMs + dayMs, clock.nowMs);
    await stores.links.put({ channel, number: 1, data: bytes(64) }, clock.nowMs);
    clock.nowMs += dayMs + 1;
    await eventually(async () => expect(await stores.backups.part(user, abandoned, 0)).toBeUndefined());
    // Asked about a time at which the channel was open: only the sweep has taken it away.
    await eventually(async () =>
      expect(await stores.links.read(channel, 1, clock.nowMs - dayMs)).toBe('none'),
    );
    expect(await stores.backups.part(user, committed, 0)).toHaveLength(500);
    await stores.close();
    const none = { 'backup-part-expiry': 0, 'link-entries': 0, 'link-expiry': 0 };
    expect(await rows()).toMatchObject({ ...none, 'backup-parts': 1 });
  });
});
