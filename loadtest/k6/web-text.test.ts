import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText } from '../../test/support/protocol/arbitraries.ts';
import { TextDecoder as OwnDecoder, TextEncoder as OwnEncoder } from './web-text.ts';

describe('UTF-8 for k6', () => {
  test('encodes every text as the platform does, lone surrogates included', () => {
    const codeUnits = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    });
    fc.assert(
      fc.property(fc.oneof(codeUnits, anyText()), (text) => {
        expect([...new OwnEncoder().encode(text)]).toEqual([...new TextEncoder().encode(text)]);
      }),
    );
  });

  test('decodes what is UTF-8, and refuses what the platform refuses', () => {
    const platform = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const outcome = (decode: () => string): string | undefined => {
      try {
        return decode();
      } catch {
        return undefined;
      }
    };
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      anyText().map((text) => new TextEncoder().encode(text)),
      fc.constantFrom(
        Uint8Array.of(0xed, 0xa0, 0x80),
        Uint8Array.of(0xc0, 0x80),
        Uint8Array.of(0xe0, 0x80, 0x80),
        Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
        Uint8Array.of(0xf8, 0x88, 0x80, 0x80, 0x80),
        Uint8Array.of(0xf8, 0x90, 0x80, 0x80),
        Uint8Array.of(0xe2, 0x82),
      ),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        expect(outcome(() => new OwnDecoder().decode(input))).toBe(outcome(() => platform.decode(input)));
      }),
      { numRuns: 2_000 },
    );
  });
});
