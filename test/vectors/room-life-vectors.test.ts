import { describe, expect, it } from 'vitest';
import { isSignedBy } from '../../client/crypto/room-life.ts';
import { importEd25519Public } from '../../client/crypto/web-crypto.ts';
import { parseFingerprint } from '../../src/protocol/ids.ts';
import { parseRoomLife } from '../../src/protocol/layouts/room-life.ts';
import keys from './keys.json' with { type: 'json' };
import { roomLifeVectors } from './make-room-life.ts';
import lives from './room-life.json' with { type: 'json' };
import { bytes, present } from './vector-keys.ts';

const identityOf = async ({ ed25519_public, fingerprint }: typeof keys.alice) => ({
  ed25519Verify: await importEd25519Public(bytes(ed25519_public)),
  fingerprint: present(parseFingerprint(fingerprint)),
});

describe('our code agrees with the stored vectors', () => {
  it('about lives of messages in a room', async () => {
    expect(await roomLifeVectors(keys.alice)).toEqual(lives);
    const alice = await identityOf(keys.alice);
    for (const { room, user, number, seconds, life } of lives.lives) {
      const signed = present(parseRoomLife(bytes(life)));
      expect(signed.life).toEqual({ room, user, fingerprint: alice.fingerprint, number, seconds });
      expect(await isSignedBy(signed, alice)).toBe(true);
    }
  });

  it('about what is no life, or not signed by whom it names', async () => {
    for (const { life } of lives.invalid) expect(parseRoomLife(bytes(life))).toBeUndefined();
    const [{ life = '' } = {}] = lives.lives;
    const whole = bytes(life);
    const alice = await identityOf(keys.alice);
    const bob = await identityOf(keys.bob);
    const signed = present(parseRoomLife(whole));
    expect(await isSignedBy(signed, bob)).toBe(false);
    expect(await isSignedBy(signed, { ...bob, fingerprint: alice.fingerprint })).toBe(false);
    expect(parseRoomLife(whole.subarray(1))).toBeUndefined();
    expect(parseRoomLife(new Uint8Array([...whole, 0]))).toBeUndefined();
    expect(parseRoomLife(whole.subarray(0, 64))).toBeUndefined();
    // Of a layout that this release does not know.
    expect(parseRoomLife(whole.with(1, 2))).toBeUndefined();
  });
});
