import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { ClockTable } from './in-process-clock.ts';
import { BucketTable } from './in-process-rate-limits.ts';
import { RevocationTable } from './in-process-revocations.ts';
import { PresenceTable } from './presence-table.ts';

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('16 bytes are an id');
  return value;
}
const anyRoom = (): RoomId => given(parseRoomId(new Uint8Array(randomBytes(16))));
const anyUser = (): UserId => given(parseUserId(new Uint8Array(randomBytes(16))));

describe('the buckets of a process', () => {
  const hourly = { count: 1, periodMs: 3_600_000, burst: 1 } as const;
  const quick = { count: 1, periodMs: 1, burst: 1 } as const;

  it('are kept up to a number, and full ones go first', () => {
    let now = 0;
    const table = new BucketTable(() => now, 3);
    table.take('empty', hourly, 1);
    table.take('refills', quick, 1);
    table.take('refills too', quick, 1);
    now += 10;
    table.take('new', hourly, 1);
    expect(table.size).toBeLessThanOrEqual(3);
    expect(table.take('empty', hourly, 1).allowed).toBe(false);
  });

  it('lose the one used longest ago when none is full', () => {
    const table = new BucketTable(() => 0, 2);
    for (const key of ['a', 'b']) table.take(key, hourly, 1);
    expect(table.take('a', hourly, 1).allowed).toBe(false);
    table.take('c', hourly, 1);
    expect(table.size).toBe(2);
    expect(table.take('a', hourly, 1).allowed).toBe(false);
    expect(table.take('b', hourly, 1).allowed).toBe(true);
  });
});

describe('the revocations of a process', () => {
  it('lose those older than any token first, and all rather than some', () => {
    const now = Date.now();
    const table = new RevocationTable(() => now, 2);
    const [old, one, other, last] = [anyUser(), anyUser(), anyUser(), anyUser()];
    table.fill([{ user: old, notBefore: 1 }]);
    table.add([one, other].map((user) => ({ user, notBefore: now })));
    expect([old, one, other].map((user) => table.notBefore([user]))).toEqual([0, now, now]);
    table.add([{ user: last, notBefore: now }]);
    expect([one, last].map((user) => table.notBefore([user]))).toEqual([undefined, undefined]);
  });
});

describe('the clocks of a process', () => {
  const seen = { seq: 0, version: 0, floor: 0 };

  it('give times that follow the order, also when the machine’s clock is set back', () => {
    let now = 1000;
    const table = new ClockTable(() => now);
    const room = anyRoom();
    table.rebuild(room, { ...seen, ceiling: 10 });
    const next = () => table.next({ room, version: 0, seen });
    expect(next()).toMatchObject({ seq: 1, at: 1000 });
    now = 500;
    expect(next()).toMatchObject({ seq: 2, at: 1000 });
  });

  it('remember an answer for ten minutes', () => {
    let now = 1_000_000;
    const table = new ClockTable(() => now);
    const room = anyRoom();
    table.rebuild(room, { ...seen, ceiling: 10 });
    const remember = { key: 'message', headerHash: new Uint8Array(32) };
    const next = () => table.next({ room, version: 0, seen, remember });
    expect(next()).toMatchObject({ kind: 'position', seq: 1 });
    now += 599_000;
    expect(next()).toMatchObject({ kind: 'repeat', seq: 1 });
    now += 2000;
    expect(next()).toMatchObject({ kind: 'position', seq: 2 });
  });

  it('are missing again long after their room went', () => {
    let now = 1000;
    const table = new ClockTable(() => now);
    const room = anyRoom();
    table.remove(room);
    now += 3_600_000;
    expect(table.next({ room, version: 0, seen }).kind).toBe('gone');
    now += 3_600_001;
    expect(table.next({ room, version: 0, seen }).kind).toBe('missing');
  });
});

describe('the presence of a process', () => {
  it('has versions that never go back, neither in an empty room nor in the next process', () => {
    let now = 1_000_000;
    const table = new PresenceTable(() => now);
    const [node, room, user] = [table.take(), anyRoom(), anyUser()];
    const versions = [table.inRoom(room, 10).version];
    for (let round = 0; round < 50; round += 1) {
      versions.push(
        table.setInRoom(node, room, user, 1).version,
        table.setInRoom(node, room, user, 0).version,
      );
    }
    expect(versions).toEqual([...new Set(versions)].toSorted((one, other) => one - other));
    expect(table.inRoom(room, 10).version).toBeGreaterThanOrEqual(versions.at(-1) ?? 0);
    now += 1000;
    const next = new PresenceTable(() => now);
    expect(next.setInRoom(next.take(), room, user, 1).version).toBeGreaterThan(versions.at(-1) ?? 0);
  });

  it('keeps what belongs to a lease and reaps the rest', () => {
    const table = new PresenceTable(() => 1);
    const [living, dead, room, both, gone] = [table.take(), table.take(), anyRoom(), anyUser(), anyUser()];
    for (const node of [living, dead]) table.setInRoom(node, room, both, 1);
    table.setInRoom(dead, room, gone, 1);
    table.setSessions(dead, gone, 3, 3);
    expect(table.reap()).toEqual({ incarnations: 0, changes: [] });
    table.release(dead);
    expect(table.reap()).toMatchObject({
      incarnations: 1,
      changes: [{ room, user: gone, change: 'offline' }],
    });
    expect(table.directory()).toEqual({ rooms: [{ room, online: 1 }], users: 0 });
  });
});
