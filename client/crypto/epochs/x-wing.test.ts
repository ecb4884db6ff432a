import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/protocol/bytes.ts';
import { isXWingPublicKey } from '../../../src/protocol/layouts/x-wing-public-key.ts';
import { importX25519Private, randomBytes, x25519 } from '../web-crypto.ts';
import { xWingDecapsulate, xWingEncapsulate, xWingPublicKey } from './x-wing.ts';

/** Every point whose order divides 8, as RFC 7748 reads it: the last three are other ways to write three of the first. */
const smallOrder: readonly string[] = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  `00${'00'.repeat(30)}80`,
];

const pointOf = (hex: string): Uint8Array => fromHex(hex) ?? expect.unreachable(hex);

describe('X-Wing', () => {
  it('gives both sides the same secret, and another one to everybody else', async () => {
    const seed = randomBytes(32);
    const publicKey = await xWingPublicKey(seed);
    const made = await xWingEncapsulate(publicKey);
    if (made === undefined) expect.unreachable('the key is one');
    expect(made.ciphertext).toHaveLength(1120);
    expect(await xWingDecapsulate(seed, made.ciphertext)).toStrictEqual(made.secret);
    expect(await xWingDecapsulate(randomBytes(32), made.ciphertext)).not.toStrictEqual(made.secret);
    expect((await xWingEncapsulate(publicKey))?.secret).not.toStrictEqual(made.secret);
  });

  it('leaves the public key that it is given as it is', async () => {
    const publicKey = await xWingPublicKey(randomBytes(32));
    const before = publicKey.slice();
    await xWingEncapsulate(publicKey);
    expect(publicKey).toStrictEqual(before);
  });

  it('gives another secret for a ciphertext with any part changed', async () => {
    const seed = randomBytes(32);
    const made = await xWingEncapsulate(await xWingPublicKey(seed));
    if (made === undefined) expect.unreachable('the key is one');
    for (const at of [0, 1087, 1088, 1118]) {
      const altered = made.ciphertext.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await xWingDecapsulate(seed, altered)).not.toStrictEqual(made.secret);
    }
    expect(await xWingDecapsulate(seed, made.ciphertext.slice(1))).toBeUndefined();
  });

  it.each(smallOrder)('takes no key and no ciphertext with the point %s', async (hex) => {
    const point = pointOf(hex);
    expect(await x25519(await importX25519Private(randomBytes(32)), point)).toBeUndefined();
    const seed = randomBytes(32);
    const publicKey = await xWingPublicKey(seed);
    const made = await xWingEncapsulate(publicKey);
    if (made === undefined) expect.unreachable('the key is one');
    publicKey.set(point, 1184);
    expect(isXWingPublicKey(publicKey)).toBe(false);
    expect(await xWingEncapsulate(publicKey)).toBeUndefined();
    const ciphertext = made.ciphertext.slice();
    ciphertext.set(point, 1088);
    expect(await xWingDecapsulate(seed, ciphertext)).toBeUndefined();
  });
});
