import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseRecoveryCode,
  RECOVERY_CODE_BYTES,
  recoveryCodeOf,
  shownRecoveryCode,
} from './recovery-code.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const anyCode = fc
  .uint8Array({ minLength: RECOVERY_CODE_BYTES, maxLength: RECOVERY_CODE_BYTES })
  .map((random) => recoveryCodeOf(random));

describe('a recovery code', () => {
  it('is 24 letters in groups of four, and is read as it is shown', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        const shown = shownRecoveryCode(code);
        expect(shown).toMatch(/^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/);
        expect(parseRecoveryCode(shown)).toEqual({ ok: true, code });
      }),
    );
  });

  it('keeps 115 random bits: each of them changes the code', () => {
    const zeros = new Uint8Array(RECOVERY_CODE_BYTES);
    const codes = Array.from({ length: 115 }, (_, bit) => {
      const random = zeros.slice();
      random[bit >> 3] = 0x80 >> (bit & 7);
      return recoveryCodeOf(random);
    });
    expect(new Set([...codes, recoveryCodeOf(zeros)]).size).toBe(116);
  });

  it('is read in any case, with spaces, and with O, I and L for the digits they look like', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        const lookalikes = code.replaceAll('0', 'o').replaceAll('1', 'l').toLowerCase();
        expect(parseRecoveryCode(`  ${lookalikes.replace(/.{6}/g, '$& ')}\n`)).toEqual({ ok: true, code });
        expect(parseRecoveryCode(code.replaceAll('1', 'I'))).toEqual({ ok: true, code });
      }),
    );
  });

  it('with any one letter wrong is found to be mistyped', () => {
    fc.assert(
      fc.property(anyCode, fc.nat(23), fc.nat(31), (code, at, value) => {
        const letter = ALPHABET.charAt(value);
        fc.pre(code[at] !== letter);
        const mistyped = code.slice(0, at) + letter + code.slice(at + 1);
        expect(parseRecoveryCode(mistyped)).toEqual({ ok: false, reason: 'mistyped' });
      }),
    );
  });

  it('with any two letters in each other’s place is found to be mistyped', () => {
    fc.assert(
      fc.property(anyCode, fc.nat(23), fc.nat(23), (code, one, other) => {
        fc.pre(code[one] !== code[other]);
        const letters = [...code];
        [letters[one], letters[other]] = [code.charAt(other), code.charAt(one)];
        expect(parseRecoveryCode(letters.join(''))).toEqual({ ok: false, reason: 'mistyped' });
      }),
    );
  });

  it.each(['', 'K10M-PQRS-TVWX-YZ01', `${'0'.repeat(23)}U`, '0'.repeat(25), '0'.repeat(1_000)])(
    'is not %j',
    (text) => {
      expect(parseRecoveryCode(text)).toEqual({ ok: false, reason: 'no_code' });
    },
  );
});
