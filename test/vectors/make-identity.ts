import { signIdentity } from '../../client/crypto/identity.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { concatBytes, toHex } from '../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../src/protocol/entities.ts';
import { parseIdentityDocument } from '../../src/protocol/layouts/identity-document.ts';
import {
  identitySignatureInput,
  successorSignatureInput,
} from '../../src/protocol/layouts/identity-signatures.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { bytes, keysOf, present, type VectorPerson } from './vector-keys.ts';

const CREATED_AT = 1_790_000_000_000;

/** 32 bytes in hexadecimal, the lowest first; the highest bit of the last is the sign of x. */
const littleEndian = (first: string, middle: string, last: string): string =>
  `${first}${middle.repeat(30)}${last}`;
const orderEight = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03',
] as const;

/** Signing keys that some libraries take and others refuse. */
const weakSigningKeys: readonly { readonly why: string; readonly key: string }[] = [
  { why: 'a signing key of order 1', key: littleEndian('01', '00', '00') },
  { why: 'a signing key of order 1, with the other sign', key: littleEndian('01', '00', '80') },
  { why: 'a signing key of order 2', key: littleEndian('ec', 'ff', '7f') },
  { why: 'a signing key of order 2, with the other sign', key: littleEndian('ec', 'ff', 'ff') },
  { why: 'a signing key of order 4', key: littleEndian('00', '00', '00') },
  { why: 'a signing key of order 4, with the other sign', key: littleEndian('00', '00', '80') },
  { why: 'a signing key of order 8', key: `${orderEight[0]}05` },
  { why: 'a signing key of order 8, with the other sign', key: `${orderEight[0]}85` },
  { why: 'the other signing key of order 8', key: `${orderEight[1]}7a` },
  { why: 'the other signing key of order 8, with the other sign', key: `${orderEight[1]}fa` },
  { why: 'a signing key whose y is p', key: littleEndian('ed', 'ff', '7f') },
  { why: 'a signing key whose y is p, with the other sign', key: littleEndian('ed', 'ff', 'ff') },
  { why: 'a signing key whose y is p + 3', key: littleEndian('f0', 'ff', '7f') },
  { why: 'a signing key whose y is 2^255 - 1', key: littleEndian('ff', 'ff', '7f') },
];

async function vectorOf(signed: SignedIdentity): Promise<Record<string, unknown>> {
  const parsed = parseIdentityDocument(signed.document);
  if (!parsed.ok) throw new TypeError(parsed.reason);
  const { username, rsaKey, signingKey, sequence, previousHash, createdAt } = parsed.document;
  const hash = await sha256(signed.document);
  return {
    version: 1,
    username,
    rsa_spki: toHex(rsaKey),
    ed25519_public: toHex(signingKey),
    sequence,
    previous_hash: toHex(previousHash),
    created_at: createdAt,
    document: toHex(signed.document),
    document_hash: toHex(hash),
    own_signature_input: toHex(identitySignatureInput(hash)),
    successor_signature_input: toHex(successorSignatureInput(hash)),
    signatures: toHex(signed.signatures),
  };
}

/** A first document, the one that replaces it, and bytes that are no document. */
export async function identityVectors(alice: VectorPerson, rotated: VectorPerson): Promise<unknown> {
  const username = present(parseUserName('Alice'));
  const [keys, nextKeys] = [await keysOf(alice), await keysOf(rotated)];
  const first = await signIdentity(keys, { username, createdAt: CREATED_AT });
  const predecessor = { document: first.document, keys };
  const second = await signIdentity(nextKeys, { username, createdAt: CREATED_AT + 86_400_000 }, predecessor);
  const { rsa_spki: spki, ed25519_public: signingKey } = alice;
  const fields = [1, 'Alice', bytes(spki), bytes(signingKey), 0, new Uint8Array(0), CREATED_AT];
  const variant = (change: Record<number, unknown>): string =>
    toHex(encode(fields.map((field, index) => (index in change ? change[index] : field))));
  const withSpki = (at: number, byte: number): string => {
    const changed = bytes(spki);
    changed[at] = byte;
    return variant({ 2: changed });
  };
  return {
    documents: [await vectorOf(first), await vectorOf(second)],
    invalid: [
      { why: 'a later version', document: variant({ 0: 2 }), reason: 'unsupported_version' },
      { why: 'a name with a sign', document: variant({ 1: 'al_ce' }), reason: 'malformed' },
      { why: 'an RSA modulus of 2047 bits', document: withSpki(33, 0x7f), reason: 'malformed' },
      { why: 'an RSA exponent of 65539', document: withSpki(293, 3), reason: 'malformed' },
      { why: 'an even RSA modulus', document: withSpki(288, 0x10), reason: 'malformed' },
      {
        why: 'a signing key of 31 bytes',
        document: variant({ 3: bytes(signingKey).slice(1) }),
        reason: 'malformed',
      },
      ...weakSigningKeys.map(({ why, key }) => ({
        why,
        document: variant({ 3: bytes(key) }),
        reason: 'malformed',
      })),
      {
        why: 'sequence 0 with a document before',
        document: variant({ 5: new Uint8Array(32) }),
        reason: 'malformed',
      },
      { why: 'sequence 1 without one', document: variant({ 4: 1 }), reason: 'malformed' },
      { why: 'one field more', document: toHex(encode([...fields, 0])), reason: 'malformed' },
      {
        why: 'an integer that is not in its shortest form',
        document: toHex(
          concatBytes(first.document.slice(0, 1), Uint8Array.of(0xcc, 0x01), first.document.slice(2)),
        ),
        reason: 'malformed',
      },
      {
        why: 'a byte after it',
        document: toHex(concatBytes(first.document, Uint8Array.of(0))),
        reason: 'malformed',
      },
    ],
  };
}
