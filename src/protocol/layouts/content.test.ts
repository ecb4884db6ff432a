import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageId, present, user } from '../../../test/support/protocol/arbitraries.ts';
import { idBytes, parseFileId } from '../ids.ts';
import {
  CIPHERTEXT_BYTES_MAX,
  EXPIRES_MAX,
  EXPIRES_MIN,
  FALLBACK_BYTES_MAX,
  MENTIONS_MAX,
  TEXT_BYTES_MAX,
  THUMBNAIL_BYTES_MAX,
} from '../limits.ts';
import { encode } from '../message-pack.ts';
import { encodeContent, parseContent, type SentContent, type SharedFile } from './content.ts';
import { padContent, paddedPlaintextBytes, unpadContent } from './padding.ts';

const sentText = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => !text.startsWith('\ufeff'));
const wording = fc.record(
  {
    ...{ text: sentText, re: messageId, mentions: fc.array(user, { maxLength: 5 }) },
    expires: fc.integer({ min: EXPIRES_MIN, max: EXPIRES_MAX }),
  },
  { requiredKeys: ['text'], noNullPrototype: true },
);
const action = { of: messageId, fallback: sentText };
/** What this release may send. */
const anyContent: fc.Arbitrary<SentContent> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: sentText }, { noNullPrototype: true }),
  wording.map((body) => ({ type: 'message' as const, ...body })),
  fc.record(
    { type: fc.constant('edit' as const), of: messageId, body: wording, fallback: sentText },
    { requiredKeys: ['type', 'of', 'body'], noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('retract' as const), ...action },
    { requiredKeys: ['type', 'of'], noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('react' as const),
      ...action,
      emoji: fc.constantFrom('👍', '❤️', '👩‍👩‍👧', '1️⃣', 'ok'),
      add: fc.boolean(),
    },
    { requiredKeys: ['type', 'of', 'emoji', 'add'], noNullPrototype: true },
  ),
  fc.record(
    { type: fc.constant('remove' as const), ...action, why: sentText },
    { requiredKeys: ['type', 'of'], noNullPrototype: true },
  ),
);

const picture: SharedFile = {
  file: present(parseFileId('0f'.repeat(16))),
  ...{ key: new Uint8Array(32), name: 'a.png', type: 'image/png', size: 1, hash: new Uint8Array(32) },
};

/** The files of a message with this one, as a reader has them. */
function readBack(file: unknown): unknown {
  const parsed = parseContent(encode([1, { text: '', files: [file] }]));
  return parsed.ok && parsed.content.type === 'message' ? parsed.content.files : parsed;
}

describe('content', () => {
  it('of any text within the limit is read back through encoding and padding', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 3000 }).filter((text) => !text.startsWith('\ufeff')),
        (text) => {
          const content = { type: 'text', text } as const;
          const padded = padContent(encodeContent(content));
          expect((padded.length + 64) % 64).toBe(0);
          expect(parseContent(present(unpadContent(padded)))).toStrictEqual({ ok: true, content });
        },
      ),
    );
  });

  it('is padded to the ladder: powers of two from 64 bytes up to 4 KiB, then multiples of 4 KiB', () => {
    fc.assert(
      fc.property(fc.nat(20_000), (length) => {
        const plaintext = paddedPlaintextBytes(length);
        expect(plaintext).toBeGreaterThanOrEqual(length + 65);
        if (plaintext > 4096)
          expect([plaintext % 4096, plaintext - length - 65 < 4096]).toStrictEqual([0, true]);
        else expect(Number.isInteger(Math.log2(plaintext / 64))).toBe(true);
      }),
    );
  });

  it('never makes the readers throw, and one padding fits one content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseContent(bytes);
        const content = unpadContent(bytes);
        if (content !== undefined) expect(padContent(content)).toStrictEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('holds 16 KiB of UTF-8 and not a byte more', () => {
    expect(encodeContent({ type: 'text', text: 'x'.repeat(TEXT_BYTES_MAX) }).length).toBe(TEXT_BYTES_MAX + 5);
    expect(() => encodeContent({ type: 'text', text: 'ä'.repeat(TEXT_BYTES_MAX / 2 + 1) })).toThrow(
      RangeError,
    );
    expect(parseContent(encode([0, 'x'.repeat(TEXT_BYTES_MAX + 1)]))).toStrictEqual({ ok: false });
  });

  it('of a later kind is told from content that is none', () => {
    expect(parseContent(encode([7, { a: 1 }]))).toStrictEqual({ ok: true, content: { type: 'unknown' } });
    for (const none of [
      ['0', 'hi'],
      [0, 1],
      [0, 'hi', 0],
      [1, { a: 1 }],
      [1.5, {}],
    ])
      expect(parseContent(encode(none))).toStrictEqual({ ok: false });
  });

  it('of every kind is read back as it was written', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        expect(parseContent(encodeContent(content))).toStrictEqual({ ok: true, content });
      }),
    );
  });

  it('is refused to its sender where no reader would take it', () => {
    const [of] = fc.sample(messageId, 1);
    for (const emoji of ['', 'a b', '👍'.repeat(9)])
      expect(() => encodeContent({ type: 'react', of: present(of), emoji, add: true })).toThrow(RangeError);
    const long = { type: 'edit', of: present(of), body: { text: 'x'.repeat(TEXT_BYTES_MAX + 1) } } as const;
    expect(() => encodeContent(long)).toThrow(RangeError);
  });

  it('with a thumbnail that is too long, or no bytes, is read without it, and never written', () => {
    const thumbnail = new Uint8Array(THUMBNAIL_BYTES_MAX);
    const file = { ...picture, thumbnail };
    expect(readBack({ ...file, file: idBytes(picture.file) })).toStrictEqual([file]);
    for (const unfit of [new Uint8Array(THUMBNAIL_BYTES_MAX + 1), 'text', 1, null, [], {}])
      expect(readBack({ ...file, file: idBytes(picture.file), thumbnail: unfit })).toStrictEqual([picture]);
    const long = { ...picture, thumbnail: new Uint8Array(THUMBNAIL_BYTES_MAX + 1) };
    expect(() => encodeContent({ type: 'message', text: '', files: [long] })).toThrow(RangeError);
  });

  it('that asks to disappear sooner or later than the bounds allow is none', () => {
    for (const expires of [EXPIRES_MIN, EXPIRES_MAX])
      expect(parseContent(encode([1, { text: 'x', expires }]))).toMatchObject({ content: { expires } });
    for (const expires of [0, EXPIRES_MIN - 1, EXPIRES_MAX + 1, -60, '60', null])
      expect(parseContent(encode([1, { text: 'x', expires }]))).toStrictEqual({ ok: false });
  });

  it('of the longest message with the most mentions fits into a ciphertext', () => {
    const mentions = fc.sample(user, MENTIONS_MAX);
    const body = { text: 'x'.repeat(TEXT_BYTES_MAX), re: present(fc.sample(messageId, 1)[0]), mentions };
    const content = encodeContent({
      type: 'edit',
      of: body.re,
      body,
      fallback: 'y'.repeat(FALLBACK_BYTES_MAX),
    });
    expect(paddedPlaintextBytes(content.length) + 16).toBeLessThanOrEqual(CIPHERTEXT_BYTES_MAX);
  });
});
