import { closest, distance } from 'fastest-levenshtein';

/** What is at most so many letters away is probably meant. */
const TYPO_LETTERS_MAX = 2;

/** The known name that a mistyped one probably stands for. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const other = closest(name, known);
  return distance(name, other) <= TYPO_LETTERS_MAX ? other : undefined;
}
