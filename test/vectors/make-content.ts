import { toHex } from '../../src/protocol/bytes.ts';
import { idBytes, parseMessageId, parseUserId } from '../../src/protocol/ids.ts';
import { encodeContent, parseContent, type SentContent } from '../../src/protocol/layouts/content.ts';
import { padContent, paddedPlaintextBytes } from '../../src/protocol/layouts/padding.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { present } from './vector-keys.ts';

const lengths = [
  3, 4, 62, 63, 64, 190, 191, 192, 446, 447, 958, 959, 1982, 1983, 4030, 4031, 4032, 8126, 8127, 8128, 16_391,
];

/** How content is encoded and padded, and paddings that must be refused. */
const [ID, USER] = ['00112233445566778899aabbccddeeff', 'f0e0d0c0b0a090807060504030201000'];
const of = present(parseMessageId(ID));

/** One of each kind, with every field and with as few as can be. */
const sent: readonly SentContent[] = [
  { type: 'message', text: 'an answer', re: of, mentions: [present(parseUserId(USER))] },
  { type: 'message', text: '' },
  { type: 'edit', of, body: { text: 'corrected', re: of }, fallback: '(edited) corrected' },
  { type: 'edit', of, body: { text: 'corrected' } },
  { type: 'retract', of, fallback: '(took a message back)' },
  { type: 'retract', of },
  { type: 'react', of, emoji: '👩‍👩‍👧', add: true, fallback: '(reacted 👩‍👩‍👧)' },
  { type: 'react', of, emoji: '❤️', add: false },
  { type: 'remove', of, why: 'off topic', fallback: '(removed a message)' },
  { type: 'remove', of },
];

const id = idBytes(of);
/** What readers refuse, and what they read past. */
const read: readonly (readonly [why: string, content: readonly unknown[]])[] = [
  ['a kind of a later release, with a fallback', [9, { fallback: 'a poll', options: [1, [2, [3]]] }]],
  ['a kind of a later release, without one', [9, { options: [] }]],
  ['a kind of a later release that is no map', [9, 'text']],
  ['a fallback that is too long', [9, { fallback: 'x'.repeat(1025) }]],
  ['a field of a later release', [1, { text: 'hi', colour: 3 }]],
  ['a message without text', [1, { re: id }]],
  ['a message id that is too short', [3, { of: id.slice(1) }]],
  ['an action on nothing', [4, { emoji: '👍', add: true }]],
  ['a reaction with a space', [4, { of: id, emoji: '👍 👍', add: true }]],
  ['a reaction that is too long', [4, { of: id, emoji: '👍'.repeat(9), add: true }]],
  ['a reaction of nothing', [4, { of: id, emoji: '', add: true }]],
  ['a reason that is too long', [5, { of: id, why: '𝄞'.repeat(101) }]],
  ['a reason as long as can be', [5, { of: id, why: '𝄞'.repeat(100) }]],
  ['an edit without a body', [2, { of: id }]],
  ['more mentions than there may be', [1, { text: 'all', mentions: Array(101).fill(id) }]],
  ['a negative kind', [-1, {}]],
];

export function contentVectors(): unknown {
  const texts = ['', 'hi', 'grüß dich', 'x'.repeat(60), 'x'.repeat(300)];
  return {
    plaintext_bytes: lengths.map((content) => ({ content, plaintext: paddedPlaintextBytes(content) })),
    contents: texts.map((text) => {
      const content = encodeContent({ type: 'text', text });
      return { text, content: toHex(content), padded: toHex(padContent(content)) };
    }),
    kinds: sent.map((content) => ({ fields: content, content: toHex(encodeContent(content)) })),
    read: read.map(([why, content]) => {
      const encoded = encode(content);
      const parsed = parseContent(encoded);
      return { why, content: toHex(encoded), reads: parsed.ok ? parsed.content : null };
    }),
    invalid_padding: [
      { why: 'no mark', padded: '00'.repeat(64) },
      { why: 'another mark', padded: `9200a26869${'01'}${'00'.repeat(58)}` },
      { why: 'a byte behind the mark', padded: `9200a2686980${'00'.repeat(57)}01` },
      { why: 'longer than need be', padded: `9200a2686980${'00'.repeat(186)}` },
      { why: 'no step of the ladder', padded: `9200a2686980${'00'.repeat(20)}` },
      { why: 'nothing at all', padded: '' },
    ],
  };
}
