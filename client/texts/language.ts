import type { chatEnglish } from './english/chat-english.ts';
import type { english } from './english/english.ts';
import type { webEnglish } from './english/web-english.ts';
import type { Worded } from './worded.ts';

/** What the page says in one language. */
export interface Catalogue {
  readonly texts: Worded<typeof english>;
  readonly chat: Worded<typeof chatEnglish>;
  readonly web: Worded<typeof webEnglish>;
}

let spoken: Catalogue | undefined;

/** To be called before anything is loaded that has something to say: each part takes its words once. */
export function speak(catalogue: Catalogue): void {
  spoken = catalogue;
}

/** Undefined: English, which every client has. */
export function spokenCatalogue(): Catalogue | undefined {
  return spoken;
}
