import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import {
  prekeyChainInfo,
  prekeySeedInfo,
  prekeySignatureInput,
} from '../../../src/protocol/layouts/epoch-inputs.ts';
import {
  encodePrekey,
  joinPrekey,
  type Prekey,
  parsePrekey,
  prekeyLife,
} from '../../../src/protocol/layouts/prekey.ts';
import { PREKEY_WEEK_MS } from '../../../src/protocol/limits.ts';
import type { IdentityKeys } from '../identity-keys.ts';
import { ed25519Sign, ed25519Verify, hkdfSha256, randomBytes, sha256, type WebKey } from '../web-crypto.ts';
import { X_WING_SEED_BYTES, xWingPublicKey } from './x-wing.ts';

/*
 * Every copy of an account derives the same prekeys from one chain, a key for each week of its identity. A chain key gives those
 * of all weeks after it, and none before: what was deleted stays deleted.
 */

export interface PrekeyChain {
  /** Weeks since the identity was created; the first is 1. */
  readonly week: number;
  /** 32 bytes, of that week. Secret. */
  readonly key: Uint8Array;
}

/** For a new identity: nothing of an earlier one leads to it. */
export function newPrekeyChain(): PrekeyChain {
  return { week: 1, key: randomBytes(X_WING_SEED_BYTES) };
}

/** The week of an identity at a time, both in milliseconds since 1970 UTC. It is 1 before the identity was created, too. */
export function prekeyWeek(createdAt: number, now: number): number {
  return Math.max(0, Math.floor((now - createdAt) / PREKEY_WEEK_MS)) + 1;
}

/** The chain without its weeks before this one. Throws RangeError when the chain begins after it. */
export async function chainAt(chain: PrekeyChain, week: number): Promise<PrekeyChain> {
  if (week < chain.week) throw new RangeError('the chain keys of that week were deleted');
  let { key } = chain;
  for (let at = chain.week; at < week; at += 1)
    key = await hkdfSha256(key, new Uint8Array(0), prekeyChainInfo(), X_WING_SEED_BYTES);
  return { week, key };
}

/** The seed of the X-Wing key of this week, 32 bytes. Undefined: it was deleted. */
export async function prekeySeed(chain: PrekeyChain, week: number): Promise<Uint8Array | undefined> {
  if (week < chain.week) return undefined;
  const { key } = await chainAt(chain, week);
  return hkdfSha256(key, new Uint8Array(0), prekeySeedInfo(), X_WING_SEED_BYTES);
}

/** Whose prekeys these are, and since when there are any. */
export interface PrekeyOwner {
  readonly user: UserId;
  readonly fingerprint: Fingerprint;
  /** Of the identity, milliseconds since 1970 UTC. */
  readonly createdAt: number;
}

/** The prekeys of `count` weeks from the chain's own on, as the request `prekey` takes them. */
export async function signPrekeys(
  chain: PrekeyChain,
  { user, createdAt }: Pick<PrekeyOwner, 'user' | 'createdAt'>,
  keys: Pick<IdentityKeys, 'fingerprint' | 'ed25519Sign'>,
  count: number,
): Promise<readonly Uint8Array[]> {
  const signed: Uint8Array[] = [];
  for (let at = chain; signed.length < count; at = await chainAt(at, at.week + 1)) {
    const seed = await hkdfSha256(at.key, new Uint8Array(0), prekeySeedInfo(), X_WING_SEED_BYTES);
    const { fingerprint } = keys;
    const publicKey = await xWingPublicKey(seed);
    const document = encodePrekey({
      ...{ user, fingerprint, week: at.week, publicKey },
      ...prekeyLife(createdAt, at.week),
    });
    const input = prekeySignatureInput(await sha256(document));
    signed.push(joinPrekey({ document, signature: await ed25519Sign(keys.ed25519Sign, input) }));
  }
  return signed;
}

/** The prekey, when it is this owner's and for the week that it names. Undefined counts as "has none". Never throws. */
export async function verifiedPrekey(
  bytes: Uint8Array,
  owner: PrekeyOwner & { readonly ed25519Verify: WebKey },
): Promise<Prekey | undefined> {
  const signed = parsePrekey(bytes);
  if (signed === undefined) return undefined;
  const { prekey, document, signature } = signed;
  const life = prekeyLife(owner.createdAt, prekey.week);
  if (prekey.user !== owner.user || prekey.fingerprint !== owner.fingerprint) return undefined;
  if (prekey.notBefore !== life.notBefore || prekey.notAfter !== life.notAfter) return undefined;
  const input = prekeySignatureInput(await sha256(document));
  return (await ed25519Verify(owner.ed25519Verify, signature, input)) ? prekey : undefined;
}
