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
import { concatBytes } from '../bytes.ts';
import { EPOCH_RECORD_BYTES_MAX, HEADER_BYTES_MAX, PREKEY_BYTES_MAX } from '../limits.ts';
import { encode } from '../message-pack.ts';
import {
  type EpochBody,
  encodeEpochBody,
  epochReasons,
  joinEpochRecord,
  type Keying,
  parseEpochRecord,
} from './epoch-record.ts';
import { type EpochWrap, encodeEpochWrap, parseEpochWrap, splitEpochWraps } from './epoch-wraps.ts';
import { encodeMessageHeader, layoutOf, type MessageHeader, parseMessageHeader } from './message-header.ts';
import { encodePrekey, parsePrekey } from './prekey.ts';
import { isXWingPublicKey, X_WING_PUBLIC_KEY_BYTES } from './x-wing-public-key.ts';

const body: fc.Arbitrary<EpochBody> = fc
  .record(
    {
      room,
      number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      rosterVersion: count,
      recipients: raw(32),
      passwordNumber: count,
      keying: fc.constantFrom<Keying>(1, 2),
      committer: user,
      committerFingerprint: fingerprint,
      previousHash: raw(32),
      commitment: raw(32),
      reason: fc.constantFrom(...epochReasons),
      madeAt: count,
    },
    { noNullPrototype: true },
  )
  .map((fields) => (fields.number === 1 ? { ...fields, previousHash: new Uint8Array(0) } : fields));

const recordOf = (fields: EpochBody): Uint8Array =>
  joinEpochRecord({
    bodyBytes: encodeEpochBody(fields),
    root: new Uint8Array(32),
    signature: new Uint8Array(64),
  });

describe('records of epochs', () => {
  it('are read back as they were written, within their size', () => {
    fc.assert(
      fc.property(body, raw(32), raw(64), (fields, root, signature) => {
        const bodyBytes = encodeEpochBody(fields);
        const bytes = joinEpochRecord({ bodyBytes, root, signature });
        expect(bytes.length).toBeLessThanOrEqual(EPOCH_RECORD_BYTES_MAX);
        const record = { body: fields, bodyBytes, root, signature };
        expect(parseEpochRecord(bytes)).toStrictEqual({ ok: true, record });
      }),
    );
  });

  it('have one encoding: any other bytes are another record or none', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.nat(255), (fields, where, byte) => {
        const bytes = recordOf(fields);
        bytes[where % bytes.length] = byte;
        const parsed = parseEpochRecord(bytes);
        if (parsed.ok) expect(joinEpochRecord(parsed.record)).toStrictEqual(bytes);
      }),
    );
  });

  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void parseEpochRecord(bytes)));
  });

  it('name the record before them exactly when they are not the first', () => {
    const [fields] = fc.sample(body, 1);
    const wrong = { ...present(fields), number: 1, previousHash: new Uint8Array(32) };
    const missing = { ...present(fields), number: 2, previousHash: new Uint8Array(0) };
    for (const each of [wrong, missing]) expect(parseEpochRecord(recordOf(each)).ok).toBe(false);
  });

  it('of another layout, suite or keying are told from bytes that are none', () => {
    const tail = new Uint8Array(96);
    const fields = [1, 2, ...Array<number>(5).fill(0), 3, ...Array<number>(6).fill(0)];
    const reason = (changed: readonly unknown[]): unknown =>
      parseEpochRecord(concatBytes(encode(changed), tail));
    expect(reason([2, ...fields.slice(1)])).toMatchObject({ reason: 'unsupported_layout' });
    expect(reason([1, 1, ...fields.slice(2)])).toMatchObject({ reason: 'unsupported_suite' });
    expect(reason(fields)).toMatchObject({ reason: 'unsupported_keying' });
    expect(reason(['1', ...fields.slice(1)])).toMatchObject({ reason: 'malformed' });
    expect(parseEpochRecord(tail)).toMatchObject({ reason: 'malformed' });
  });
});

const plain: fc.Arbitrary<EpochWrap> = raw(256).map((rsa) => ({ keying: 1, rsa }));
const hybrid: fc.Arbitrary<EpochWrap> = fc
  .record(
    { week: fc.integer({ min: 1, max: 2 ** 32 - 1 }), rsa: raw(256), xWing: raw(1120), sealed: raw(48) },
    { noNullPrototype: true },
  )
  .map((parts) => ({ keying: 2, ...parts }));

