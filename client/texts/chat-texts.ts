import { chatEnglish } from './english/chat-english.ts';
import { type Catalogue, spokenCatalogue } from './language.ts';

/** What the chat says, whatever shows it. Apart from the rest: command lines have no use for it. */
export const chatTexts: Catalogue['chat'] = spokenCatalogue()?.chat ?? chatEnglish;
