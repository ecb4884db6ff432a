import { beforeAll, describe, expect, it } from 'vitest';
import { unwrapEpochKey } from '../../client/crypto/epochs/epoch-wrap.ts';
import type { MadeEpoch } from '../../client/crypto/epochs/make-epoch.ts';
import { chainAt, type PrekeyChain, prekeySeed } from '../../client/crypto/epochs/prekeys.ts';
import { sealEpochMessage } from '../../client/crypto/epochs/seal-epoch-message.ts';
import type { HeldEpoch, SealedMessage } from '../../client/crypto/suite.ts';
import { sha256 } from '../../client/crypto/web-crypto.ts';
import { parseEpochRecord } from '../../src/protocol/layouts/epoch-record.ts';
import { parseEpochWrap } from '../../src/protocol/layouts/epoch-wraps.ts';
import { type EpochPerson, epochMember, honestEpoch, newEpochPerson } from './epoch-people.ts';
import { addressed, NOW, newChain, newMessage, newRoom, open, present, readerOf } from './people.ts';

/** What a thief takes from a device: the long-term keys, and the chain as far as it was deleted. */
interface Loot {
  readonly person: EpochPerson;
  readonly chain: PrekeyChain;
}

let alice: EpochPerson;
let bob: EpochPerson;
let everyone: readonly EpochPerson[];
const room = newRoom();

beforeAll(async () => {
  [alice, bob] = await Promise.all([newEpochPerson('alice'), newEpochPerson('bob')]);
  everyone = [alice, bob];
});

function say(text: string, epoch: HeldEpoch & { readonly key: Uint8Array }): Promise<SealedMessage> {
  return sealEpochMessage({
    ...{ messageId: newMessage(), room, sender: alice.user, keys: alice.keys, chain: newChain(), number: 0 },
    ...{ previousHash: new Uint8Array(0), roomSecret: undefined, sentAt: NOW, epoch },
    seen: { position: 0, headerHash: new Uint8Array(0) },
    content: { type: 'text', text },
  });
}

/** Everything that all of it opens together, wrap by wrap, with each key and each seed that is left, of weeks 1 to 6. */
async function stolenKeys(
  { record, wraps }: MadeEpoch,
  loot: readonly Loot[],
): Promise<readonly Uint8Array[]> {
  const parsed = parseEpochRecord(record);
  if (!parsed.ok) throw new Error(parsed.reason);
  const bodyHash = await sha256(parsed.record.bodyBytes);
  const found: Uint8Array[] = [];
  for (const { bytes, user } of wraps) {
    const wrap = present(parseEpochWrap(parsed.record.body.keying, bytes));
    for (const { person } of loot) {
      for (const { chain } of loot) {
        const { rsaDecrypt, fingerprint } = person.keys;
        for (const tried of [1, 2, 3, 4, 5, 6]) {
          const seed = async (week: number) => (await prekeySeed(chain, week)) ?? prekeySeed(chain, tried);
          const key = await unwrapEpochKey(bodyHash, wrap, {
            ...{ user, fingerprint, rsaDecrypt },
            prekeySeed: seed,
          });
          if (key !== undefined) found.push(key);
        }
      }
    }
  }
  return found;
}

/** The devices in week 4: the chain keys of the weeks before were deleted, and the keys of epochs too. */
async function lootLater(): Promise<readonly Loot[]> {
  return Promise.all(everyone.map(async (person) => ({ person, chain: await chainAt(person.chain, 4) })));
}

/** As a reader who stole the key of an epoch, or did not. */
async function read(sealed: SealedMessage, epoch: HeldEpoch, key: Uint8Array | undefined): Promise<string> {
  const { header, ciphertext, wraps: wrap } = sealed;
  const reader = { ...readerOf(bob, { people: everyone }), epoch: async () => ({ ...epoch, key }) };
  return open({ room, seq: 1, at: NOW, from: alice.user, header, ciphertext, wrap }, reader);
}

describe('a thief of all long-term keys of a room, and of every chain key that is left', () => {
  it('opens nothing of an epoch whose week was deleted everywhere', async () => {
    const made = await honestEpoch(alice, everyone, { room, keying: 2 });
    expect(made.wraps.every(({ usesPrekey }) => usesPrekey)).toBe(true);
    const sealed = await say('long ago', made.held);
    const [key] = await stolenKeys(made, await lootLater());
    expect(key).toBeUndefined();
    expect(await read(sealed, made.held, key)).toBe('undecryptable: epoch_key_deleted');
  });

  it('opens it while one member has not deleted the chain key of that week', async () => {
    const made = await honestEpoch(alice, everyone, { room, keying: 2 });
    const sealed = await say('not so long ago', made.held);
    const [ofAlice, ofBob] = await lootLater();
    const loot = [present(ofAlice), { ...present(ofBob), chain: bob.chain }];
    const [key] = await stolenKeys(made, loot);
    expect(await read(sealed, made.held, key)).toBe('ok: not so long ago');
  });

  it('opens it when one member had no prekey, and the one who made it knew whose key that is', async () => {
    const members = [await epochMember(alice), addressed(bob)];
    const made = await honestEpoch(alice, [], { room, keying: 2 }, { members });
    const exposed = made.wraps.filter(({ usesPrekey }) => !usesPrekey).map(({ user }) => user);
    expect(exposed).toStrictEqual([bob.user]);
    const sealed = await say('never safe', made.held);
    const [key] = await stolenKeys(made, await lootLater());
    expect(await read(sealed, made.held, key)).toBe('ok: never safe');
  });

  it('opens every epoch of keying 1', async () => {
    const made = await honestEpoch(alice, everyone, { room, keying: 1 });
    const sealed = await say('never safe', made.held);
    const [key] = await stolenKeys(made, await lootLater());
    expect(await read(sealed, made.held, key)).toBe('ok: never safe');
  });
});
