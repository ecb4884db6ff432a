import { randomBytes } from 'node:crypto';
import { encodeNotice } from '../domain/envelope.ts';
import type { Background } from '../lib/background.ts';
import { retry } from '../lib/retry.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { SecretStore, StoredSecrets, TokenSecret } from '../ports/secret-store.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { rsa2048Spki } from '../protocol/layouts/rsa-public-key.ts';
import { TOKEN_LIFE_MS } from '../protocol/limits.ts';
import { CONTROL_CHANNEL, type Publisher } from './publisher.ts';

/** Then a token with an unknown number, or the next notice, makes this node read. */
const READ_ATTEMPTS_MAX = 12;
const PAUSE_MS_FIRST = 100;
const PAUSE_MS_MAX = 5_000;
const SECRET_BYTES = 32;
/** Made-up keys in the pool. */
export const DECOY_KEYS = 64;
const PRIME_BYTES = 128;
/** Token secrets that are accepted at a time: as many changes within one token's life. */
export const TOKEN_SECRETS_MAX = 16;
/** Whoever sends tokens with made-up numbers causes no more than one reading in this time. */
export const READ_EVERY_MS = 1_000;

/** `tooMany`: as many as there may be are still accepted. `conflict`: another node did it first. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly number: number; readonly previousUntil: number }
  | { readonly kind: 'conflict' | 'too_many' };

interface ClusterSecretsParts {
  readonly store: SecretStore;
  readonly publisher: Publisher;
  readonly background: Background<LogEvent>;
}

/** The cluster's secrets: made by its first node; operators replace the one that signs tokens now and then. */
export class ClusterSecrets {
  readonly #parts: ClusterSecretsParts;
  readonly #readings = new SingleFlight<'read', void>();
  #secrets: StoredSecrets | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ClusterSecretsParts) {
    this.#parts = parts;
  }

  /** To be awaited before anything else. Throws Unavailable. */
  async start(): Promise<void> {
    this.#secrets = await this.#parts.store.ensure(makeSecrets);
  }

  get secrets(): StoredSecrets {
    if (this.#secrets === undefined) throw new TypeError('the services are not started');
    return this.#secrets;
  }

  /** The one that signs. */
  get signing(): TokenSecret {
    const last = this.secrets.tokenSecrets.at(-1);
    if (last === undefined) throw new TypeError('a cluster has at least one token secret');
    return last;
  }

  /** Reads them again, sharing a reading that is under way. Throws Unavailable. */
  refresh(): Promise<void> {
    return this.#readings.run('read', async () => {
      const read = await this.#parts.store.read();
      this.#readAtMs = performance.now();
      // Never back to older ones: a primary that was deposed may answer from the past.
      if (read !== undefined && newest(read) >= newest(this.secrets)) this.#secrets = read;
    });
  }

  /**
   * The secret of a number that a token carries; undefined for one that is not accepted. A number above all that are known
   * is of a change that this node has not heard of: then they are read. Throws Unavailable.
   */
  async ofNumber(number: unknown, nowMs: number): Promise<TokenSecret | undefined> {
    const isNews = typeof number === 'number' && number > this.signing.number;
    if (isNews && performance.now() - this.#readAtMs >= READ_EVERY_MS) await this.refresh();
    const secret = this.secrets.tokenSecrets.find((known) => known.number === number);
    return secret !== undefined && isAccepted(secret, nowMs) ? secret : undefined;
  }

  /** As ofNumber(), by what this node has read. `unknown`: it may be of a change that this node has not heard of, and reads now. */
  known(number: unknown, nowMs: number): TokenSecret | 'unknown' | undefined {
    const secret = this.secrets.tokenSecrets.find((known) => known.number === number);
    if (secret !== undefined) return isAccepted(secret, nowMs) ? secret : undefined;
    if (typeof number !== 'number' || number <= this.signing.number) return undefined;
    if (performance.now() - this.#readAtMs < READ_EVERY_MS) return undefined;
    this.changed();
    return 'unknown';
  }

  /** A new one signs from now on, on this node; the one before is accepted as long as its tokens live. Throws Unavailable. */
  async rotate(nowMs: number): Promise<Rotation> {
    await this.refresh();
    const previous = this.signing;
    const previousUntil = nowMs + TOKEN_LIFE_MS;
    const accepted = this.secrets.tokenSecrets.filter(
      (secret) => secret !== previous && isAccepted(secret, nowMs),
    );
    if (accepted.length + 2 > TOKEN_SECRETS_MAX) return { kind: 'too_many' };
    const number = previous.number + 1;
    const fresh = { number, secret: new Uint8Array(randomBytes(SECRET_BYTES)) };
    const tokenSecrets = [...accepted, { ...previous, acceptedUntil: previousUntil }, fresh];
    if ((await this.#parts.store.replaceTokenSecrets(previous.number, tokenSecrets)) === 'conflict') {
      await this.refresh();
      return { kind: 'conflict' };
    }
    this.#secrets = { ...this.secrets, tokenSecrets };
    // No secret goes through the broker: every node reads the store.
    await this.#parts.publisher.publish(CONTROL_CHANNEL, encodeNotice({ about: 'secrets' }));
    return { kind: 'rotated', number, previousUntil };
  }

  /** The store may have other secrets than this node knows. Reads them in the background. */
  changed(): void {
    const { background } = this.#parts;
    background.run('secrets_read', () =>
      retry(() => this.refresh(), {
        attempts: READ_ATTEMPTS_MAX,
        firstPauseMs: 2 * PAUSE_MS_FIRST,
        pauseMsMax: PAUSE_MS_MAX,
        signal: background.signal,
        isWorthIt: (error) => error instanceof Unavailable,
      }),
    );
  }
}

function newest({ tokenSecrets }: StoredSecrets): number {
  return tokenSecrets.at(-1)?.number ?? 0;
}

function isAccepted({ acceptedUntil }: TokenSecret, nowMs: number): boolean {
  return acceptedUntil === undefined || nowMs < acceptedUntil;
}

async function makeSecrets(): Promise<StoredSecrets> {
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
