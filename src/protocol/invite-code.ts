declare const brand: unique symbol;
/** What opens one registration: 80 random bits as 16 signs of ALPHABET, without dashes. */
export type InviteCode = string & { readonly [brand]: 'InviteCode' };

export const INVITE_CODE_BYTES = 10;
/** What a client may send: the code as a person typed it. */
export const INVITE_TEXT_CHARS_MAX = 64;
const CODE_CHARS = 16;
const GROUP_CHARS = 4;
const BITS_PER_CHAR = 5;
/** Digits and capitals without I, L, O, which look like digits, and U: Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** As people type it: in any case, with or without dashes and spaces, with O for 0 and I or L for 1. */
export function parseInviteCode(text: unknown): InviteCode | undefined {
  if (typeof text !== 'string' || text.length > INVITE_TEXT_CHARS_MAX) return undefined;
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  const isCode = code.length === CODE_CHARS && [...code].every((sign) => ALPHABET.includes(sign));
  return isCode ? (code as InviteCode) : undefined;
}

/** In groups, for people to read and copy. */
export function shownInviteCode(code: InviteCode): string {
  const groups: string[] = [];
  for (let at = 0; at < code.length; at += GROUP_CHARS) groups.push(code.slice(at, at + GROUP_CHARS));
  return groups.join('-');
}

/** `random`: INVITE_CODE_BYTES of them. */
export function inviteCodeOf(random: Uint8Array): InviteCode {
  let text = '';
  let waiting = 0;
  let bits = 0;
  for (const byte of random) {
    waiting = (waiting << 8) | byte;
    for (bits += 8; bits >= BITS_PER_CHAR; bits -= BITS_PER_CHAR)
      text += ALPHABET[(waiting >> (bits - BITS_PER_CHAR)) & 31];
    waiting &= (1 << bits) - 1;
  }
  const code = parseInviteCode(text);
  if (code === undefined) throw new TypeError(`a code is made of ${INVITE_CODE_BYTES} bytes`);
  return code;
}
