import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { usage } from './exit-codes.ts';

/** Digits alone; Number() also takes '', ' 7', '1e3' and '0x10'. Undefined: not a number from `least` to `most`. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  const number = Number(text);
  return /^\d{1,16}$/.test(text) && number >= least && number <= most ? number : undefined;
}

/** In milliseconds, of seconds as in `30` or `0.5`. Undefined: none, or more than `most`. */
export function secondsMs(text: string, most: number): number | undefined {
  const seconds = Number(text);
  return /^\d{0,9}\.?\d{1,9}$/.test(text) && seconds > 0 && seconds <= most
    ? Math.ceil(seconds * 1_000)
    : undefined;
}

/** Of `--count`. Throws a usage failure. */
export function parsedCount(text: string, least: number, most: number): number {
  const count = wholeNumber(text, least, most);
  if (count !== undefined) return count;
  throw usage(filled(cliTexts.usage.bad_count, { given: text, from: least, count: most }));
}
