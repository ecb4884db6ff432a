import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEpoch } from '../../client/crypto/epochs/open-epoch.ts';
import { chainAt, prekeySeed } from '../../client/crypto/epochs/prekeys.ts';
import { oaepEncrypt, randomBytes } from '../../client/crypto/web-crypto.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { epochRsaLabel } from '../../src/protocol/layouts/epoch-inputs.ts';
import type { Keying } from '../../src/protocol/layouts/epoch-record.ts';
import {
  type EpochPerson,
  epochMember,
  epochOutcome,
  epochReader,
  honestEpoch,
  hostileEpoch,
  newEpochPerson,
  shown,
} from './epoch-people.ts';
import { addressed, changed, newRoom, present, ROSTER_VERSION, readerOf } from './people.ts';

let alice: EpochPerson;
let bob: EpochPerson;
let mallory: EpochPerson;
let everyone: readonly EpochPerson[];
const room = newRoom();
const keyings: readonly Keying[] = [1, 2];

beforeAll(async () => {
  [alice, bob, mallory] = await Promise.all([
    newEpochPerson('alice'),
    newEpochPerson('bob'),
    newEpochPerson('mallory'),
  ]);
  everyone = [alice, bob, mallory];
});

const zeroWeek = new Uint8Array(4);

describe.each(keyings)('an epoch of keying %i', (keying) => {
  it('opens for every member to the same key, and says whether a prekey protects it', async () => {
    const made = await honestEpoch(alice, everyone, { room, keying });
    for (const person of everyone) {
      const opened = await openEpoch(await shown(made, person), epochReader(person, everyone, room));
      expect(opened).toMatchObject({ ok: true, held: made.held, week: keying === 1 ? 0 : 1 });
    }
    expect(made.wraps.every(({ usesPrekey }) => usesPrekey)).toBe(keying === 2);
  });

  it('is refused with any byte of record, wrap or path changed', async () => {
    const received = await shown(await honestEpoch(alice, everyone, { room, keying }), bob);
    const reader = epochReader(bob, everyone, room);
    for (let at = 0; at < received.record.length; at += 1) {
      const altered = { ...received, record: changed(received.record, at) };
      expect(await epochOutcome(altered, reader), `byte ${at}`).not.toBe('ok');
    }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(received.wrap.length - 1),
        fc.nat(received.path.length - 1),
        async (at, step) => {
          const differs = 'server: path_differs';
          expect(await epochOutcome({ ...received, wrap: changed(received.wrap, at) }, reader)).toBe(differs);
          expect(await epochOutcome({ ...received, path: changed(received.path, step) }, reader)).toBe(
            differs,
          );
        },
      ),
      { numRuns: 60 },
    );
    expect(await epochOutcome({ ...received, path: received.path.slice(1) }, reader)).toBe(
      'server: path_differs',
    );
  });

  it('does not open with the wrap of another member, epoch or room', async () => {
    const made = await honestEpoch(alice, everyone, { room, keying });
    const received = await shown(made, bob);
    const reader = epochReader(bob, everyone, room);
    const elsewhere = [
      await shown(made, alice),
      await shown(await honestEpoch(alice, everyone, { room, keying, number: 2 }), bob),
      await shown(await honestEpoch(alice, everyone, { room: newRoom(), keying }), bob),
    ];
    for (const { wrap, path, place } of elsewhere)
      expect(await epochOutcome({ ...received, wrap, path, place }, reader)).toBe('server: path_differs');
    expect(await epochOutcome(present(elsewhere[2]), reader)).toBe('server: wrong_room');
  });

  it('names its committer for a wrap that was taken from elsewhere, is garbage, or holds another key', async () => {
    const old = await shown(await honestEpoch(alice, everyone, { room, keying }), bob);
    const other = await shown(await honestEpoch(alice, everyone, { room, keying }), alice);
    const place = { room, keying, number: 2 };
    const made = (wrapFor: (bodyHash: Uint8Array) => Promise<Uint8Array>) =>
      hostileEpoch(mallory, everyone, place, {
        wrapFor: async (user, bodyHash) => (user === bob.user ? wrapFor(bodyHash) : undefined),
      });
    const foreignKey = async (bodyHash: Uint8Array): Promise<Uint8Array> => {
      const label = epochRsaLabel(bodyHash, bob.user, 1);
      const rsa = await oaepEncrypt(addressed(bob).rsaEncrypt, label, randomBytes(32));
      return keying === 1 ? rsa : concatBytes(zeroWeek, rsa);
    };
    const cases = [
      [async () => old.wrap, 'committer: wrap_does_not_open'],
      [async () => other.wrap, 'committer: wrap_does_not_open'],
      [async () => randomBytes(90), 'committer: wrap_malformed'],
      [foreignKey, 'committer: commitment_differs'],
    ] as const;
    for (const [wrapFor, outcome] of cases) {
      const epoch = await made(wrapFor);
      expect(await epochOutcome(await shown(epoch, bob), epochReader(bob, everyone, room))).toBe(outcome);
      expect(await epochOutcome(await shown(epoch, alice), epochReader(alice, everyone, room))).toBe('ok');
    }
  });

  it('commits to its key under every number alike, so that a key used twice in a room shows', async () => {
    const key = randomBytes(32);
    const first = await hostileEpoch(mallory, everyone, { room, keying }, { key });
    const opened = await openEpoch(await shown(first, bob), epochReader(bob, everyone, room));
    const known = opened.ok ? opened.body.commitment : expect.unreachable(opened.reason);
    const isReused = async (commitment: Uint8Array, number: number): Promise<boolean> =>
      number !== 1 && commitment.every((byte, at) => byte === known[at]);
    const reader = epochReader(bob, everyone, room, { isReused });
    const again = await hostileEpoch(mallory, everyone, { room, keying, number: 2 }, { key });
    expect(await epochOutcome(await shown(again, bob), reader)).toBe('committer: key_reused');
    expect(await epochOutcome(await shown(first, bob), reader)).toBe('ok');
    const elsewhere = newRoom();
    const outside = await hostileEpoch(mallory, everyone, { room: elsewhere, keying, number: 2 }, { key });
    const there = { ...reader, room: elsewhere };
    expect(await epochOutcome(await shown(outside, bob), there)).toBe('ok');
  });

  it('is not taken from somebody outside, or by keys that were replaced', async () => {
    const members = [alice, bob];
    const made = await honestEpoch(mallory, members, { room, keying });
    const received = await shown(made, bob);
    expect(await epochOutcome(received, epochReader(bob, members, room))).toBe('server: unknown_identity');
    const acceptedIdentities = async () => 'no_member' as const;
    expect(await epochOutcome(received, epochReader(bob, members, room, { acceptedIdentities }))).toBe(
      'server: no_member',
    );
    const replaced = readerOf(bob, { people: everyone, replacedAt: ROSTER_VERSION });
    const late = epochReader(bob, everyone, room, { acceptedIdentities: replaced.acceptedIdentities });
    expect(await epochOutcome(received, late)).toBe('server: replaced_identity');
    const posing = await honestEpoch({ ...mallory, user: alice.user }, everyone, { room, keying });
    expect(await epochOutcome(await shown(posing, bob), epochReader(bob, everyone, room))).toBe(
      'server: unknown_identity',
    );
  });

  it('opens where the platform leaves out the zeros with which a decrypted key begins', async () => {
    const key = randomBytes(32).fill(0, 0, 2);
    const stripped = hostileEpoch(
      alice,
      everyone,
      { room, keying },
      {
        key,
        wrapFor: async (user, bodyHash) => {
          const person = present(everyone.find((each) => each.user === user));
          const rsa = await oaepEncrypt(
            addressed(person).rsaEncrypt,
            epochRsaLabel(bodyHash, user, 1),
            key.slice(2),
          );
          return keying === 1 ? rsa : concatBytes(zeroWeek, rsa);
        },
      },
    );
    expect(await epochOutcome(await shown(await stripped, bob), epochReader(bob, everyone, room))).toBe('ok');
  });
});

