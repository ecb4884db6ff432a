import { lettersOf } from '../crockford.ts';
import { idBytes, type UserPair } from '../ids.ts';
import { parseRoomName, type RoomName } from '../names.ts';
import { listContext } from './context.ts';

const PREFIX = 'dm';
/** 140 bits of the hash: with the prefix, the longest name that there is. */
const LETTERS = 28;
const form = new RegExp(`^${PREFIX}[0-9a-hjkmnp-tv-z]{${LETTERS}}$`);

/** The name of a pair's direct room comes from H of this. `generation` counts those rooms from 1: a name is never given twice. */
export function directNameInput({ low, high }: UserPair, generation: number): Uint8Array<ArrayBuffer> {
  return listContext('direct', [idBytes(low), idBytes(high), generation]);
}

/** `hash`: H(directNameInput), 32 bytes. */
export function directName(hash: Uint8Array): RoomName {
  const name = parseRoomName(`${PREFIX}${lettersOf(hash).slice(0, LETTERS).toLowerCase()}`);
  if (name === undefined) throw new TypeError('a hash has 32 bytes');
  return name;
}

/** No other room may have a name of this form. */
export function isDirectName(name: RoomName): boolean {
  return form.test(name.toLowerCase());
}
