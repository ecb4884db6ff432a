import {
  generatePrivateKeys,
  type IdentityKeys,
  loadIdentityKeys,
} from '../../client/crypto/identity-keys.ts';
import { fromHex, toHex } from '../../src/protocol/bytes.ts';

/** A person of the vectors: fixed private keys in keys.json, for tests only. Every byte string is hexadecimal. */
export interface VectorPerson {
  readonly rsa_pkcs8: string;
  readonly ed25519_seed: string;
  readonly rsa_spki: string;
  readonly ed25519_public: string;
  readonly fingerprint_input: string;
  readonly fingerprint: string;
}

export function bytes(hex: string): Uint8Array<ArrayBuffer> {
  const decoded = fromHex(hex);
  if (decoded === undefined) throw new TypeError('a vector holds something that is not hexadecimal');
  return decoded;
}

/** A value that a vector must have. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a vector holds a value that does not parse');
  return value;
}

export async function keysOf(
  person: Pick<VectorPerson, 'rsa_pkcs8' | 'ed25519_seed'>,
): Promise<IdentityKeys> {
  const loaded = await loadIdentityKeys({
    rsa: bytes(person.rsa_pkcs8),
    ed25519: bytes(person.ed25519_seed),
  });
  if (!loaded.ok) throw new TypeError(loaded.reason);
  return loaded.keys;
}

export async function newPrivateKeys(): Promise<{ rsa_pkcs8: string; ed25519_seed: string }> {
  const { rsa, ed25519 } = await generatePrivateKeys();
  return { rsa_pkcs8: toHex(rsa), ed25519_seed: toHex(ed25519) };
}
