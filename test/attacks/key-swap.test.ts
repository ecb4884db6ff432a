import { beforeAll, describe, expect, it } from 'vitest';
import { signIdentity, successorFault, verifyChain, verifyIdentity } from '../../client/crypto/identity.ts';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { safetyNumber } from '../../client/crypto/safety-number.ts';
import { parseUserName, type UserName } from '../../src/protocol/names.ts';
import { newKeys } from '../support/new-keys.ts';
import { NOW, present } from './people.ts';

let alice: UserName;
let honest: IdentityKeys;
let intruder: IdentityKeys;
let bob: IdentityKeys;

beforeAll(async () => {
  alice = present(parseUserName('alice'));
  [honest, intruder, bob] = await Promise.all([newKeys(), newKeys(), newKeys()]);
});

describe('a server that swaps keys', () => {
  it('at first contact is found when the two people compare safety numbers', async () => {
    const seenByAlice = await safetyNumber(honest.fingerprint, bob.fingerprint);
    expect(await safetyNumber(bob.fingerprint, honest.fingerprint)).toBe(seenByAlice);
    expect(await safetyNumber(bob.fingerprint, intruder.fingerprint)).not.toBe(seenByAlice);
  });

  it('after first contact has no signature of the keys before', async () => {
    const about = { username: alice, createdAt: NOW };
    const first = await signIdentity(honest, about);
    const swapped = await signIdentity(intruder, about, { document: first.document, keys: intruder });
    expect(await verifyChain([first, swapped])).toMatchObject({
      ok: false,
      reason: 'predecessor_signature_differs',
    });
    const [pinned, anew] = [
      await verifyIdentity(first),
      await verifyIdentity(await signIdentity(intruder, about)),
    ];
    if (!pinned.ok || !anew.ok) throw new Error('the fixture is broken');
    expect(await successorFault(pinned.identity, anew.identity)).toBe('not_a_successor');
  });

  it('cannot mix one person’s encryption key with another’s signing key', async () => {
    const mixed = {
      ...honest,
      signingKey: intruder.signingKey,
      ed25519Sign: intruder.ed25519Sign,
      rsaSign: intruder.rsaSign,
    };
    const signed = await signIdentity(mixed, { username: alice, createdAt: NOW });
    expect(await verifyIdentity(signed)).toStrictEqual({ ok: false, reason: 'signature_differs' });
  });
});
