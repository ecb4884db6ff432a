import type { english } from '../english/english.ts';
import type { Worded } from '../worded.ts';
import { closes, connection, heldUp } from './connection.ts';
import { local } from './local.ts';
import { fallbacks, openings, words } from './messages.ts';
import { LOCALE } from './numbers.ts';
import { people } from './people.ts';
import { features, refusals, requestRefusals, unknownRefusal } from './refusals.ts';
import { rooms } from './rooms.ts';

/** What every client says. */
export const german: Worded<typeof english> = {
  locale: LOCALE,
  words,
  refusals,
  requestRefusals,
  unknownRefusal,
  features,
  closes,
  connection,
  heldUp,
  openings,
  fallbacks,
  people,
  local: { ...local, ...rooms },
};
