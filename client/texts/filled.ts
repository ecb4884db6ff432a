import { texts } from './texts.ts';

/** What a text is about. A name that is absent falls back to the words after the colon in its place. */
export type Values = Readonly<Record<string, string | number | undefined>>;

/** `{name}`, `{name:words without it}` and `{name,number}`: 16,384. */
const place = /\{(\w+)(?:(,number)|:([^}]*))?\}/g;

export function filled(template: string, values: Values): string {
  return template.replace(
    place,
    (whole, name: string, number: string | undefined, words: string | undefined) => {
      const value = values[name];
      // What somebody typed: nothing, or blanks alone, would leave a hole in the sentence.
      if (name === 'given' && typeof value === 'string' && value.trim() === '') return `"${value}"`;
      if (number !== undefined && typeof value === 'number') return value.toLocaleString(texts.locale);
      return String(value ?? words ?? whole);
    },
  );
}
