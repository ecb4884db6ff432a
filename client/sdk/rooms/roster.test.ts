import { describe, expect, test } from 'vitest';
import { parseUserId, type UserId } from '../../../src/protocol/ids.ts';
import { PAST_STRETCHES_MAX, Roster, type Stretch } from './roster.ts';

type Entry = { readonly key: string };

const user = (n: number): UserId => parseUserId(n.toString(16).padStart(32, '0')) ?? expect.unreachable();
const stretch = (n: number, since: number, more: Partial<Stretch<Entry>> = {}): Stretch<Entry> => ({
  user: user(n),
  since,
  role: 'member',
  joined: 0,
  key: `key${n}`,
  ...more,
});
const keys = (members: readonly Stretch<Entry>[] | undefined): unknown => members?.map(({ key }) => key);

describe('a roster', () => {
  test('knows its members by version as they join, leave, come back and change keys', () => {
    const roster = new Roster<Entry>();
    roster.replace(2, [stretch(2, 2), stretch(1, 1)]);
    expect(roster.apply({ version: 3 }, [stretch(3, 3)])).toBe('applied');
    expect(roster.apply({ version: 4 }, [stretch(2, 2, { left: 4 })])).toBe('applied');
    expect(roster.apply({ version: 5 }, [stretch(2, 5)])).toBe('applied');
    expect(roster.apply({ version: 6 }, [stretch(1, 6, { key: 'new1' })])).toBe('applied');
    expect([2, 3, 4, 5, 6].map((version) => keys(roster.membersAt(version)))).toEqual([
      ['key1', 'key2'],
      ['key1', 'key2', 'key3'],
      ['key1', 'key3'],
      ['key1', 'key2', 'key3'],
      ['new1', 'key2', 'key3'],
    ]);
    expect(roster.membersAt(1)).toBeUndefined();
    expect(roster.membersAt(7)).toBeUndefined();
    expect(keys(roster.stretchesOf(user(1)))).toEqual(['key1', 'new1']);
  });

  test('takes no event twice, and none that others are missing before', () => {
    const roster = new Roster<Entry>();
    roster.replace(2, [stretch(1, 1)]);
    expect(roster.apply({ version: 2 }, [stretch(2, 2)])).toBe('known');
    expect(roster.apply({ version: 4 }, [stretch(2, 4)])).toBe('gap');
    expect(keys(roster.current())).toEqual(['key1']);
    expect(roster.version).toBe(2);
  });

  test('is extended forwards and backwards by what began or ended after a version', () => {
    const roster = new Roster<Entry>();
    roster.replace(5, [stretch(1, 1), stretch(3, 5)]);
    roster.extend(5, 7, [stretch(1, 1, { left: 6 }), stretch(4, 7)]);
    expect(keys(roster.current())).toEqual(['key3', 'key4']);
    roster.extend(2, 7, [
      stretch(2, 2, { left: 4 }),
      stretch(3, 5),
      stretch(1, 1, { left: 6 }),
      stretch(4, 7),
    ]);
    expect([2, 3, 4, 5, 6, 7].map((version) => keys(roster.membersAt(version)))).toEqual([
      ['key1', 'key2'],
      ['key1', 'key2'],
      ['key1'],
      ['key1', 'key3'],
      ['key3'],
      ['key3', 'key4'],
    ]);
  });

  test('keeps no more former members than its cap, and admits what it forgot', () => {
    const roster = new Roster<Entry>();
    roster.replace(1, [stretch(1, 1)]);
    for (let i = 0; i <= PAST_STRETCHES_MAX; i += 1) {
      roster.apply({ version: 2 * i + 2 }, [stretch(i + 2, 2 * i + 2)]);
      roster.apply({ version: 2 * i + 3 }, [stretch(i + 2, 2 * i + 2, { left: 2 * i + 3 })]);
    }
    expect(roster.membersAt(2)).toBeUndefined();
    expect(keys(roster.membersAt(3))).toEqual(['key1']);
  });
});
