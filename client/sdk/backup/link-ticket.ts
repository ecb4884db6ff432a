import { lettersOf, parseLetters, shownLetters } from '../../../src/protocol/crockford.ts';
import { LINK_CODE_LETTERS } from '../../../src/protocol/layouts/link-inputs.ts';
import { randomBytes, sha256 } from '../../crypto/web-crypto.ts';

/** 40 random bits. */
const CODE_BYTES = 5;
/** Of the hash of a key: 255 of its bits. */
const HASH_LETTERS = 51;
const TEXT_CHARS_MAX = 128;

/**
 * What leads the old device to the new one. The code is short enough to type, and keeps nothing secret; `keyHash` is there when a QR
 * code was scanned, and makes the digits unnecessary.
 */
export interface LinkTicket {
  readonly code: string;
  readonly keyHash?: string;
}

export const newLinkCode = (): string => lettersOf(randomBytes(CODE_BYTES));
export const shownLinkCode = (code: string): string => shownLetters(code);

/** For a QR code: letters and digits alone. */
export async function linkTicketText(code: string, publicKey: Uint8Array): Promise<string> {
  return code + (await keyHashOf(publicKey));
}

/** As a person types the code, or what a QR code says; undefined for anything else. */
export function parseLinkTicket(text: string): LinkTicket | undefined {
  const letters = text.length > TEXT_CHARS_MAX ? undefined : parseLetters(text);
  if (letters?.length === LINK_CODE_LETTERS) return { code: letters };
  if (letters?.length !== LINK_CODE_LETTERS + HASH_LETTERS) return undefined;
  return { code: letters.slice(0, LINK_CODE_LETTERS), keyHash: letters.slice(LINK_CODE_LETTERS) };
}

export async function keyHashOf(publicKey: Uint8Array): Promise<string> {
  return lettersOf(await sha256(publicKey));
}