describe('wraps of an epoch', () => {
  it.each<[Keying, fc.Arbitrary<EpochWrap>]>([
    [1, plain],
    [2, fc.oneof(plain, hybrid)],
  ])('of keying %i are told apart when they stand one behind the other', (keying, wrap) => {
    fc.assert(
      fc.property(fc.array(wrap, { minLength: 1, maxLength: 6 }), (wraps) => {
        const encoded = wraps.map((each) => encodeEpochWrap(keying, each));
        expect(encoded.map((bytes) => parseEpochWrap(keying, bytes))).toStrictEqual(wraps);
        const all = concatBytes(...encoded);
        expect(splitEpochWraps(keying, all, wraps.length)).toStrictEqual(encoded);
        for (const wrong of [wraps.length - 1, wraps.length + 1])
          expect(splitEpochWraps(keying, all, wrong)).toBeUndefined();
        expect(splitEpochWraps(keying, all.slice(0, -1), wraps.length)).toBeUndefined();
        expect(parseEpochWrap(keying, present(encoded[0]).slice(0, -1))).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it('never make the readers throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Keying>(1, 2),
        fc.uint8Array({ maxLength: 1500 }),
        fc.nat(9),
        (keying, bytes, wraps) => {
          parseEpochWrap(keying, bytes);
          splitEpochWraps(keying, bytes, wraps);
        },
      ),
    );
  });
});

describe('headers of suite 2', () => {
  const header: fc.Arbitrary<MessageHeader> = fc.record(
    {
      messageId,
      room,
      sender: user,
      senderFingerprint: fingerprint,
      chain,
      number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      previousHash: raw(32),
      rosterVersion: count,
      recipients: raw(32),
      passwordNumber: count,
      sentAt: count,
      seen: fc.record(
        { position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), headerHash: raw(32) },
        { noNullPrototype: true },
      ),
      epoch: fc.record(
        { number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), recordHash: raw(32), salt: raw(32) },
        { noNullPrototype: true },
      ),
      commitment: raw(32),
    },
    { noNullPrototype: true },
  );

  it('are read back as they were written, within their size', () => {
    fc.assert(
      fc.property(header, (fields) => {
        const bytes = encodeMessageHeader(fields);
        expect(bytes.length).toBeLessThanOrEqual(HEADER_BYTES_MAX);
        expect(layoutOf(fields)).toBe(3);
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

  it('count epochs from 1, and always say what was seen', () => {
    const [fields] = fc.sample(header, 1);
    const { seen: _, ...unseen } = present(fields);
    const { epoch } = present(fields);
    const zeroth = { ...present(fields), epoch: { ...present(epoch), number: 0 } };
    expect(parseMessageHeader(encodeMessageHeader(zeroth)).ok).toBe(false);
    expect(() => encodeMessageHeader(unseen)).toThrow(TypeError);
  });
});

/** An ML-KEM half of zeros, which every coefficient may be, and the base point of X25519. */
function validKey(): Uint8Array {
  const key = new Uint8Array(X_WING_PUBLIC_KEY_BYTES);
  key[1184] = 9;
  return key;
}

describe('keys of X-Wing', () => {
  it('are refused with a coefficient of 3329 or more, wherever it stands', () => {
    expect(isXWingPublicKey(validKey())).toBe(true);
    fc.assert(
      fc.property(fc.nat(767), fc.integer({ min: 3329, max: 4095 }), (place, coefficient) => {
        const key = validKey();
        const at = Math.floor((place * 3) / 2);
        if (place % 2 === 0) key.set([coefficient & 0xff, coefficient >> 8], at);
        else key.set([(coefficient & 0x0f) << 4, coefficient >> 4], at);
        expect(isXWingPublicKey(key)).toBe(false);
      }),
    );
    const largest = validKey();
    largest.set([0x00, 0x0d], 0);
    expect(isXWingPublicKey(largest)).toBe(true);
  });

  it('are refused at or above the prime of Curve25519, and of another length', () => {
    const key = validKey();
    key.set([0xed, ...Array<number>(30).fill(0xff), 0x7f], 1184);
    expect(isXWingPublicKey(key)).toBe(false);
    key.set([0x09, ...Array<number>(30).fill(0), 0x80], 1184);
    expect(isXWingPublicKey(key)).toBe(false);
    expect(isXWingPublicKey(validKey().slice(1))).toBe(false);
  });
});

describe('prekeys', () => {
  const signed = (change: Partial<Parameters<typeof encodePrekey>[0]> = {}): Uint8Array => {
    const [someone, print] = [fc.sample(user, 1)[0], fc.sample(fingerprint, 1)[0]];
    const life = { week: 3, notBefore: 5, notAfter: 9 };
    const prekey = { user: present(someone), fingerprint: present(print), publicKey: validKey(), ...life };
    return concatBytes(encodePrekey({ ...prekey, ...change }), new Uint8Array(64));
  };

  it('are read back as they were written, within their size', () => {
    const bytes = signed({ week: 2 ** 32 - 1, notAfter: Number.MAX_SAFE_INTEGER });
    expect(bytes.length).toBeLessThanOrEqual(PREKEY_BYTES_MAX);
    const { document, signature } = present(parsePrekey(bytes));
    expect(concatBytes(document, signature)).toStrictEqual(bytes);
  });

  it('are refused without a week, with a life that ends before it begins, or with a key that is none', () => {
    const bad = validKey();
    bad.fill(0xff, 0, 3);
    for (const change of [{ week: 0 }, { week: 2 ** 32 }, { notAfter: 5 }, { publicKey: bad }])
      expect(parsePrekey(signed(change))).toBeUndefined();
  });

  it('never make the parser throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), (bytes) => void parsePrekey(bytes)));
  });
});
