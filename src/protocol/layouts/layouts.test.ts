import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chain,
  count,
  fingerprint,
  messageId,
  present,
  raw,
  room,
  user,
} from '../../../test/support/protocol/arbitraries.ts';
import { HEADER_BYTES_MAX } from '../limits.ts';
import { decodeStrict, encode } from '../message-pack.ts';
import { listContext, purposes, rawContext } from './context.ts';
import { parseIdentityDocument } from './identity-document.ts';
import {
  encodeMessageHeader,
  layoutOf,
  type MessageHeader,
  parseMessageHeader,
  type Seen,
} from './message-header.ts';
import { recipientsInput } from './message-inputs.ts';
import { roomPasswordBytes } from './room-password.ts';
import { isRsa2048Spki, rsa2048Spki } from './rsa-public-key.ts';
import { safetyNumberText } from './safety-number.ts';

const seen: fc.Arbitrary<Seen> = fc
  .record({ position: count, headerHash: raw(32) }, { noNullPrototype: true })
  .map((claim) => (claim.position === 0 ? { ...claim, headerHash: new Uint8Array(0) } : claim));

const header: fc.Arbitrary<MessageHeader> = fc
  .record(
    {
      messageId,
      room,
      sender: user,
      senderFingerprint: fingerprint,
      chain,
      number: count,
      previousHash: raw(32),
      rosterVersion: count,
      recipients: raw(32),
      passwordNumber: count,
      sentAt: count,
      commitment: raw(32),
    },
    { noNullPrototype: true },
  )
  .map((fields) => (fields.number === 0 ? { ...fields, previousHash: new Uint8Array(0) } : fields))
  .chain((fields) =>
    fc.oneof(
      fc.constant(fields),
      seen.map((claim) => ({ ...fields, seen: claim })),
    ),
  );

describe('message headers', () => {
  it('are read back as they were written, within their size', () => {
    fc.assert(
      fc.property(header, (fields) => {
        const bytes = encodeMessageHeader(fields);
        expect(bytes.length).toBeLessThanOrEqual(HEADER_BYTES_MAX);
        expect(parseMessageHeader(bytes)).toStrictEqual({ ok: true, header: fields });
      }),
    );
  });

  it('have one encoding: any other bytes are another header or none', () => {
    fc.assert(
      fc.property(header, fc.nat(), fc.nat(255), (fields, where, byte) => {
        const bytes = encodeMessageHeader(fields);
        bytes[where % bytes.length] = byte;
        const parsed = parseMessageHeader(bytes);
        if (parsed.ok) expect(encodeMessageHeader(parsed.header)).toStrictEqual(bytes);
      }),
    );
  });

  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void parseMessageHeader(bytes)));
    expect(parseMessageHeader(new Uint8Array(HEADER_BYTES_MAX + 1))).toStrictEqual({
      ok: false,
      reason: 'malformed',
    });
    expect(parseMessageHeader(encode(['1', 1]))).toStrictEqual({ ok: false, reason: 'malformed' });
  });

  it('chain from a hash exactly when they are not the first', () => {
    const [fields] = fc.sample(header, 1);
    const wrong = { ...present(fields), number: 0, previousHash: new Uint8Array(32) };
    expect(parseMessageHeader(encodeMessageHeader(wrong)).ok).toBe(false);
    const missing = { ...present(fields), number: 1, previousHash: new Uint8Array(0) };
    expect(parseMessageHeader(encodeMessageHeader(missing)).ok).toBe(false);
  });

  it('of layout 2 name a hash exactly when they name a position', () => {
    const [fields] = fc.sample(header, 1);
    const with32 = { position: 0, headerHash: new Uint8Array(32) };
    const without = { position: 9, headerHash: new Uint8Array(0) };
    for (const claim of [with32, without])
      expect(parseMessageHeader(encodeMessageHeader({ ...present(fields), seen: claim })).ok).toBe(false);
  });

  it('say which layout they have, and those of another are named so', () => {
    const [fields] = fc.sample(header, 1);
    const { seen: _, ...first } = present(fields);
    const second = { ...first, seen: { position: 0, headerHash: new Uint8Array(0) } };
    const elements = (bytes: Uint8Array): unknown[] => {
      const decoded = decodeStrict(bytes, { depthMax: 1, itemsMax: 32 });
      return decoded.ok && Array.isArray(decoded.value) ? decoded.value : expect.unreachable();
    };
    const [one, two] = [first, second].map((each) => elements(encodeMessageHeader(each)));
    expect([one?.length, one?.[0], layoutOf(first)]).toEqual([14, 1, 1]);
    expect([two?.length, two?.[0], layoutOf(second)]).toEqual([16, 2, 2]);
    const changed = (layout: number, fields: readonly unknown[] = []) =>
      parseMessageHeader(encode([layout, ...fields.slice(1)]));
    for (const layout of [0, 4, 2 ** 40])
      expect(changed(layout, one)).toStrictEqual({ ok: false, reason: 'unsupported_layout' });
    expect(changed(3, two)).toStrictEqual({ ok: false, reason: 'unsupported_suite' });
    // The number alone does not make one the other.
    expect(changed(2, one)).toStrictEqual({ ok: false, reason: 'malformed' });
    expect(changed(1, two)).toStrictEqual({ ok: false, reason: 'malformed' });
  });
});

