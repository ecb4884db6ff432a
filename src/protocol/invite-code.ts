import { lettersOf, parseLetters, shownLetters } from './crockford.ts';

declare const brand: unique symbol;
/** What opens one registration: 80 random bits as 16 letters of Crockford's base 32, without dashes. */
export type InviteCode = string & { readonly [brand]: 'InviteCode' };

export const INVITE_CODE_BYTES = 10;
/** What a client may send: the code as a person typed it. */
export const INVITE_TEXT_CHARS_MAX = 64;
const CODE_CHARS = 16;

export function parseInviteCode(text: unknown): InviteCode | undefined {
  if (typeof text !== 'string' || text.length > INVITE_TEXT_CHARS_MAX) return undefined;
  const code = parseLetters(text);
  return code?.length === CODE_CHARS ? (code as InviteCode) : undefined;
}

/** In groups, for people to read and copy. */
export function shownInviteCode(code: InviteCode): string {
  return shownLetters(code);
}

/** `random`: INVITE_CODE_BYTES of them. */
export function inviteCodeOf(random: Uint8Array): InviteCode {
  const code = parseInviteCode(lettersOf(random));
  if (code === undefined) throw new TypeError(`a code is made of ${INVITE_CODE_BYTES} bytes`);
  return code;
}
