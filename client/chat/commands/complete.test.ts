import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompletionSources, complete, pathBegun } from './complete.ts';

const sources: CompletionSources = {
  who: 'owner',
  ownRooms: ['Lobby', 'LinuxTalk'],
  allRooms: ['Lobby', 'Lounge', 'Kitchen'],
  people: ['Bob', 'Alice', 'Albert'],
  emoji: (prefix) => (prefix === 'smi' ? ['😄', '😏'] : []),
  paths: ['notes/', 'my list.txt'],
};

function candidatesOf(marked: string, from = sources): readonly string[] {
  const at = marked.indexOf('|');
  const cursor = at < 0 ? marked.length : at;
  return complete({ text: marked.replace('|', ''), cursor }, from)?.candidates ?? [];
}

describe('completion', () => {
  it('offers paths where one is meant, with their spaces quoted, and goes on behind folders', () => {
    expect(candidatesOf('/send ')).toEqual(['notes/', 'my\\ list.txt ']);
    expect(candidatesOf('/save 3 "my l')).toEqual(['notes/', 'my\\ list.txt ']);
    expect(candidatesOf('/send a.txt n')).toEqual([]);
    expect(candidatesOf('/react n')).toEqual([]);
    expect(complete({ text: '/send "my l', cursor: 11 }, sources)).toMatchObject({ start: 6, end: 11 });
    const begun = (text: string) => pathBegun({ text, cursor: text.length });
    expect(begun('/send ')).toBe('');
    expect(begun('/send ~/my\\ li')).toBe('~/my li');
    expect(begun('/send "my li')).toBe('my li');
    expect(begun('/save 3 no')).toBe('no');
    expect(begun('/send a.txt no')).toBeUndefined();
    expect(begun('/send')).toBeUndefined();
    expect(begun('send no')).toBeUndefined();
  });

  it('offers first what is typed in full', () => {
    const people = ['Bobby', 'Bob', 'Bobo'];
    expect(candidatesOf('/kick bob', { ...sources, people })).toEqual(['Bob ', 'Bobby ', 'Bobo ']);
    expect(candidatesOf('/msg @Bob', { ...sources, people })).toEqual(['@Bob ', '@Bobby ', '@Bobo ']);
    expect(candidatesOf('/join lobby', { ...sources, ownRooms: ['Lobby2', 'Lobby'] })[0]).toBe('Lobby ');
    expect(candidatesOf('/link')).toEqual(['/link ', '/links ']);
  });

  it('makes an emoji of its short name after /react, and nothing of a text there', () => {
    expect(candidatesOf('/react :smi')).toEqual(['😄 ', '😏 ']);
    expect(candidatesOf('/react smi')).toEqual([]);
    expect(candidatesOf('/reply :smi')).toEqual([]);
  });

  it('makes an emoji of its short name', () => {
    expect(candidatesOf('that is good :smi')).toEqual(['😄 ', '😏 ']);
    expect(candidatesOf(':smi:')).toEqual(['😄 ', '😏 ']);
    expect(candidatesOf('12:smi')).toEqual([]);
    expect(candidatesOf(':s')).toEqual([]);
  });

  it('offers people, at the beginning as those who are spoken to', () => {
    expect(candidatesOf('al')).toEqual(['Alice: ', 'Albert: ']);
    expect(candidatesOf('hi al')).toEqual(['Alice ', 'Albert ']);
    expect(candidatesOf('hi @AL')).toEqual(['@Alice ', '@Albert ']);
    expect(candidatesOf('@b')).toEqual(['@Bob ']);
    expect(candidatesOf('one\nb')).toEqual(['Bob ']);
  });

  it('offers rooms after #, the own ones first', () => {
    expect(candidatesOf('see #l')).toEqual(['#Lobby ', '#LinuxTalk ', '#Lounge ']);
  });

  it('offers the commands that one may use', () => {
    expect(candidatesOf('/k')).toEqual(['/keys ', '/kick ']);
    expect(candidatesOf('/k', { ...sources, who: 'member' })).toEqual(['/keys ']);
    expect(candidatesOf('/J')).toEqual(['/join ']);
  });

  it('offers what an argument may be', () => {
    expect(candidatesOf('/join l')).toEqual(['Lobby ', 'LinuxTalk ', 'Lounge ']);
    expect(candidatesOf('/leave l')).toEqual(['Lobby ', 'LinuxTalk ']);
    expect(candidatesOf('/kick @a')).toEqual(['@Alice ', '@Albert ']);
    expect(candidatesOf('/hide ')).toEqual(['on ', 'off ']);
    expect(candidatesOf('/create Den ')).toEqual(['hidden ', 'password ']);
    expect(candidatesOf('/create Den password ')).toEqual(['hidden ']);
    expect(candidatesOf('/help jo')).toEqual(['join ']);
  });

  it('offers nothing where nothing fits', () => {
    for (const text of ['', 'hi ', 'zz', '/zz', '/zz al', '/kick Alice ', '/create ', '//k', '/search l'])
      expect([text, candidatesOf(text)]).toEqual([text, []]);
  });

  it('looks only at what stands before the cursor, and leaves the rest', () => {
    expect(complete({ text: 'hi al there', cursor: 5 }, sources)).toMatchObject({ start: 3, end: 5 });
    expect(candidatesOf('/jo| Lobby')).toEqual(['/join ']);
  });

  it('gives only what begins as it was typed, wherever the cursor is', () => {
    const part = fc.constantFrom(
      '/join',
      '/',
      'al',
      '@a',
      '#l',
      ' ',
      '\n',
      'x',
      '/create',
      'hidden',
      '👩‍👩‍👧',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.nat(), (parts, at) => {
        const text = parts.join('');
        const cursor = at % (text.length + 1);
        const completion = complete({ text, cursor }, sources);
        if (completion === undefined) return;
        const typed = text.slice(completion.start, completion.end).toLowerCase();
        expect(completion.end).toBe(cursor);
        for (const candidate of completion.candidates)
          expect(candidate.toLowerCase().startsWith(typed)).toBe(true);
      }),
    );
  });
});
