import { toHex } from '../../src/protocol/bytes.ts';
import { encodeContent, padContent, paddedPlaintextBytes } from '../../src/protocol/layouts/content.ts';

const lengths = [
  3, 4, 62, 63, 64, 190, 191, 192, 446, 447, 958, 959, 1982, 1983, 4030, 4031, 4032, 8126, 8127, 8128, 16_391,
];

/** How content is encoded and padded, and paddings that must be refused. */
export function contentVectors(): unknown {
  const texts = ['', 'hi', 'grüß dich', 'x'.repeat(60), 'x'.repeat(300)];
  return {
    plaintext_bytes: lengths.map((content) => ({ content, plaintext: paddedPlaintextBytes(content) })),
    contents: texts.map((text) => {
      const content = encodeContent({ type: 'text', text });
      return { text, content: toHex(content), padded: toHex(padContent(content)) };
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