describe('an epoch of keying 2', () => {
  it('has the wrap of keying 1 for a member without a prekey, or with one to which nothing can be encapsulated', async () => {
    const publicKey = present((await epochMember(mallory)).prekey)
      .publicKey.slice()
      .fill(0, 1184);
    const made = await honestEpoch(
      alice,
      [],
      { room, keying: 2 },
      {
        members: [
          await epochMember(alice),
          addressed(bob),
          { ...addressed(mallory), prekey: { week: 1, publicKey } },
        ],
      },
    );
    const weeks = await Promise.all(
      everyone.map(async (person) =>
        openEpoch(await shown(made, person), epochReader(person, everyone, room)),
      ),
    );
    expect(weeks).toMatchObject([{ week: 1 }, { week: 0 }, { week: 0 }]);
    const unprotected = made.wraps.filter(({ usesPrekey }) => !usesPrekey).map(({ user }) => user);
    expect(unprotected).toStrictEqual([bob.user, mallory.user].sort());
  });

  it('never gives its key to whoever passes the half under RSA off as a wrap of its own', async () => {
    const made = hostileEpoch(
      mallory,
      everyone,
      { room, keying: 2 },
      {
        wrapFor: async (user, _, honest) =>
          user === bob.user ? concatBytes(zeroWeek, honest.bytes.slice(4, 260)) : undefined,
      },
    );
    expect(await epochOutcome(await shown(await made, bob), epochReader(bob, everyone, room))).toBe(
      'committer: wrap_does_not_open',
    );
  });

  it('does not open once the chain of prekeys has moved on, and blames nobody', async () => {
    const received = await shown(await honestEpoch(alice, everyone, { room, keying: 2 }), bob);
    const later = await chainAt(bob.chain, 2);
    const { rsaDecrypt, fingerprint } = bob.keys;
    const keys = [{ rsaDecrypt, fingerprint, prekeySeed: (week: number) => prekeySeed(later, week) }];
    expect(await epochOutcome(received, epochReader(bob, everyone, room, { keys }))).toBe(
      'reader: prekey_deleted',
    );
  });
});
