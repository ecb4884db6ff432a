import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../src/protocol/entities.ts';
import { parseUserName, type UserName } from '../../src/protocol/names.ts';
import { newKeys } from '../../test/support/new-keys.ts';
import { signIdentity, verifyChain, verifyIdentity } from './identity.ts';
import { generatePrivateKeys, type IdentityKeys, loadIdentityKeys } from './identity-keys.ts';
import { rsaPrivateKeyFromPem } from './rsa-pem.ts';

const CREATED_AT = 1_790_000_000_000;
let alice: UserName;
let keys: readonly [IdentityKeys, IdentityKeys, IdentityKeys];
let chain: readonly [SignedIdentity, SignedIdentity, SignedIdentity];

beforeAll(async () => {
  const name = parseUserName('alice');
  if (name === undefined) throw new Error('the test is broken');
  alice = name;
  keys = await Promise.all([newKeys(), newKeys(), newKeys()]);
  const about = { username: alice, createdAt: CREATED_AT };
  const first = await signIdentity(keys[0], about);
  const second = await signIdentity(keys[1], about, { document: first.document, keys: keys[0] });
  chain = [first, second, await signIdentity(keys[2], about, { document: second.document, keys: keys[1] })];
});

describe('a chain of identity documents', () => {
  it('holds from the first document on, and from any accepted one', async () => {
    const whole = await verifyChain(chain);
    expect(whole.ok && whole.identities.map((each) => each.fingerprint)).toStrictEqual(
      keys.map((each) => each.fingerprint),
    );
    const first = await verifyIdentity(chain[0]);
    if (!first.ok) throw new Error(first.reason);
    expect(await verifyChain(chain.slice(1), first.identity)).toMatchObject({ ok: true });
    expect(await verifyChain([])).toStrictEqual({ ok: true, identities: [] });
  });

  it('breaks where a document is left out, or the first is missing', async () => {
    expect(await verifyChain([chain[0], chain[2]])).toStrictEqual({
      ok: false,
      reason: 'not_a_successor',
      index: 1,
    });
    expect(await verifyChain([chain[1]])).toStrictEqual({ ok: false, reason: 'not_a_successor', index: 0 });
    expect(await verifyChain([chain[0], chain[0]])).toStrictEqual({
      ok: false,
      reason: 'not_a_successor',
      index: 1,
    });
  });

  it('breaks at keys that the ones before did not sign: a server cannot swap keys after first contact', async () => {
    const intruder = await newKeys();
    const about = { username: alice, createdAt: CREATED_AT };
    const swapped = await signIdentity(intruder, about, { document: chain[0].document, keys: intruder });
    expect(await verifyChain([chain[0], swapped])).toStrictEqual({
      ok: false,
      reason: 'predecessor_signature_differs',
      index: 1,
    });
    const fresh = await signIdentity(intruder, about);
    expect(await verifyChain([chain[0], fresh])).toStrictEqual({
      ok: false,
      reason: 'not_a_successor',
      index: 1,
    });
  });

  it('breaks where the name changes', async () => {
    const bob = parseUserName('Alice');
    if (bob === undefined) throw new Error('the test is broken');
    const renamed = await signIdentity(
      keys[1],
      { username: bob, createdAt: CREATED_AT },
      { document: chain[0].document, keys: keys[0] },
    );
    expect(await verifyChain([chain[0], renamed])).toStrictEqual({
      ok: false,
      reason: 'not_a_successor',
      index: 1,
    });
  });
});

describe('one identity document', () => {
  it('is refused when either of its own signatures is missing or changed', async () => {
    const { document, signatures } = chain[0];
    for (const at of [0, 255, 256, 319]) {
      const changed = new Uint8Array(signatures);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await verifyIdentity({ document, signatures: changed })).toStrictEqual({
        ok: false,
        reason: 'signature_differs',
      });
    }
    expect(await verifyIdentity({ document, signatures: signatures.slice(1) })).toStrictEqual({
      ok: false,
      reason: 'malformed',
    });
    expect(await verifyIdentity({ document, signatures: concatBytes(signatures, signatures) })).toStrictEqual(
      { ok: false, reason: 'malformed' },
    );
    expect(await verifyIdentity({ document: document.slice(1), signatures })).toStrictEqual({
      ok: false,
      reason: 'malformed',
    });
  });

  it('is refused under the signatures of another document', async () => {
    const other = await signIdentity(keys[0], { username: alice, createdAt: CREATED_AT + 1 });
    expect(await verifyIdentity({ document: chain[0].document, signatures: other.signatures })).toStrictEqual(
      { ok: false, reason: 'signature_differs' },
    );
  });
});

