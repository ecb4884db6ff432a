import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../../src/protocol/ids.ts';
import { Encapsulations } from './encapsulations.ts';
import { xWingDecapsulate, xWingPublicKey } from './x-wing.ts';

const [ann, bob] = ['01', '02'].map((byte) => parseUserId(byte.repeat(16)) ?? expect.unreachable());
const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

async function member(byte: number, user = ann) {
  return { user: user ?? expect.unreachable(), publicKey: await xWingPublicKey(seed(byte)) };
}

describe('encapsulations for an epoch', () => {
  it('serve the next one while nothing of it has left, and no other after that', async () => {
    const encapsulations = new Encapsulations();
    const first = await encapsulations.to(await member(1));
    expect(await encapsulations.to(await member(1))).toEqual(first);
    encapsulations.spent();
    const next = (await encapsulations.to(await member(1))) ?? expect.unreachable();
    expect(next).not.toEqual(first);
    expect(await xWingDecapsulate(seed(1), next.ciphertext)).toEqual(next.secret);
  });

  it('are made again for a member with another prekey, who left in between, or whose neighbour has the same one', async () => {
    const encapsulations = new Encapsulations();
    const first = await encapsulations.to(await member(1));
    expect(await encapsulations.to(await member(1, bob))).not.toEqual(first);
    const other = (await encapsulations.to(await member(2))) ?? expect.unreachable();
    expect(await xWingDecapsulate(seed(2), other.ciphertext)).toEqual(other.secret);
    encapsulations.keepOnly([bob ?? expect.unreachable()]);
    expect(await encapsulations.to(await member(2))).not.toEqual(other);
  });

  it('are none for a key to which nothing can be encapsulated', async () => {
    const { user, publicKey } = await member(1);
    const noKey = { user, publicKey: publicKey.slice(1) };
    expect(await new Encapsulations().to(noKey)).toBeUndefined();
  });
});
