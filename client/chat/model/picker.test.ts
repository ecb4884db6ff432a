import { describe, expect, test } from 'vitest';
import { matchingItems } from './picker.ts';

const items = ['Lobby', 'LinuxTalk', 'Kitchen', 'OpsTalk'].map((label) => ({ id: label, label, detail: '' }));

describe('a list of rooms that is searched by letters', () => {
  const found = (query: string): readonly string[] =>
    matchingItems({ items, query, match: 'letters' }).map(({ label }) => label);

  test('gives those that have them in their order, the best first', () => {
    expect(found('ltk')).toEqual(['LinuxTalk']);
    expect(found('talk')).toEqual(expect.arrayContaining(['LinuxTalk', 'OpsTalk']));
    expect(found('LOB')).toEqual(['Lobby']);
    expect(found('kit')[0]).toBe('Kitchen');
    expect(found('t a l k')).toEqual(['OpsTalk', 'LinuxTalk']);
    expect(found('ob')).toEqual(['Lobby']);
    expect(found('zzz')).toEqual([]);
  });

  test('gives all of them while nothing is typed', () => {
    expect(found(' ')).toEqual(items.map(({ label }) => label));
  });
});
