import { english } from './english/english.ts';
import { type Catalogue, spokenCatalogue } from './language.ts';

export type Texts = Catalogue['texts'];

/** What may be in the way on this machine, in a room, or with a person. */
export type LocalFault = keyof Texts['local'];

/** What every client says, by area and key. Strings with places in them are for filled(). */
export const texts: Texts = spokenCatalogue()?.texts ?? english;
