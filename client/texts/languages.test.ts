import { describe, expect, it } from 'vitest';
import { chatEnglish } from './english/chat-english.ts';
import { cliEnglish } from './english/cli-english.ts';
import { english } from './english/english.ts';
import { unstarted } from './english/web/unstarted.ts';
import { webEnglish } from './english/web-english.ts';
import { german } from './german/catalogue.ts';
import { counted, keptFor, sized } from './german/numbers.ts';
import { unstarted as unstartedGerman } from './german/unstarted.ts';

const catalogues = [
  ['texts', english, german.texts],
  ['chat', chatEnglish, german.chat],
  ['web', webEnglish, german.web],
  ['unstarted', unstarted, unstartedGerman],
] as const;

/** A text, or what makes one, at its key. */
interface Entry {
  readonly key: string;
  readonly text: unknown;
}

function entriesOf(texts: unknown, key: string): readonly Entry[] {
  if (typeof texts !== 'object' || texts === null) return [{ key, text: texts }];
  return Object.entries(texts).flatMap(([name, below]) => entriesOf(below, `${key}.${name}`));
}

const pairs = catalogues.flatMap(([area, one, other]) => {
  const others = new Map(entriesOf(other, area).map(({ key, text }) => [key, text]));
  return entriesOf(one, area).map(({ key, text }) => ({ key, text, other: others.get(key) }));
});

/** The names of what is filled in; words for where it is absent are in the language of the text. */
function placesIn(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)(,number)?/g)].map(([, name = '', number = '']) => name + number).sort();
}

const programs = Object.keys(cliEnglish.commands).map((name) => name.split(' ')[0]);
const TYPED = new RegExp(
  `(?<![\\w/:.<{])/[a-z]+\\b(?!/)|--[a-z-]+|\\bconclave (?:${programs.join('|')})\\b|\\bCONCLAVE_\\w+`,
  'g',
);

/** What is typed or run as it is: /commands, options, and commands of a shell. */
function typedIn(text: string): readonly string[] {
  return [...new Set(text.match(TYPED))].sort();
}

/** In the place of an argument, whatever it is: each leaves marks that are found again. */
const samples = [
  (at: number) => `Mark${at}`,
  (at: number) => [`Mark${at}`, `Other${at}`],
  (at: number) => 1_000 + at,
  (at: number) => new Proxy({}, { get: (_, name) => `Mark${at}${String(name)}` }),
  (at: number) => new Proxy({}, { get: (_, name) => [`Mark${at}${String(name)}`] }),
  (at: number) => ({ state: 'gone', joined: [`Mark${at}`], left: [], users: [`Mark${at}`], number: 7 }),
  () => 'two_epochs',
];

/** What a text says with the first arguments that it can be given; undefined: with none of them. */
function saidBy(
  text: (...values: readonly unknown[]) => unknown,
  values: readonly unknown[],
): string | undefined {
  try {
    const said = text(...values);
    return Array.isArray(said) ? said.join('\n') : typeof said === 'string' ? said : undefined;
  } catch {
    return undefined;
  }
}

function* argumentsFor(count: number): Generator<readonly unknown[]> {
  for (let at = 0; at < samples.length ** count; at += 1)
    yield Array.from({ length: count }, (_, index) =>
      samples[Math.floor(at / samples.length ** index) % samples.length]?.(index),
    );
}

const marksIn = (text: string): readonly string[] => (text.match(/(?:Mark|Other)\d\w*/g) ?? []).sort();

describe('German', () => {
  it('has every text that English has, and no other', () => {
    for (const [area, one, other] of catalogues) {
      const keys = (texts: unknown): readonly string[] => entriesOf(texts, area).map(({ key }) => key);
      expect(keys(other).toSorted()).toEqual(keys(one).toSorted());
    }
    expect(pairs.length).toBeGreaterThan(700);
  });

  it('fills in the same values, and names the same commands', () => {
    for (const { key, text, other } of pairs) {
      if (typeof text !== 'string' || typeof other !== 'string') continue;
      expect([key, placesIn(other)]).toEqual([key, placesIn(text)]);
      expect([key, typedIn(other)]).toEqual([key, typedIn(text)]);
    }
  });

  it('says what it is given wherever English does', () => {
    let compared = 0;
    for (const { key, text, other } of pairs) {
      if (typeof text !== 'function' || typeof other !== 'function') continue;
      const call = text as (...values: readonly unknown[]) => unknown;
      const german = other as (...values: readonly unknown[]) => unknown;
      for (const values of argumentsFor(call.length)) {
        const said = saidBy(call, values);
        if (said === undefined || marksIn(said).length === 0) continue;
        expect([key, marksIn(saidBy(german, values) ?? '')]).toEqual([key, marksIn(said)]);
        expect([key, typedIn(saidBy(german, values) ?? '')]).toEqual([key, typedIn(said)]);
        compared += 1;
        break;
      }
    }
    expect(compared).toBeGreaterThan(150);
  });

  it('leaves no sentence in English', () => {
    const left = pairs.filter(
      ({ text, other }) => typeof text === 'string' && text === other && /\p{L}{2,} \p{L}{2,}/u.test(text),
    );
    expect(left).toEqual([]);
  });

  it('counts and writes numbers as Germans do', () => {
    expect([1, 2, 0, 1_434].map((count) => counted(count, 'Mitglied', 'Mitglieder'))).toEqual([
      ...['1 Mitglied', '2 Mitglieder', '0 Mitglieder', '1.434 Mitglieder'],
    ]);
    expect([sized(999), sized(1_400_000), sized(250e9)]).toEqual(['999 B', '1,4 MB', '250 GB']);
    expect([keptFor(24), keptFor(48), keptFor(1), keptFor(36)]).toEqual([
      ...['1 Tag', '2 Tage', '1 Stunde', '36 Stunden'],
    ]);
  });
});
