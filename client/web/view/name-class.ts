import type { UserId } from '../../../src/protocol/ids.ts';

/** Colours that names are told apart by. */
const NAME_COLOURS = 8;

/** The same user has the same colour everywhere. */
export function nameClass(user: UserId): string {
  return `name-${Number.parseInt(user.slice(0, 4), 16) % NAME_COLOURS}`;
}
