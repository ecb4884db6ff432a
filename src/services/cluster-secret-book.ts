import { randomBytes } from 'node:crypto';
import type { ClusterSecrets, SecretStore } from '../ports/secret-store.ts';
import { rsa2048Spki } from '../protocol/layouts/rsa-public-key.ts';

const SECRET_BYTES = 32;
/** Made-up keys in the pool. */
export const DECOY_KEYS = 64;
const PRIME_BYTES = 128;

/** The cluster's secrets, as the first node of the cluster made them. */
export class ClusterSecretBook {
  readonly #store: SecretStore;
  #secrets: ClusterSecrets | undefined;

  constructor(store: SecretStore) {
    this.#store = store;
  }

  /** To be awaited before anything else. Throws Unavailable. */
  async start(): Promise<void> {
    this.#secrets = await this.#store.ensure(makeSecrets);
  }

  get secrets(): ClusterSecrets {
    if (this.#secrets === undefined) throw new TypeError('the services are not started');
    return this.#secrets;
  }
}

async function makeSecrets(): Promise<ClusterSecrets> {
  return {
    tokenSecrets: [{ number: 1, secret: new Uint8Array(randomBytes(SECRET_BYTES)) }],
    decoySecret: new Uint8Array(randomBytes(SECRET_BYTES)),
    decoyKeys: Array.from({ length: DECOY_KEYS }, makeDecoyKey),
  };
}

/**
 * A key that nobody can decrypt for: encrypting asks nothing of the modulus but its size and oddness. It is the product
 * of two odd numbers of the range that real primes come from, so that ciphertexts are distributed as those of real keys.
 */
function makeDecoyKey(): Uint8Array {
  const spki = rsa2048Spki(bigBytes(primeLike() * primeLike()));
  if (spki === undefined) throw new TypeError('a product of these factors has 2048 bits and is odd');
  return spki;
}

/** 1024 bits with the two highest and the lowest set, as the primes of RSA key generators have them. */
function primeLike(): bigint {
  const bytes = randomBytes(PRIME_BYTES);
  bytes[0] = (bytes[0] ?? 0) | 0xc0;
  bytes[PRIME_BYTES - 1] = (bytes[PRIME_BYTES - 1] ?? 0) | 1;
  return BigInt(`0x${bytes.toString('hex')}`);
}

function bigBytes(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(4 * PRIME_BYTES, '0'), 'hex'));
}
