import { describe, expect, it } from 'vitest';
import {
  beginSearch,
  QUERY_CHARS_MAX,
  searchFor,
  searchNewer,
  searchOlder,
} from '../model/history-search.ts';
import { HISTORY_CHARS_MAX, HISTORY_ENTRIES_MAX, InputHistory } from './input-history.ts';

function historyOf(...texts: readonly string[]): InputHistory {
  const history = new InputHistory();
  for (const text of texts) history.add(text);
  return history;
}

describe('what was written before', () => {
  it('comes back from the newest to the oldest, and the unsent line at the end', () => {
    const history = historyOf('one', 'two');
    expect(history.older('unsent')).toBe('two');
    expect(history.older('two')).toBe('one');
    expect(history.older('one')).toBeUndefined();
    expect(history.newer('one')).toBe('two');
    expect(history.newer('two')).toBe('unsent');
    expect(history.newer('unsent')).toBeUndefined();
  });

  it('keeps what was changed in it until something is sent, and the entry itself for ever', () => {
    const history = historyOf('one', 'two');
    expect(history.older('')).toBe('two');
    expect(history.older('two!')).toBe('one');
    expect(history.newer('one')).toBe('two!');
    history.add('two!');
    expect(history.entries).toEqual(['one', 'two', 'two!']);
    expect(history.older('')).toBe('two!');
    expect(history.older('two!')).toBe('two');
  });

  it('has nothing empty and nothing twice in a row', () => {
    expect(historyOf('one', 'one', ' ', '', 'two', 'one').entries).toEqual(['one', 'two', 'one']);
  });

  it('is kept to its limits', () => {
    const many = historyOf(
      ...Array.from({ length: HISTORY_ENTRIES_MAX + 5 }, (_, index) => `entry ${index}`),
    );
    expect(many.entries).toHaveLength(HISTORY_ENTRIES_MAX);
    expect(many.entries[0]).toBe('entry 5');
    const large = historyOf(...['a', 'b', 'c'].map((letter) => letter.repeat(HISTORY_CHARS_MAX / 2)));
    expect(large.entries.map(([letter]) => letter)).toEqual(['b', 'c']);
  });
});

describe('the search in it', () => {
  const entries = ['deploy to prod', 'hello', 'Deploy to test', 'hello', 'deploying'];

  it('finds the newest first and narrows with every letter', () => {
    let search = searchFor(beginSearch(entries), 'dep');
    expect(search.found).toBe('deploying');
    search = searchFor(search, 'deploy t');
    expect(search.found).toBe('Deploy to test');
    search = searchFor(search, 'deploy to p');
    expect(search.found).toBe('deploy to prod');
    expect(searchFor(search, 'deploy').found).toBe('deploying');
  });

  it('goes on to other texts and stays at the last of them', () => {
    const first = searchFor(beginSearch(entries), 'deploy to');
    const older = searchOlder(first);
    expect(older.found).toBe('deploy to prod');
    expect(searchOlder(older)).toBe(older);
    expect(searchNewer(older).found).toBe('Deploy to test');
    const hello = searchFor(beginSearch(entries), 'hello');
    expect(searchOlder(hello)).toBe(hello);
  });

  it('says that it found nothing, and begins again with an empty query', () => {
    const failed = searchFor(beginSearch(entries), 'nowhere');
    expect(failed).toMatchObject({ query: 'nowhere', found: undefined });
    expect(searchOlder(failed)).toBe(failed);
    expect(searchFor(failed, '')).toEqual(beginSearch(entries));
    expect(searchFor(beginSearch([]), 'x').found).toBeUndefined();
    expect(searchFor(beginSearch(entries), 'x'.repeat(1000)).query).toHaveLength(QUERY_CHARS_MAX);
  });
});
