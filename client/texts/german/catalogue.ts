import type { Catalogue } from '../language.ts';
import { chatGerman } from './chat-german.ts';
import { german as texts } from './german.ts';
import { webGerman } from './web-german.ts';

/** German, which the page loads for those who want it. */
export const german: Catalogue = { texts, chat: chatGerman, web: webGerman };
