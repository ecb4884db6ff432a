import { describe, expect, test } from 'vitest';
import { parseRoomId, parseUserId } from '../../../src/protocol/ids.ts';
import { MemoryState } from '../storage/memory-state.ts';
import { EpochBook, heldOf, type KnownEpoch } from './epoch-book.ts';

const DAY_MS = 86_400_000;
const room = parseRoomId(new Uint8Array(16).fill(1)) ?? expect.unreachable();
const committer = parseUserId(new Uint8Array(16).fill(2)) ?? expect.unreachable();

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

function epoch(number: number, change: Partial<KnownEpoch> = {}): KnownEpoch {
  return {
    ...{ number, recordHash: hash(number), rosterVersion: number, recipients: hash(9), passwordNumber: 0 },
    ...{ keying: 2, committer, commitment: hash(100 + number), madeAt: 0, usedAt: 0, days: 30, plain: [] },
    ...{ key: hash(50 + number) },
    ...change,
  };
}

const keysIn = async (book: EpochBook): Promise<readonly boolean[]> =>
  (await book.list(room)).map(({ key }) => key !== undefined);

describe('the epochs that a profile knows', () => {
  test('stay readable when a person gives them up, count for nothing else, and come to their end', async () => {
    const book = new EpochBook(new MemoryState());
    for (const number of [1, 2, 9]) await book.put(room, epoch(number));
    await book.accept(room, { last: 3, keying: undefined });
    expect(await book.of(room)).toMatchObject({ highest: 2, recordHash: hash(2), keying: 2 });
    // Shown again it is what was given up; another of that number, once the room gets there, is not.
    await book.put(room, epoch(9));
    expect((await book.of(room)).highest).toBe(2);
    expect(heldOf((await book.find(room, 9)) ?? expect.unreachable())?.key).toEqual(hash(59));
    await book.expire(room, 31 * DAY_MS);
    expect(await keysIn(book)).toEqual([false, true, false]);
    expect(await book.put(room, epoch(9, { recordHash: hash(99), commitment: hash(98) }))).toBe('kept');
    expect((await book.of(room)).highest).toBe(9);
  });

  test('lose their keys when the room’s retention after their last message is over, but never the highest', async () => {
    const book = new EpochBook(new MemoryState());
    await book.put(room, epoch(1));
    await book.put(room, epoch(2, { usedAt: 10 * DAY_MS }));
    await book.used(room, 1, 12 * DAY_MS);
    await book.expire(room, 42 * DAY_MS);
    expect(await keysIn(book)).toEqual([true, true]);
    await book.expire(room, 42.1 * DAY_MS);
    expect(await keysIn(book)).toEqual([false, true]);
    await book.expire(room, 1_000 * DAY_MS);
    expect(await keysIn(book)).toEqual([false, true]);
    // What is left says that there was a key, and of which record.
    const [first] = await book.list(room);
    expect(first === undefined ? undefined : heldOf(first)).toMatchObject({
      recordHash: hash(1),
      key: undefined,
    });
  });

  test('count from when a later epoch took their place, however long nothing was sent under them', async () => {
    const book = new EpochBook(new MemoryState());
    await book.put(room, epoch(1));
    await book.put(room, epoch(2, { usedAt: 100 * DAY_MS }));
    await book.expire(room, 110 * DAY_MS);
    expect(await keysIn(book)).toEqual([true, true]);
    await book.expire(room, 131 * DAY_MS);
    expect(await keysIn(book)).toEqual([false, true]);
  });

  test('keep their keys no longer for a longer retention, and for a shorter one only once the user was told', async () => {
    const book = new EpochBook(new MemoryState());
    await book.put(room, epoch(1, { days: 7 }));
    await book.put(room, epoch(2, { days: 90 }));
    await book.keepAtMost(room, 90);
    await book.expire(room, 7.1 * DAY_MS);
    expect(await keysIn(book)).toEqual([false, true]);
    await book.put(room, epoch(3, { days: 90, usedAt: 8 * DAY_MS }));
    await book.keepAtMost(room, 1);
    await book.expire(room, 9.1 * DAY_MS);
    expect(await keysIn(book)).toEqual([false, false, true]);
  });

  test('stay deleted when the server shows them again', async () => {
    const book = new EpochBook(new MemoryState());
    await book.put(room, epoch(1));
    await book.put(room, epoch(2));
    await book.expire(room, 31 * DAY_MS);
    expect(await book.put(room, epoch(1))).toBe('kept');
    expect(await keysIn(book)).toEqual([false, true]);
  });

  test('open later where they did not, and never become another record', async () => {
    const book = new EpochBook(new MemoryState());
    const { key: _unopened, ...closed } = epoch(1);
    await book.put(room, { ...closed, fault: 'wrap_does_not_open' });
    expect((await book.of(room)).highest).toBe(0);
    expect(await book.put(room, epoch(1, { recordHash: hash(77) }))).toBe('differs');
    expect(await book.put(room, epoch(1))).toBe('kept');
    expect((await book.of(room)).highest).toBe(1);
    expect(await book.isReused(room, hash(101), 1)).toBe(false);
    expect(await book.isReused(room, hash(101), 2)).toBe(true);
  });

  test('are told once as two of one number, and not again once that was accepted', async () => {
    const book = new EpochBook(new MemoryState());
    expect(await book.split(room, 1, hash(3))).toBe(true);
    expect(await book.split(room, 1, hash(3))).toBe(false);
    await book.acceptSplit(room);
    expect((await book.of(room)).split).toBeUndefined();
    expect(await book.split(room, 1, hash(3))).toBe(false);
    expect(await book.split(room, 1, hash(4))).toBe(true);
  });

  test('are not written of when a person accepts what there is not', async () => {
    const state = new MemoryState();
    await new EpochBook(state).acceptSplit(room);
    expect(await state.list('epochs')).toEqual([]);
  });

  test('are gone with the room, and those of other rooms are not', async () => {
    const book = new EpochBook(new MemoryState());
    const other = parseRoomId(new Uint8Array(16).fill(7)) ?? expect.unreachable();
    for (const each of [room, other]) await book.put(each, epoch(1));
    await book.forget(room);
    expect([await book.list(room), (await book.list(other)).length]).toEqual([[], 1]);
    expect((await book.of(room)).highest).toBe(0);
    expect(await book.isReused(room, hash(101), 2)).toBe(false);
  });
});
