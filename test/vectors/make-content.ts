import { toHex } from '../../src/protocol/bytes.ts';
import { idBytes, parseFileId, parseMessageId, parseUserId } from '../../src/protocol/ids.ts';
import {
  encodeContent,
  parseContent,
  type SentContent,
  type SharedFile,
} from '../../src/protocol/layouts/content.ts';
import { padContent, paddedPlaintextBytes } from '../../src/protocol/layouts/padding.ts';
import { EXPIRES_MAX, EXPIRES_MIN } from '../../src/protocol/limits.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { present } from './vector-keys.ts';

const lengths = [
  3, 4, 62, 63, 64, 190, 191, 192, 446, 447, 958, 959, 1982, 1983, 4030, 4031, 4032, 8126, 8127, 8128, 16_391,
];

/** How content is encoded and padded, and paddings that must be refused. */
const [ID, USER] = ['00112233445566778899aabbccddeeff', 'f0e0d0c0b0a090807060504030201000'];
const of = present(parseMessageId(ID));

/** With every field, and with as few as can be. */
const files: readonly SharedFile[] = [
  {
    file: present(parseFileId('0f'.repeat(16))),
    key: new Uint8Array(32).fill(7),
    name: 'Ferien 🏖.jpg',
    type: 'image/jpeg',
    size: 4_200_000,
    hash: new Uint8Array(32).fill(9),
    width: 4_000,
    height: 3_000,
    thumbnail: Uint8Array.of(1, 2, 3),
  },
  {
    file: present(parseFileId('1f'.repeat(16))),
    key: new Uint8Array(32).fill(8),
    name: '',
    type: '',
    size: 0,
    hash: new Uint8Array(32),
  },
];

/** One of each kind, with every field and with as few as can be. */
const sent: readonly SentContent[] = [
  { type: 'message', text: 'an answer', re: of, mentions: [present(parseUserId(USER))] },
  { type: 'message', text: '' },
  { type: 'message', text: 'two files', files },
  { type: 'message', text: 'for an hour', re: of, expires: 3_600 },
  { type: 'edit', of, body: { text: 'corrected', re: of }, fallback: '(edited) corrected' },
  { type: 'edit', of, body: { text: 'corrected' } },
  { type: 'edit', of, body: { text: 'corrected', expires: EXPIRES_MIN } },
  { type: 'retract', of, fallback: '(took a message back)' },
  { type: 'retract', of },
  { type: 'react', of, emoji: '👩‍👩‍👧', add: true, fallback: '(reacted 👩‍👩‍👧)' },
  { type: 'react', of, emoji: '❤️', add: false },
  { type: 'remove', of, why: 'off topic', fallback: '(removed a message)' },
  { type: 'remove', of },
];

const id = idBytes(of);
const withoutHash = { file: id, key: new Uint8Array(32), name: 'a', type: 'text/plain', size: 1 };
const fileEntry = { ...withoutHash, hash: new Uint8Array(32) };
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
  ['a life that is too short', [1, { text: 'gone', expires: EXPIRES_MIN - 1 }]],
  ['a life that is too long', [1, { text: 'gone', expires: EXPIRES_MAX + 1 }]],
  ['the longest life', [1, { text: 'gone', expires: EXPIRES_MAX }]],
  ['a life that is no number', [1, { text: 'gone', expires: '60' }]],
  ['more files than there may be', [1, { text: '', files: Array(11).fill(fileEntry) }]],
  ['a file whose key is too short', [1, { text: '', files: [{ ...fileEntry, key: new Uint8Array(31) }] }]],
  ['a file without a hash', [1, { text: '', files: [withoutHash] }]],
  [
    'a thumbnail as long as can be',
    [1, { text: '', files: [{ ...fileEntry, thumbnail: new Uint8Array(2048) }] }],
  ],
  [
    'a thumbnail that is too long',
    [1, { text: '', files: [{ ...fileEntry, thumbnail: new Uint8Array(2049) }] }],
  ],
  ['a thumbnail that is a text', [1, { text: '', files: [{ ...fileEntry, thumbnail: '<svg/>' }] }]],
  ['a negative kind', [-1, {}]],
];

/** Bytes as hexadecimal, however deep. */
export function inHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(inHex);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, inHex(field)]));
}

export function contentVectors(): unknown {
  const texts = ['', 'hi', 'grüß dich', 'x'.repeat(60), 'x'.repeat(300)];
  return {
    plaintext_bytes: lengths.map((content) => ({ content, plaintext: paddedPlaintextBytes(content) })),
    contents: texts.map((text) => {
      const content = encodeContent({ type: 'text', text });
      return { text, content: toHex(content), padded: toHex(padContent(content)) };
    }),
    kinds: sent.map((content) => ({ fields: inHex(content), content: toHex(encodeContent(content)) })),
    read: read.map(([why, content]) => {
      const encoded = encode(content);
      const parsed = parseContent(encoded);
      return { why, content: toHex(encoded), reads: parsed.ok ? inHex(parsed.content) : null };
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