describe('identity documents', () => {
  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => void parseIdentityDocument(bytes)));
    fc.assert(
      fc.property(fc.array(fc.anything()), (fields) => {
        try {
          parseIdentityDocument(encode([1, ...fields]));
        } catch (error) {
          // What can't be encoded never gets as far as the parser.
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('RSA keys', () => {
  it('are accepted with 2048 bits only', () => {
    const modulus = new Uint8Array(256).fill(0xff);
    expect(isRsa2048Spki(present(rsa2048Spki(modulus)))).toBe(true);
    expect(rsa2048Spki(modulus.slice(1))).toBeUndefined();
    expect(rsa2048Spki(new Uint8Array(257).fill(0xff))).toBeUndefined();
    expect(rsa2048Spki(new Uint8Array(256).fill(0x7f))).toBeUndefined();
    expect(
      rsa2048Spki(Uint8Array.from(modulus, (byte, index) => (index === 255 ? 0xfe : byte))),
    ).toBeUndefined();
  });
});

describe('contexts', () => {
  it('never share bytes between two purposes', () => {
    for (const one of purposes) {
      for (const other of purposes) {
        if (one === other) continue;
        const [a, b] = [rawContext(one), listContext(other, [])].map((bytes) =>
          Buffer.from(bytes).toString('latin1'),
        );
        expect(present(b).startsWith(present(a)) || present(a).startsWith(present(b))).toBe(false);
      }
    }
  });
});

describe('recipients', () => {
  it('are hashed in ascending order of user id, however they are given', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ user, fingerprint }), { selector: (each) => each.user, maxLength: 20 }),
        (list) => {
          const ascending = [...list].sort((a, b) => (a.user < b.user ? -1 : 1));
          expect(recipientsInput(list)).toStrictEqual(recipientsInput(ascending));
        },
      ),
    );
  });
});

describe('safety numbers', () => {
  it('are twelve groups of five digits, zeros included', () => {
    expect(safetyNumberText(new Uint8Array(64))).toBe(Array<string>(12).fill('00000').join(' '));
    expect(safetyNumberText(new Uint8Array(64).fill(0xff))).toBe(
      Array<string>(12)
        .fill(String((2 ** 40 - 1) % 100_000))
        .join(' '),
    );
  });
});

describe('room passwords', () => {
  it('are counted in code points after NFKC, and must be well-formed', () => {
    expect(roomPasswordBytes('😀'.repeat(60))?.length).toBe(240);
    expect(roomPasswordBytes('😀'.repeat(61))).toBeUndefined();
    expect(roomPasswordBytes('ﬃab12')?.length).toBe(7);
    expect(roomPasswordBytes('ﬃa')).toBeUndefined();
    expect(roomPasswordBytes('123456\ud800')).toBeUndefined();
  });
});
