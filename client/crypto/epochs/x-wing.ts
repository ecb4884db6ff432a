import { concatBytes } from '../../../src/protocol/bytes.ts';
import { X_WING_CIPHERTEXT_BYTES } from '../../../src/protocol/layouts/epoch-wraps.ts';
import { isXWingPublicKey } from '../../../src/protocol/layouts/x-wing-public-key.ts';
import { ML_KEM_768_CIPHERTEXT_BYTES, ML_KEM_768_KEY_BYTES } from '../../../src/protocol/limits.ts';
import { generateX25519, importX25519Private, randomBytes, x25519, x25519PublicKey } from '../web-crypto.ts';

/*
 * X-Wing: draft-connolly-cfrg-xwing-kem-10, 5. A secret of 32 bytes that stays one while X25519 or ML-KEM-768 holds.
 */

/** The 32 bytes from which both private keys are made. */
export const X_WING_SEED_BYTES = 32;

const ML_KEM_RANDOM_BYTES = 32;
const EXPANDED_BYTES = 96;
const ML_KEM_SEED_BYTES = 64;
/** \.//^\ */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

export interface Encapsulation {
  /** 1,120 bytes. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** The public key of a seed, 1,216 bytes. */
export async function xWingPublicKey(seed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { mlKem, scalar } = await expand(seed);
  return concatBytes(mlKem.publicKey, await x25519PublicKey(scalar));
}

/**
 * Undefined for a public key to which nobody can encapsulate. Only test vectors give `random`, 64 bytes: for ML-KEM, then the
 * ephemeral key of X25519.
 */
export async function xWingEncapsulate(
  publicKey: Uint8Array,
  random?: Uint8Array,
): Promise<Encapsulation | undefined> {
  if (!isXWingPublicKey(publicKey)) return undefined;
  const ecdhPublic = publicKey.slice(ML_KEM_768_KEY_BYTES);
  const ephemeral = await (random === undefined
    ? generateX25519()
    : importX25519Private(random.slice(ML_KEM_RANDOM_BYTES)));
  const ecdhSecret = await x25519(ephemeral, ecdhPublic);
  if (ecdhSecret === undefined) return undefined;
  const { ml_kem768 } = await primitives();
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(
    publicKey.slice(0, ML_KEM_768_KEY_BYTES),
    random?.slice(0, ML_KEM_RANDOM_BYTES) ?? randomBytes(ML_KEM_RANDOM_BYTES),
  );
  return {
    ciphertext: concatBytes(cipherText, ephemeral.publicKey),
    secret: await combined(sharedSecret, ecdhSecret, ephemeral.publicKey, ecdhPublic),
  };
}

/** The secret, 32 bytes: another one when the ciphertext was made for another key. Undefined: it is no ciphertext. */
export async function xWingDecapsulate(
  seed: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (ciphertext.length !== X_WING_CIPHERTEXT_BYTES) return undefined;
  const { mlKem, scalar } = await expand(seed);
  const ecdh = await importX25519Private(scalar);
  const ephemeral = ciphertext.slice(ML_KEM_768_CIPHERTEXT_BYTES);
  const ecdhSecret = await x25519(ecdh, ephemeral);
  if (ecdhSecret === undefined) return undefined;
  const { ml_kem768 } = await primitives();
  const mlKemSecret = ml_kem768.decapsulate(
    ciphertext.slice(0, ML_KEM_768_CIPHERTEXT_BYTES),
    mlKem.secretKey,
  );
  return combined(mlKemSecret, ecdhSecret, ephemeral, ecdh.publicKey);
}

interface ExpandedKeys {
  readonly mlKem: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array };
  /** Of X25519. */
  readonly scalar: Uint8Array;
}

let loading: ReturnType<typeof load> | undefined;

/** Primitives that the platform lacks. Loaded on first use, since many sessions never need them; the promise is kept, since every `import()` resolves its module again. */
function primitives(): ReturnType<typeof load> {
  loading ??= load().catch((error: unknown) => {
    // A page that was offline can try again.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load() {
  const [{ sha3_256, shake256 }, { ml_kem768 }] = await Promise.all([
    import('@noble/hashes/sha3.js'),
    import('@noble/post-quantum/ml-kem.js'),
  ]);
  return { sha3_256, shake256, ml_kem768 };
}

async function expand(seed: Uint8Array): Promise<ExpandedKeys> {
  if (seed.length !== X_WING_SEED_BYTES) throw new TypeError('a seed of X-Wing is 32 bytes');
  const { shake256, ml_kem768 } = await primitives();
  const expanded = shake256(seed, { dkLen: EXPANDED_BYTES });
  const mlKem = ml_kem768.keygen(expanded.slice(0, ML_KEM_SEED_BYTES));
  return { mlKem, scalar: expanded.slice(ML_KEM_SEED_BYTES) };
}

async function combined(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const { sha3_256 } = await primitives();
  return sha3_256(concatBytes(...parts, LABEL));
}
