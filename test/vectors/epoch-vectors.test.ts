import { describe, expect, it } from 'vitest';
import { openEpoch } from '../../client/crypto/epochs/open-epoch.ts';
import { prekeySeed, signPrekeys, verifiedPrekey } from '../../client/crypto/epochs/prekeys.ts';
import { xWingDecapsulate, xWingEncapsulate, xWingPublicKey } from '../../client/crypto/epochs/x-wing.ts';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import { openMessages } from '../../client/crypto/open.ts';
import type { AcceptedIdentity, HeldEpoch } from '../../client/crypto/suite.ts';
import { importEd25519Public } from '../../client/crypto/web-crypto.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { parseFingerprint, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { encodeEpochBody, parseEpochRecord } from '../../src/protocol/layouts/epoch-record.ts';
import { encodeMessageHeader, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import epochs from './epochs.json' with { type: 'json' };
import keys from './keys.json' with { type: 'json' };
import { bytes, keysOf, present } from './vector-keys.ts';
import xWing from './x-wing.json' with { type: 'json' };

const people = { alice: keys.alice, bob: keys.bob };
const { prekeys } = epochs;
const chain = { week: 1, key: bytes(present(prekeys.weeks[0]).chain_key) };
const room = present(parseRoomId(present(epochs.epochs[0]).body_fields.room));

function personOf(name: string): (typeof people)['alice'] {
  return name === 'alice' ? people.alice : people.bob;
}

async function acceptedIdentities(): Promise<readonly AcceptedIdentity[]> {
  const ed25519Verify = await importEd25519Public(bytes(keys.alice.ed25519_public));
  const fingerprint = present(parseFingerprint(keys.alice.fingerprint));
  return [{ fingerprint, ed25519Verify, replacedAt: undefined }];
}

/** The epochs as the member with the wrap at this index opens them. */
async function openedBy(index: number): Promise<ReadonlyMap<number, HeldEpoch>> {
  const held = new Map<number, HeldEpoch>();
  for (const vector of epochs.epochs) {
    const own = present(vector.wraps[index]);
    const { rsaDecrypt, fingerprint } = await keysOf(personOf(own.person));
    const opened = await openEpoch(
      {
        record: bytes(vector.record),
        wrap: bytes(own.wrap),
        place: { index, count: vector.wraps.length },
        path: bytes(own.path),
      },
      {
        user: present(parseUserId(own.user)),
        room,
        keys: [{ rsaDecrypt, fingerprint, prekeySeed: (week) => prekeySeed(chain, week) }],
        acceptedIdentities,
        isReused: async () => false,
      },
    );
    if (!opened.ok) throw new Error(opened.reason);
    expect(opened.week).toBe(own.week);
    held.set(vector.body_fields.number, opened.held);
  }
  return held;
}

describe('our code agrees with the stored vectors of suite 2', () => {
  it('about X-Wing, with vectors that others published', async () => {
    for (const vector of xWing.vectors) {
      const seed = bytes(vector.seed);
      expect(toHex(await xWingPublicKey(seed))).toBe(vector.public_key);
      const made = present(await xWingEncapsulate(bytes(vector.public_key), bytes(vector.random)));
      expect(toHex(made.ciphertext)).toBe(vector.ciphertext);
      expect(toHex(made.secret)).toBe(vector.secret);
      expect(toHex(present(await xWingDecapsulate(seed, made.ciphertext)))).toBe(vector.secret);
    }
  });

  it('about chains of prekeys and what is signed of them', async () => {
    const user = present(parseUserId(prekeys.user));
    const bob = await keysOf(keys.bob);
    const about = { user, fingerprint: bob.fingerprint, createdAt: prekeys.created_at };
    const signed = await signPrekeys(chain, about, bob, prekeys.weeks.length);
    expect(signed.map(toHex)).toStrictEqual(prekeys.weeks.map((week) => week.document + week.signature));
    const ed25519Verify = await importEd25519Public(bob.signingKey);
    for (const [index, vector] of prekeys.weeks.entries()) {
      expect(toHex(present(await prekeySeed(chain, vector.week)))).toBe(vector.seed);
      const prekey = await verifiedPrekey(present(signed[index]), { ...about, ed25519Verify });
      expect(prekey?.notBefore).toBe(vector.not_before);
      expect(prekey?.notAfter).toBe(vector.not_after);
    }
  });

  it('about records of epochs', () => {
    for (const vector of epochs.epochs) {
      const parsed = parseEpochRecord(bytes(vector.record));
      if (!parsed.ok) throw new Error(parsed.reason);
      expect(toHex(encodeEpochBody(parsed.record.body))).toBe(vector.body);
      expect(toHex(parsed.record.root)).toBe(vector.root);
      expect(toHex(parsed.record.signature)).toBe(vector.signature);
    }
  });

  it.each([0, 1])('about epochs and the messages under them, read by member %i', async (index) => {
    const held = await openedBy(index);
    for (const vector of epochs.epochs) {
      const epoch = present(held.get(vector.body_fields.number));
      expect(toHex(epoch.recordHash)).toBe(vector.record_hash);
      expect(toHex(present(epoch.key))).toBe(vector.key);
    }
    const { rsaDecrypt } = await keysOf(people.bob);
    const chains = new MemoryChainStore();
    for (const [seq, vector] of epochs.messages.entries()) {
      const parsed = parseMessageHeader(bytes(vector.header));
      if (!parsed.ok) throw new Error(parsed.reason);
      expect(toHex(encodeMessageHeader(parsed.header))).toBe(vector.header);
      const { recipients, sender, sentAt: at } = parsed.header;
      const [header, ciphertext, wrap] = [vector.header, vector.ciphertext, ''].map(bytes);
      const copy = {
        ...{ room, seq, at, from: sender },
        ...{ header: present(header), ciphertext: present(ciphertext), wrap: present(wrap) },
      };
      const [opened] = await openMessages([copy], {
        ...{ rsaDecrypt: [rsaDecrypt], chains, readableAfter: 0, acceptedIdentities },
        roomSecret: async () => bytes(vector.room_secret),
        recipientsHash: async () => recipients,
        epoch: async (number) => held.get(number),
      });
      expect(opened).toMatchObject({ status: 'ok', content: { text: vector.text }, marks: [], missing: 0 });
    }
  });
});
