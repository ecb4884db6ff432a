import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUpStore } from '../../src/adapters/embedded/back-up-store.ts';
import { DataDirLock } from '../../src/adapters/embedded/data-dir-lock.ts';
import { SWEEP_HOLD_MS } from '../../src/adapters/embedded/expiry-sweep.ts';
import {
  type EmbeddedStoresOptions,
  openEmbeddedStores,
} from '../../src/adapters/embedded/open-embedded-stores.ts';
import { keyOf } from '../../src/adapters/embedded/store-keys.ts';
import { REVOCATION_LIFE_MS } from '../../src/ports/revocations.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { eventually } from '../support/eventually.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { StoreWriter } from './support-embedded-child.ts';
import {
  anyAccount,
  anyMember,
  anyMessage,
  anyRecord,
  anyRoomId,
  anyUserId,
  dayMs,
} from './support-store.ts';
import { everything } from './support-store-messages.ts';
import { joins } from './support-store-roster.ts';

const childDeadline = { deadlineMs: 20_000, pauseMs: 5 };

describe('embedded stores', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'conclave-durable-'));
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true });
  });

  const at = (now?: () => number, others: Partial<EmbeddedStoresOptions> = {}) =>
    openEmbeddedStores({
      dataDir,
      telemetry: silentTelemetry(),
      // Time passes on both clocks.
      ...(now === undefined ? {} : { monotonicNow: now }),
      ...others,
      sweepEveryMs: 20,
      ...(now === undefined ? {} : { now }),
    });

  /** What a process acknowledged, and is not there. */
  async function lostOf(writer: StoreWriter, room: RoomId): Promise<readonly number[]> {
    const stores = at();
    await stores.start();
    const bounds = { ...everything, limit: Number.MAX_SAFE_INTEGER };
    const rows = await stores.messages.page(room, anyUserId(), bounds);
    await stores.close();
    const stored = new Set(rows.map(({ seq }) => seq));
    return writer.acknowledged.filter((seq) => !stored.has(seq));
  }

  it('keep all they acknowledged when their process is killed in the middle of writing, several times', async () => {
    for (let round = 0; round < 3; round += 1) {
      const room = anyRoomId();
      await using writer = new StoreWriter(dataDir, room);
      await eventually(() => expect(writer.acknowledged.length).toBeGreaterThan(300), childDeadline);
      await writer.kill();
      expect(await lostOf(writer, room)).toEqual([]);
    }
  });

  it('keep all they acknowledged while another process opens them a thousand times, and makes a backup', async () => {
    const room = anyRoomId();
    await using writer = new StoreWriter(dataDir, room);
    await eventually(() => expect(writer.acknowledged.length).toBeGreaterThan(0), childDeadline);
    for (let times = 0; times < 1_000; times += 1) {
      const lock = new DataDirLock(dataDir);
      const store = await lock.betweenCommits(() => open({ path: dataDir, readOnly: true }));
      await store.close();
      await lock.release();
    }
    await backUpStore(dataDir, join(dataDir, 'copy'));
    const before = writer.acknowledged.length;
    await eventually(() => expect(writer.acknowledged.length).toBeGreaterThan(before), childDeadline);
    await writer.kill();
    expect(await lostOf(writer, room)).toEqual([]);
  });

  it('are unavailable when the disk takes no more, and keep all they acknowledged', async () => {
    const room = anyRoomId();
    await using writer = new StoreWriter(dataDir, room, 2000);
    await eventually(() => expect(writer.said).toEqual(['ready', 'unavailable', 'closed']), childDeadline);
    expect(writer.acknowledged.length).toBeGreaterThan(50);
    expect(await lostOf(writer, room)).toEqual([]);
  });

  it('have everything after they were closed and opened again', async () => {
    const [account, record, member] = [anyAccount(), anyRecord(), anyMember()];
    const message = anyMessage({ room: record.room, to: [member.user] });
    const before = at();
    await before.start();
    await before.identities.create(account);
    await before.rooms.create(record);
    await before.rooms.update(record.room, joins(2, member));
    // Not awaited: close() waits for it.
    const appended = before.messages.append([message]);
    await before.close();
    await expect(appended).resolves.toEqual([{ kind: 'stored' }]);
    await expect(before.rooms.byId(record.room)).rejects.toThrow(Unavailable);

    const after = at();
    await after.start();
    expect(await after.identities.byIds([account.user])).toEqual([account]);
    expect(await after.rooms.byId(record.room)).toMatchObject({ version: 2 });
    expect(await after.rooms.changes(record.room, 1, 1_000)).toHaveLength(1);
    expect(await after.messages.find(record.room, message.sender, message.messageId)).toEqual(message);
    await after.close();
  });

  it('are unavailable before they are started, and down once they are closed', async () => {
    const stores = at();
    expect(stores.isUp()).toBe(false);
    await expect(stores.rooms.byId(anyRoomId())).rejects.toThrow(Unavailable);
    await stores.start();
    expect(stores.isUp()).toBe(true);
    await stores.close();
    expect(stores.isUp()).toBe(false);
  });

  it('reclaim expired messages and voids by themselves, and leave the others', async () => {
    let now = Date.now();
    const stores = at(() => now);
    await stores.start();
    const [room, reader] = [anyRoomId(), anyUserId()];
    const short = Array.from({ length: 450 }, (_, index) =>
      anyMessage({ room, seq: index + 1, to: [reader], expiresAt: now + 1000 }),
    );
    const long = anyMessage({ room, seq: 1000, to: [reader], expiresAt: now + dayMs });
    await stores.messages.append([...short, long]);
    await stores.messages.settle(room, [{ from: 990, through: 999 }], now + 1000);
    now += 2000;
    await eventually(async () => {
      const rows = await stores.messages.page(room, reader, everything);
      expect(rows.map(({ seq, kind }) => ({ seq, kind }))).toEqual([{ seq: 1000, kind: 'own' }]);
    });
    // Nothing of them is left: not their ids either.
    const [first] = short;
    if (first !== undefined) expect(await stores.messages.append([first])).toEqual([{ kind: 'stored' }]);
    await stores.close();
  });

  it('delete nothing for a day after the clock was set, and everything that is due then', async () => {
    const yearMs = 365 * dayMs;
    let [wall, monotonic] = [Date.now() - 2 * yearMs, 0];
    const told: unknown[] = [];
    const telemetry = silentTelemetry({
      clockJumped: () => void told.push('counted'),
      warn: (event, _error, details) => void told.push([event, details]),
    });
    const stores = at(() => wall, { telemetry, monotonicNow: () => monotonic });
    await stores.start();
    const [room, reader] = [anyRoomId(), anyUserId()];
    const message = anyMessage({ room, seq: 1, to: [reader], expiresAt: wall + dayMs });
    await stores.messages.append([message]);
    wall += 2 * yearMs;
    await eventually(() => expect(told).toHaveLength(2));
    expect(told).toEqual(['counted', ['clock_jumped', { seconds: (2 * yearMs) / 1000 }]]);
    // Over its time by the clock as it is now, and hidden, but still there.
    const hidden = await stores.messages.page(room, reader, everything);
    expect(hidden).toMatchObject([{ seq: 1, kind: 'nothing' }]);
    wall -= 2 * yearMs;
    await eventually(() => expect(told).toHaveLength(4));
    expect(await stores.messages.page(room, reader, everything)).toMatchObject([{ seq: 1, kind: 'own' }]);

    wall += SWEEP_HOLD_MS + dayMs;
    monotonic += SWEEP_HOLD_MS + dayMs;
    await eventually(async () => expect(await stores.messages.page(room, reader, everything)).toEqual([]));
    expect(told).toHaveLength(4);
    await stores.close();
  });

  it('forget revocations that can kill no token any more', async () => {
    let now = Date.now();
    const stores = at(() => now);
    await stores.start();
    const [first, second] = [anyUserId(), anyUserId()];
    await stores.identities.revoke({ user: first, notBefore: now });
    await stores.identities.revoke({ user: second, notBefore: now });
    await stores.identities.revoke({ user: second, notBefore: now + 60_000 });
    now += REVOCATION_LIFE_MS + 1;
    await eventually(async () =>
      expect(await stores.identities.revocationsOf([first, second])).toMatchObject([{ user: second }]),
    );
    expect(await stores.identities.revocations(0, undefined, 10)).toMatchObject([{ user: second }]);
    now += 60_000;
    await eventually(async () => expect(await stores.identities.revocations(0, undefined, 10)).toEqual([]));
    expect(await stores.identities.revocationsOf([second])).toEqual([]);
    await stores.close();
  });

  it('read settled positions of an earlier layout, and let nothing be stored there', async () => {
    const [room, reader] = [anyRoomId(), anyUserId()];
    const before = at();
    await before.start();
    await before.messages.append([anyMessage({ room, seq: 1, to: [reader] })]);
    await before.close();
    const root = open<Buffer, Buffer>({ path: dataDir, noSubdir: false, maxDbs: 40 });
    const table = root.openDB<Buffer, Buffer>('messages', { encoding: 'binary', keyEncoding: 'binary' });
    const row = Buffer.alloc(9);
    row.writeDoubleBE(Date.now() + dayMs, 1);
    for (const seq of [2, 3]) await table.put(keyOf(room, seq), row);
    await root.close();
    const after = at();
    await after.start();
    await after.messages.settle(room, [{ from: 1, through: 5 }], Date.now() + dayMs);
    const rows = await after.messages.page(room, reader, everything);
    expect(rows.slice(1)).toEqual([
      { seq: 2, kind: 'nothing' },
      { seq: 3, kind: 'nothing' },
      { seq: 5, kind: 'nothing', from: 4 },
    ]);
    for (const seq of [2, 3, 4])
      expect(await after.messages.append([anyMessage({ room, seq })])).toEqual([{ kind: 'taken' }]);
    await after.close();
  });

  it('keep roster changes as long as copies made before them, then trim them from the oldest on', async () => {
    let now = Date.now();
    const stores = at(() => now);
    await stores.start();
    const record = anyRecord({ retention: 30 });
    await stores.rooms.create(record);
    const { name, hidden, password } = record;
    const settings = { name, hidden, password, retention: 1 };
    await stores.rooms.update(record.room, {
      change: { version: 2, kind: 'settings', at: now },
      raisesFloor: false,
      settings,
    });
    await stores.rooms.update(record.room, {
      ...joins(3, anyMember()),
      change: { version: 3, kind: 'joined', after: anyMember(), at: now },
    });
    // The later change alone would be due now, but the one before it is not.
    now += 20 * dayMs;
    const marker = anyMessage({ expiresAt: now + 1 });
    await stores.messages.append([marker]);
    now += 2;
    await eventually(async () => {
      expect(await stores.messages.page(marker.room, marker.sender, everything)).toEqual([]);
    });
    expect(await stores.rooms.changes(record.room, 1, 1_000)).toHaveLength(2);
    now += 30 * dayMs;
    await eventually(async () => expect(await stores.rooms.changes(record.room, 1, 1_000)).toBeUndefined());
    // It waited for the one before it, and is looked at again a day later.
    now += 2 * dayMs;
    await eventually(async () => expect(await stores.rooms.changes(record.room, 2, 1_000)).toBeUndefined());
    expect(await stores.rooms.changes(record.room, 3, 1_000)).toEqual([]);
    await stores.close();
  });
});
