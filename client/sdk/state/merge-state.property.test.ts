import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRoomId, type RoomId } from '../../../src/protocol/ids.ts';
import {
  type Changed,
  encodeUserState,
  notifyLevels,
  parseUserState,
  type UserState,
} from '../../../src/protocol/layouts/user-state.ts';
import { USER_STATE_BYTES_MAX, USER_STATE_IGNORED_MAX } from '../../../src/protocol/limits.ts';
import { type FoldedName, foldName, parseUserName } from '../../../src/protocol/names.ts';
import { emptyState, fittingState, mergedStates, nextCounter } from './merge-state.ts';

const roomOf = (number: number): RoomId =>
  parseRoomId(number.toString(16).padStart(32, '0')) ?? expect.unreachable();
const nameOf = (number: number): FoldedName =>
  foldName(parseUserName(`user${number}`) ?? expect.unreachable());

/** Few keys, counters and tags, so that changes meet, and tie. */
const room = fc.integer({ min: 1, max: 4 }).map(roomOf);
const name = fc.integer({ min: 1, max: 4 }).map(nameOf);
const changed = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Changed<T>> =>
  fc.record({
    value,
    counter: fc.integer({ min: 0, max: 3 }),
    tag: fc.constantFrom('0'.repeat(16), 'a'.repeat(16), 'f'.repeat(16)),
  });
const entries = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>): fc.Arbitrary<ReadonlyMap<K, V>> =>
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((all) => new Map(all));
const anyState: fc.Arbitrary<UserState> = fc.record({
  reads: entries(room, fc.nat(9)),
  levels: entries(room, changed(fc.constantFrom(...notifyLevels))),
  ignored: entries(name, changed(fc.boolean())),
  order: changed(fc.uniqueArray(room, { maxLength: 4 })),
});

/** So many that two of them have more than one has room for. */
const crowded: fc.Arbitrary<UserState> = fc.integer({ min: 0, max: 900 }).map((from) => ({
  ...emptyState,
  ignored: new Map(
    Array.from({ length: 400 }, (_, at) => {
      const number = from + at;
      const tag = (number % 7).toString(16).padStart(16, '0');
      return [nameOf(number), { value: number % 3 > 0, counter: (number * from) % 50, tag }] as const;
    }),
  ),
}));

const bytesOf = (state: UserState): string => Buffer.from(encodeUserState(state)).toString('hex');

describe.each([
  ['any states', anyState],
  ['states with more people than one has room for', crowded],
] as const)('merging %s', (_, state) => {
  test('gives the same in any order and grouping, and once more changes nothing', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        const all = bytesOf(mergedStates(mergedStates(a, b), c));
        expect(bytesOf(mergedStates(a, mergedStates(b, c)))).toBe(all);
        expect(bytesOf(mergedStates(mergedStates(c, a), b))).toBe(all);
        const once = mergedStates(a, b);
        for (const again of [a, b, once]) expect(bytesOf(mergedStates(again, once))).toBe(bytesOf(once));
      }),
      { numRuns: state === crowded ? 20 : 300 },
    );
  });
});

describe('a state', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const content = encodeUserState(state);
        const read = parseUserState(content) ?? expect.unreachable();
        expect(bytesOf(read)).toBe(bytesOf(state));
      }),
    );
  });

  test('lets no older one lower a position, nor undo a change', () => {
    fc.assert(
      fc.property(anyState, anyState, (known, older) => {
        const counter = Math.max(nextCounter(known), nextCounter(older));
        const tag = '0'.repeat(16);
        const set = { value: true, counter, tag };
        const later = mergedStates(known, { ...emptyState, ignored: new Map([[nameOf(1), set]]) });
        const merged = mergedStates(later, older);
        expect(merged.ignored.get(nameOf(1))).toEqual(set);
        for (const [id, seq] of known.reads) expect(merged.reads.get(id)).toBeGreaterThanOrEqual(seq);
      }),
    );
  });

  test('can still be written after a change with the highest counter that there is', () => {
    const last = { value: 'all', counter: Number.MAX_SAFE_INTEGER, tag: '0'.repeat(16) } as const;
    const full = { ...emptyState, levels: new Map([[roomOf(1), last]]) };
    const counter = nextCounter(full);
    const next = { ...emptyState, ignored: new Map([[nameOf(1), { ...last, value: true, counter }]]) };
    const merged = mergedStates(full, next);
    expect(parseUserState(encodeUserState(merged))).toEqual(merged);
  });

  test('leaves out rooms that the user is not in before others, and then fits into what a server takes', () => {
    const long = { counter: Number.MAX_SAFE_INTEGER, tag: 'f'.repeat(16) };
    const rooms = Array.from({ length: 700 }, (_, at) => roomOf(at + 1));
    const state: UserState = {
      reads: new Map(rooms.map((id) => [id, Number.MAX_SAFE_INTEGER])),
      levels: new Map(rooms.map((id) => [id, { ...long, value: 'none' }])),
      ignored: new Map(
        Array.from({ length: USER_STATE_IGNORED_MAX }, (_, at) => {
          const padded = `a${at}`.padEnd(20, 'z');
          return [foldName(parseUserName(padded) ?? expect.unreachable()), { ...long, value: true }] as const;
        }),
      ),
      order: { ...long, value: rooms.slice(0, 500) },
    };
    const own = new Set(rooms.slice(300));
    const fitting = fittingState(state, (id) => own.has(id));
    expect([...own].filter((id) => !fitting.reads.has(id))).toEqual([]);
    expect([fitting.reads.size, fitting.levels.size]).toEqual([500, 500]);
    const content = encodeUserState(fitting);
    expect(parseUserState(content)).toEqual(fitting);
    expect(content.length).toBeLessThan(USER_STATE_BYTES_MAX - 29);
  });
});
