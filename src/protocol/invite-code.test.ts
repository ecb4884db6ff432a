import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INVITE_CODE_BYTES, inviteCodeOf, parseInviteCode, shownInviteCode } from './invite-code.ts';

describe('an invitation code', () => {
  it('keeps all 80 bits: different bytes give different codes, in four groups of four', () => {
    const bytes = fc.uint8Array({ minLength: INVITE_CODE_BYTES, maxLength: INVITE_CODE_BYTES });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const codes = [inviteCodeOf(one), inviteCodeOf(other)] as const;
        expect(codes[0] === codes[1]).toBe(Buffer.from(one).equals(Buffer.from(other)));
        expect(shownInviteCode(codes[0])).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
      }),
    );
    expect(inviteCodeOf(new Uint8Array(INVITE_CODE_BYTES))).toBe('0'.repeat(16));
    expect(inviteCodeOf(new Uint8Array(INVITE_CODE_BYTES).fill(255))).toBe('Z'.repeat(16));
    expect(inviteCodeOf(new Uint8Array([0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21]))).toBe(
      '1'.repeat(16),
    );
  });

  it('is taken as people type it', () => {
    const code = parseInviteCode('K10M-PQRS-TVWX-YZ01');
    expect(code).toBe('K10MPQRSTVWXYZ01');
    for (const typed of [
      'k10m-pqrs-tvwx-yz01',
      'K10MPQRSTVWXYZ01',
      ' K10M PQRS TVWX YZ01\n',
      'klom-pqrs-tvwx-yzoi',
      'K1-0MPQ--RSTVWXYZ0I',
    ])
      expect(parseInviteCode(typed), typed).toBe(code);
  });

  it.each([
    '',
    'K10M-PQRS-TVWX-YZ0',
    'K10M-PQRS-TVWX-YZ012',
    'K10M-PQRS-TVWX-YZ0U',
    'K10M_PQRS_TVWX_YZ01',
    7,
    undefined,
  ])('is not %j', (text) => {
    expect(parseInviteCode(text)).toBeUndefined();
  });

  it('made of another number of bytes is a mistake', () => {
    for (const length of [0, 9, 11]) expect(() => inviteCodeOf(new Uint8Array(length))).toThrow(TypeError);
  });
});
