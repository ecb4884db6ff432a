import { concatBytes } from '../bytes.ts';
import { ED25519_SIGNATURE_BYTES, RSA_SIGNATURE_BYTES } from '../limits.ts';
import { rawContext } from './context.ts';

/** What a document's own two keys sign: context `identity`, H(document). */
export function identitySignatureInput(documentHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('identity', documentHash);
}

/** What the two keys of the document before sign: context `identity-successor`, H(new document). */
export function successorSignatureInput(documentHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('identity-successor', documentHash);
}

/** Two signatures of the same bytes: RSASSA-PSS (SHA-256, MGF1-SHA256, salt of 32 bytes) and Ed25519. */
export interface SignaturePair {
  /** 256 bytes. */
  readonly rsa: Uint8Array;
  /** 64 bytes. */
  readonly ed25519: Uint8Array;
}

export const SIGNATURE_PAIR_BYTES: number = RSA_SIGNATURE_BYTES + ED25519_SIGNATURE_BYTES;

export function joinSignatures(...pairs: readonly SignaturePair[]): Uint8Array<ArrayBuffer> {
  return concatBytes(...pairs.flatMap(({ rsa, ed25519 }) => [rsa, ed25519]));
}

/**
 * Takes apart the signatures that travel beside a document or as a proof, RSA before Ed25519 in each pair. A first
 * document and a proof have one pair; a document that replaces another has its own pair, then that of the keys before.
 * Undefined when the length isn't that of `count` pairs.
 */
export function splitSignatures(bytes: Uint8Array, count: 1 | 2): readonly SignaturePair[] | undefined {
  if (bytes.length !== count * SIGNATURE_PAIR_BYTES) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const start = index * SIGNATURE_PAIR_BYTES;
    const middle = start + RSA_SIGNATURE_BYTES;
    return { rsa: bytes.slice(start, middle), ed25519: bytes.slice(middle, start + SIGNATURE_PAIR_BYTES) };
  });
}
