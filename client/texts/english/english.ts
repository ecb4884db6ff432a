import { closes, connection, heldUp } from './connection.ts';
import { fallbacks } from './fallbacks.ts';
import { local } from './local.ts';
import { LOCALE } from './numbers.ts';
import { openings } from './openings.ts';
import { people } from './people.ts';
import { features, refusals, requestRefusals, unknownRefusal } from './refusals.ts';
import { rooms } from './rooms.ts';
import { words } from './words.ts';

/** What every client says. */
export const english = {
  /** For Intl. */
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
} as const;