describe('an RSA key from a PEM file', () => {
  const pemOf = (modulusLength: number, type: 'pkcs1' | 'pkcs8', publicExponent = 65537): string =>
    generateKeyPairSync('rsa', { modulusLength, publicExponent })
      .privateKey.export({ type, format: 'pem' })
      .toString();

  it('is taken as PKCS#1 and as PKCS#8, with text around it', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const [one, other] = await Promise.all(
      (['pkcs1', 'pkcs8'] as const).map((type) =>
        rsaPrivateKeyFromPem(`a comment\n${privateKey.export({ type, format: 'pem' })}\n`),
      ),
    );
    expect(one).toStrictEqual(other);
    expect(one).toStrictEqual({
      ok: true,
      rsa: new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })),
    });
    const loaded = await loadIdentityKeys(await generatePrivateKeys(one?.ok === true ? one.rsa : undefined));
    expect(loaded.ok && Buffer.from(loaded.keys.rsaKey)).toStrictEqual(
      spkiOf(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    );
  });

  it('is refused with a name for the reason', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const locked = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    const reasonOf = async (pem: string): Promise<string> => {
      const taken = await rsaPrivateKeyFromPem(pem);
      return taken.ok ? 'ok' : taken.reason;
    };
    expect(await reasonOf('')).toBe('not_pem');
    expect(await reasonOf('-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----')).toBe('not_pem');
    expect(await reasonOf('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')).toBe(
      'invalid_key',
    );
    expect(await reasonOf('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----')).toBe(
      'invalid_key',
    );
    expect(await reasonOf(privateKey.export({ type: 'pkcs1', ...locked }).toString())).toBe('encrypted');
    expect(await reasonOf(privateKey.export({ type: 'pkcs8', ...locked }).toString())).toBe('encrypted');
    expect(await reasonOf(pemOf(1024, 'pkcs1'))).toBe('not_rsa_2048');
    expect(await reasonOf(pemOf(3072, 'pkcs8'))).toBe('not_rsa_2048');
    expect(await reasonOf(pemOf(2048, 'pkcs8', 3))).toBe('not_rsa_2048');
    const ed25519 = generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    expect(await reasonOf(ed25519)).toBe('not_rsa');
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;
    expect(await reasonOf(pss.export({ type: 'pkcs8', format: 'pem' }).toString())).toBe('not_rsa');
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(await reasonOf(ec.export({ type: 'sec1', format: 'pem' }).toString())).toBe('not_rsa');
    expect(
      await reasonOf('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----'),
    ).toBe('openssh');
  });

  it.each(['pkcs1', 'pkcs8'] as const)(
    'is refused with bytes behind it, and with more than two primes: %s',
    async (type) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const der = privateKey.export({ type, format: 'der' });
      const label = type === 'pkcs1' ? 'RSA PRIVATE KEY' : 'PRIVATE KEY';
      const taken = (bytes: Buffer): ReturnType<typeof rsaPrivateKeyFromPem> =>
        rsaPrivateKeyFromPem(`-----BEGIN ${label}-----\n${bytes.toString('base64')}\n-----END ${label}-----`);
      expect(await taken(der)).toMatchObject({ ok: true });
      expect(await taken(Buffer.concat([der, Buffer.of(0)]))).toEqual({ ok: false, reason: 'invalid_key' });
      // The version of the key itself stands right after its header.
      const more = Buffer.from(der);
      more[type === 'pkcs1' ? 6 : 32] = 1;
      expect(await taken(more)).toEqual({ ok: false, reason: 'not_rsa_2048' });
    },
  );

  it('is refused when its halves do not belong together', async () => {
    const der = new Uint8Array(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' }),
    );
    der[60] = (der[60] ?? 0) ^ 2;
    const loaded = await loadIdentityKeys({ rsa: der, ed25519: new Uint8Array(32) });
    expect(loaded).toStrictEqual({ ok: false, reason: 'invalid_key' });
  });
});

function spkiOf(pem: string): Buffer {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' });
}
