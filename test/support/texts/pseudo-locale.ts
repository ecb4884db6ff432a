/**
 * A language that is derived from the catalogue: each letter of a string is another one, so that a word that stays as it is was
 * never in the catalogue. What people type as it is (a /command, an address, the name of a setting) and the places for values stay.
 */
export function pseudo<T>(texts: T): T {
  return transformed(texts, []) as T;
}

/** For Intl: its words and names of months have no letter of ours. */
const LOCALE = 'el';

const kept = /\{\w+(?:,number)?\}|\/[a-z]+|\bwss?:\S+|"[^"]*"|\[keys\]|\bnpm start\b|:[a-z]+:|\bOSC \d+\b/g;
const from = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const to = 'абцдефгхийклмнопярстуввхузАБЦДЕФГХИЙКЛМНОПЯРСТУВВХУЗ';

function transformed(texts: unknown, path: readonly string[]): unknown {
  if (path.at(-1) === 'locale') return LOCALE;
  if (typeof texts === 'string') return pseudoText(texts, []);
  if (Array.isArray(texts)) return texts.map((each) => transformed(each, path));
  if (typeof texts === 'function')
    return (...values: readonly unknown[]): unknown => {
      const said: unknown = texts(...values);
      const given = stringsIn(values);
      return Array.isArray(said)
        ? said.map((line) => pseudoText(String(line), given))
        : pseudoText(String(said), given);
    };
  if (typeof texts !== 'object' || texts === null || texts instanceof RegExp) return texts;
  return Object.fromEntries(
    Object.entries(texts).map(([key, below]) => [key, transformed(below, [...path, key])]),
  );
}

/** Values that a text was given are no words of it. */
function pseudoText(text: string, given: readonly string[]): string {
  const [first, ...more] = given;
  if (first !== undefined)
    return text
      .split(first)
      .map((part) => pseudoText(part, more))
      .join(first);
  let marked = '';
  let at = 0;
  for (const { 0: whole, index } of text.matchAll(kept)) {
    marked += letters(text.slice(at, index)) + whole;
    at = index + whole.length;
  }
  return marked + letters(text.slice(at));
}

function letters(text: string): string {
  return [...text].map((letter) => to[from.indexOf(letter)] ?? letter).join('');
}

/** The longest first, so that none is found within another. */
function stringsIn(values: unknown): readonly string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string' && value !== '') found.add(value);
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) look(each);
  };
  look(values);
  return [...found].sort((a, b) => b.length - a.length);
}
