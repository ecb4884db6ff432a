import { tuiEnglish } from './english/tui-english.ts';
import type { Worded } from './worded.ts';

/** What only the terminal's face says. */
export const tuiTexts: Worded<typeof tuiEnglish> = tuiEnglish;
