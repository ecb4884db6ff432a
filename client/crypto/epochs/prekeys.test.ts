import { beforeAll, describe, expect, it } from 'vitest';
import { parseUserId } from '../../../src/protocol/ids.ts';
import { prekeySignatureInput } from '../../../src/protocol/layouts/epoch-inputs.ts';
import { encodePrekey, joinPrekey, type Prekey, parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import { PREKEY_WEEK_MS } from '../../../src/protocol/limits.ts';
import { newKeys } from '../../../test/support/new-keys.ts';
import { freshId } from '../fresh-id.ts';
import type { IdentityKeys } from '../identity-keys.ts';
import { ed25519Sign, importEd25519Public, sha256 } from '../web-crypto.ts';
import {
  chainAt,
  newPrekeyChain,
  type PrekeyOwner,
  prekeySeed,
  prekeyWeek,
  signPrekeys,
  verifiedPrekey,
} from './prekeys.ts';

const createdAt = 1_790_000_000_000;
const user = freshId(parseUserId);
let keys: IdentityKeys;
let owner: Parameters<typeof verifiedPrekey>[1];

beforeAll(async () => {
  keys = await newKeys();
  const ed25519Verify = await importEd25519Public(keys.signingKey);
  owner = { user, fingerprint: keys.fingerprint, createdAt, ed25519Verify };
});

describe('a chain of prekeys', () => {
  it('gives every copy of an account the same seeds, from whatever week it still has', async () => {
    const chain = newPrekeyChain();
    const later = await chainAt(await chainAt(chain, 4), 9);
    expect(later).toStrictEqual(await chainAt(chain, 9));
    expect(await prekeySeed(later, 12)).toStrictEqual(await prekeySeed(chain, 12));
  });

  it('leads to no week before its own', async () => {
    const later = await chainAt(newPrekeyChain(), 3);
    expect(await prekeySeed(later, 2)).toBeUndefined();
    await expect(chainAt(later, 2)).rejects.toThrow(RangeError);
  });

  it('has another seed every week, and another one for every identity', async () => {
    const [one, other] = [newPrekeyChain(), newPrekeyChain()];
    const seeds = await Promise.all(
      [1, 2, 3].flatMap((week) => [prekeySeed(one, week), prekeySeed(other, week)]),
    );
    expect(new Set(seeds.map((seed) => seed?.join())).size).toBe(6);
  });

  it('counts weeks from 1, in full weeks of its identity', () => {
    const weeks = [-5, 0, PREKEY_WEEK_MS - 1, PREKEY_WEEK_MS, 9 * PREKEY_WEEK_MS];
    expect(weeks.map((after) => prekeyWeek(createdAt, createdAt + after))).toStrictEqual([1, 1, 1, 2, 10]);
  });
});

/** A prekey of week 1, changed and signed again. */
async function resigned(change: Partial<Prekey>): Promise<Uint8Array> {
  const [first = new Uint8Array(0)] = await signPrekeys(newPrekeyChain(), owner, keys, 1);
  const signed = parsePrekey(first);
  if (signed === undefined) expect.unreachable('it was just signed');
  const document = encodePrekey({ ...signed.prekey, ...change });
  const signature = await ed25519Sign(keys.ed25519Sign, prekeySignatureInput(await sha256(document)));
  return joinPrekey({ document, signature });
}

describe('a prekey', () => {
  it('is for the week that it names, and the next one begins where it ends', async () => {
    const signed = await signPrekeys(await chainAt(newPrekeyChain(), 5), owner, keys, 8);
    const prekeys = await Promise.all(signed.map((each) => verifiedPrekey(each, owner)));
    expect(prekeys.map((prekey) => prekey?.week)).toStrictEqual([5, 6, 7, 8, 9, 10, 11, 12]);
    for (const [index, prekey] of prekeys.entries()) {
      expect(prekeyWeek(createdAt, prekey?.notBefore ?? 0)).toBe(5 + index);
      const next = prekeys[index + 1];
      if (next !== undefined) expect(prekey?.notAfter).toBe(next.notBefore);
    }
  });

  it('is not taken for that of another account or identity, or with a life of its own', async () => {
    const fingerprint = owner.fingerprint;
    const others: readonly Partial<PrekeyOwner>[] = [
      { user: freshId(parseUserId) },
      { createdAt: createdAt + 1 },
    ];
    const honest = await resigned({});
    expect(await verifiedPrekey(honest, owner)).toMatchObject({ user, fingerprint, week: 1 });
    for (const other of others) expect(await verifiedPrekey(honest, { ...owner, ...other })).toBeUndefined();
    const long = await resigned({ notAfter: createdAt + 2 * PREKEY_WEEK_MS });
    expect(await verifiedPrekey(long, owner)).toBeUndefined();
  });

  it('is refused with any byte changed, and by another key', async () => {
    const honest = await resigned({});
    for (let at = 0; at < honest.length; at += 37) {
      const altered = honest.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await verifiedPrekey(altered, owner), `byte ${at}`).toBeUndefined();
    }
    const ed25519Verify = await importEd25519Public((await newKeys()).signingKey);
    expect(await verifiedPrekey(honest, { ...owner, ed25519Verify })).toBeUndefined();
  });
});
