import { describe, expect, test } from 'vitest';
import { parseUserId, type UserId } from '../../../src/protocol/ids.ts';
import { FORMER_ROLES_MAX, PAST_STRETCHES_MAX, Roster, type Stretch } from './roster.ts';

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

  test('knows who had which role at every version, from events and from what is read', () => {
    const live = new Roster<Entry>();
    live.replace(2, [stretch(1, 1, { role: 'owner' }), stretch(2, 2)]);
    const moderator = { role: 'moderator' } as const;
    live.apply({ version: 3 }, [stretch(2, 2, moderator)]);
    live.apply({ version: 4 }, [stretch(2, 4, { ...moderator, key: 'new2' })]);
    live.apply({ version: 5 }, [stretch(2, 4, { role: 'owner', key: 'new2' }), stretch(1, 1, moderator)]);
    live.apply({ version: 6 }, [stretch(1, 1, { ...moderator, left: 6 })]);
    live.apply({ version: 7 }, [stretch(1, 7)]);
    const read = new Roster<Entry>();
    const present = [stretch(2, 4, { role: 'owner', key: 'new2' }), stretch(1, 7)];
    read.replace(7, present);
    expect(read.roleAt(user(2), 6)).toBeUndefined();
    const past = [stretch(2, 2, { ...moderator, left: 4 }), stretch(1, 1, { ...moderator, left: 6 })];
    const roles = [
      { user: user(2), role: 'member', until: 3 },
      { user: user(1), role: 'owner', until: 5 },
      { user: user(2), role: 'moderator', until: 5 },
    ] as const;
    read.extend(2, 7, [...past, ...present], roles);
    for (const roster of [live, read])
      expect([2, 3, 4, 5, 6, 7].map((version) => [1, 2].map((n) => roster.roleAt(user(n), version)))).toEqual(
        [
          ...[
            ['owner', 'member'],
            ['owner', 'moderator'],
            ['owner', 'moderator'],
          ],
          ...[
            ['moderator', 'owner'],
            [undefined, 'owner'],
            ['member', 'owner'],
          ],
        ],
      );
  });

  test('knows no role of the versions that a server told nothing of', () => {
    const roster = new Roster<Entry>();
    roster.replace(2, [stretch(1, 1)]);
    roster.extend(2, 5, [stretch(1, 1, { role: 'moderator' })]);
    expect([2, 4, 5].map((version) => roster.roleAt(user(1), version))).toEqual([
      ...[undefined, undefined],
      'moderator',
    ]);
  });

  test('keeps only so many former roles, and knows none from before the oldest', () => {
    const roster = new Roster<Entry>();
    roster.replace(1, [stretch(1, 1)]);
    for (let version = 2; version < FORMER_ROLES_MAX + 10; version += 1)
      roster.apply({ version }, [stretch(1, 1, { role: version % 2 === 0 ? 'moderator' : 'member' })]);
    expect(roster.roleAt(user(1), 4)).toBeUndefined();
    expect(roster.roleAt(user(1), 100)).toBe('moderator');
    expect(roster.roleAt(user(1), 101)).toBe('member');
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
