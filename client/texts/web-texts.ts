import { webEnglish } from './english/web-english.ts';
import { type Catalogue, spokenCatalogue } from './language.ts';

/** What only the page says. */
export const webTexts: Catalogue['web'] = spokenCatalogue()?.web ?? webEnglish;
