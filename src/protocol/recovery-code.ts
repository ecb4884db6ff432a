import { letterOf, lettersOf, parseLetters, shownLetters, valuesOf } from './crockford.ts';

declare const brand: unique symbol;
/** What opens the backup of an account: 115 random bits as 23 letters of Crockford's base 32, and a check letter. */
export type RecoveryCode = string & { readonly [brand]: 'RecoveryCode' };

/** Bytes that a code is drawn from; the last five bits are not used. */
export const RECOVERY_CODE_BYTES = 15;
const CODE_LETTERS = 24;
/** Longer texts are not looked at. */
const TEXT_CHARS_MAX = 128;
/** x⁵ + x² + 1, by which GF(32) is made. */
const FIELD_POLYNOMIAL = 0b100101;

export type ParsedRecoveryCode =
  | { readonly ok: true; readonly code: RecoveryCode }
  /** `mistyped`: it has the form of a code, and a letter is wrong or two changed places. */
  | { readonly ok: false; readonly reason: 'no_code' | 'mistyped' };

/** As people type it: see parseLetters(). Finds every single wrong letter and every two that changed places. */
export function parseRecoveryCode(text: string): ParsedRecoveryCode {
  const code = text.length > TEXT_CHARS_MAX ? undefined : parseLetters(text);
  if (code?.length !== CODE_LETTERS) return { ok: false, reason: 'no_code' };
  return weighed(code) === 0 ? { ok: true, code: code as RecoveryCode } : { ok: false, reason: 'mistyped' };
}

/** `random`: RECOVERY_CODE_BYTES of them. */
export function recoveryCodeOf(random: Uint8Array): RecoveryCode {
  const letters = lettersOf(random).slice(0, CODE_LETTERS - 1);
  const parsed = parseRecoveryCode(letters + letterOf(weighed(`${letters}0`)));
  if (!parsed.ok) throw new TypeError(`a recovery code is made of ${RECOVERY_CODE_BYTES} bytes`);
  return parsed.code;
}

/** In groups, for people to read and copy. */
export function shownRecoveryCode(code: RecoveryCode): string {
  return shownLetters(code);
}

/** The letters as coefficients of a polynomial over GF(32), at a generator of the field: each place has a weight of its own. */
function weighed(letters: string): number {
  return valuesOf(letters).reduce((sum, value) => {
    const doubled = sum << 1;
    return (doubled > 31 ? doubled ^ FIELD_POLYNOMIAL : doubled) ^ value;
  }, 0);
}
