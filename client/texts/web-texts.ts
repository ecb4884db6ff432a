import { webEnglish } from './english/web-english.ts';
import type { Worded } from './worded.ts';

/** What only the page says. */
export const webTexts: Worded<typeof webEnglish> = webEnglish;
