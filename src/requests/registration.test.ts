import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyIdentity } from '../../client/crypto/identity.ts';
import { signWithBoth } from '../../client/crypto/identity-keys.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { greeting, KeyedPerson, testAddress } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { ServiceWorld } from '../../test/support/ports/service-world.ts';
import type { SignedIdentity } from '../protocol/entities.ts';
import { encodeIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { identitySignatureInput, joinSignatures } from '../protocol/layouts/identity-signatures.ts';
import { registerInput } from '../protocol/layouts/session-proofs.ts';
import { beginLogin, finishLogin } from './logins.ts';
import { register } from './registration.ts';

/** The neutral point, whose encoding is y = 1. */
const neutralKey = Uint8Array.from([1, ...new Uint8Array(31)]);
/** R is the neutral point and S is 0: it verifies under the neutral key, whatever was signed. */
const anyoneSignature = Uint8Array.from([1, ...new Uint8Array(63)]);

async function neutralIdentity(person: KeyedPerson): Promise<SignedIdentity> {
  const document = encodeIdentityDocument({
    username: person.name,
    rsaKey: person.keys.rsaKey,
    signingKey: neutralKey,
    sequence: 0,
    previousHash: new Uint8Array(0),
    createdAt: 1,
  });
  const { rsa } = await signWithBoth(person.keys, identitySignatureInput(await sha256(document)));
  return { document, signatures: joinSignatures({ rsa, ed25519: anyoneSignature }) };
}

describe('a signing key under which everybody can sign', () => {
  it('does verify with OpenSSL, so nothing but the parser keeps it out', () => {
    const x = Buffer.from(neutralKey).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, Buffer.from('anything'), key, anyoneSignature)).toBe(true);
  });

  it('makes no account, and is an invalid identity to clients', async () => {
    const world = await ServiceWorld.open();
    const { core } = await world.node();
    const ann = await KeyedPerson.make('Ann');
    const identity = await neutralIdentity(ann);
    const at = greeting();
    const { rsa } = await signWithBoth(ann.keys, registerInput(at, await sha256(identity.document)));
    const body = { identity, proof: joinSignatures({ rsa, ed25519: anyoneSignature }) };
    expect(await register(core, at, testAddress, body)).toEqual({ refused: 'invalid_identity' });
    expect(await verifyIdentity(identity)).toEqual({ ok: false, reason: 'malformed' });
  });

  it('of an account that is older than this rule logs in as an unknown name does', async () => {
    const world = await ServiceWorld.open();
    const { core } = await world.node();
    const ann = await KeyedPerson.make('Ann');
    await ann.register(core);
    const { user } = await ann.login(core);
    const identity = await neutralIdentity(ann);
    await world.stores.identities.replace({ user, sequence: 1, identity, at: 1 });
    const at = greeting();
    const pending = accepted(await beginLogin(core, at, testAddress, { username: ann.name }));
    expect(await finishLogin(core, pending, { mac: new Uint8Array(32) })).toMatchObject({
      refused: 'auth_failed',
    });
  });
});
