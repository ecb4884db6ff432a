import { chatEnglish } from './english/chat-english.ts';
import type { Worded } from './worded.ts';

/** What the chat says, whatever shows it. Apart from the rest: command lines have no use for it. */
export const chatTexts: Worded<typeof chatEnglish> = chatEnglish;
