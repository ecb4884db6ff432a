import { cliEnglish } from './english/cli-english.ts';
import type { Worded } from './worded.ts';

export type CliTexts = Worded<typeof cliEnglish>;

/** Keys of an area whose words are a string, with or without places. */
export type WordsKey<Area extends keyof CliTexts> = {
  [Key in keyof CliTexts[Area]]: CliTexts[Area][Key] extends string ? Key : never;
}[keyof CliTexts[Area]];

/** What the command lines say. Apart from the rest: a page of a browser has no use for it. */
export const cliTexts: CliTexts = cliEnglish;
