import { type EpochMember, type MadeWrap, wrapEpochKey } from '../../client/crypto/epochs/epoch-wrap.ts';
import {
  epochCommitment,
  type MadeEpoch,
  makeEpoch,
  type OutgoingEpoch,
} from '../../client/crypto/epochs/make-epoch.ts';
import {
  type EpochReader,
  epochFaults,
  openEpoch,
  type ReceivedEpoch,
} from '../../client/crypto/epochs/open-epoch.ts';
import {
  newPrekeyChain,
  type PrekeyChain,
  prekeySeed,
  signPrekeys,
  verifiedPrekey,
} from '../../client/crypto/epochs/prekeys.ts';
import { wrapTree } from '../../client/crypto/epochs/wrap-tree.ts';
import { recipientsHash } from '../../client/crypto/recipients.ts';
import { ed25519Sign, randomBytes, sha256 } from '../../client/crypto/web-crypto.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { epochSignatureInput } from '../../src/protocol/layouts/epoch-inputs.ts';
import {
  type EpochBody,
  encodeEpochBody,
  joinEpochRecord,
  type Keying,
} from '../../src/protocol/layouts/epoch-record.ts';
import { addressed, NOW, newPerson, type Person, present, ROSTER_VERSION, readerOf } from './people.ts';

/** People of one room of suite 2, and epochs as members and servers, honest ones and others, could make and show them. */

export interface EpochPerson extends Person {
  readonly chain: PrekeyChain;
}

export async function newEpochPerson(name: string): Promise<EpochPerson> {
  return { ...(await newPerson(name)), chain: newPrekeyChain() };
}

/** With the prekey of week 1, as others verify it. */
export async function epochMember(person: EpochPerson): Promise<EpochMember> {
  const { user, identity } = person;
  const owner = { user, fingerprint: identity.fingerprint, createdAt: identity.document.createdAt };
  const [signed] = await signPrekeys(person.chain, owner, person.keys, 1);
  const { ed25519Verify } = identity;
  const prekey = present(await verifiedPrekey(present(signed), { ...owner, ed25519Verify }));
  return { ...addressed(person), prekey };
}

export interface EpochPlace {
  readonly room: RoomId;
  readonly keying: Keying;
  readonly number?: number;
  readonly previousHash?: Uint8Array;
}

type Draft = Omit<OutgoingEpoch, 'members'>;

function draftOf(committer: Person, place: EpochPlace): Draft {
  const { number = 1, previousHash = new Uint8Array(number === 1 ? 0 : 32), room, keying } = place;
  return {
    ...{ room, keying, number, previousHash, rosterVersion: ROSTER_VERSION, passwordNumber: 0 },
    ...{ committer: committer.user, keys: committer.keys, reason: 'membership', madeAt: NOW },
  };
}

export async function honestEpoch(
  committer: Person,
  members: readonly EpochPerson[],
  place: EpochPlace,
  change: Partial<OutgoingEpoch> = {},
): Promise<MadeEpoch> {
  const addressees = await Promise.all(members.map(epochMember));
  return makeEpoch({ ...draftOf(committer, place), members: addressees, ...change });
}

export interface Tricks {
  /** The key that the record commits to; a fresh one otherwise. */
  readonly key?: Uint8Array;
  /** A member's wrap; the honest one where it gives none. */
  wrapFor?(user: UserId, bodyHash: Uint8Array, honest: MadeWrap): Promise<Uint8Array | undefined>;
}

/** An epoch whose committer signs whatever it likes. */
export async function hostileEpoch(
  committer: Person,
  members: readonly EpochPerson[],
  place: EpochPlace,
  { key = randomBytes(32), wrapFor }: Tricks,
): Promise<MadeEpoch> {
  const { keys, ...draft } = draftOf(committer, place);
  const ascending = [...members].sort((a, b) => (a.user < b.user ? -1 : 1));
  const addressees = await Promise.all(ascending.map(epochMember));
  const body: EpochBody = {
    ...draft,
    recipients: await recipientsHash(addressees),
    committerFingerprint: keys.fingerprint,
    commitment: await epochCommitment(key, place.room),
  };
  const bodyBytes = encodeEpochBody(body);
  const bodyHash = await sha256(bodyBytes);
  const wraps = await Promise.all(
    addressees.map(async (member) => {
      const honest = await wrapEpochKey({ bodyHash, keying: place.keying }, member, key);
      const bytes = (await wrapFor?.(member.user, bodyHash, honest)) ?? honest.bytes;
      return { ...honest, bytes, user: member.user };
    }),
  );
  const { root } = await wrapTree(wraps);
  const signature = await ed25519Sign(keys.ed25519Sign, epochSignatureInput(bodyHash, root));
  const record = joinEpochRecord({ bodyBytes, root, signature });
  const { number, rosterVersion, recipients, passwordNumber } = body;
  const held = { number, rosterVersion, recipients, passwordNumber, recordHash: await sha256(record), key };
  return { record, bodyHash, commitment: body.commitment, held, wraps };
}

/** What an honest server shows this person of an epoch. */
export async function shown({ record, wraps }: MadeEpoch, person: Person): Promise<ReceivedEpoch> {
  const index = wraps.findIndex(({ user }) => user === person.user);
  const { pathOf } = await wrapTree(wraps);
  const place = { index, count: wraps.length };
  return { record, wrap: present(wraps[index]).bytes, place, path: await pathOf(index) };
}

/** A client of this person that accepts these people, and takes them for the members of every version. */
export function epochReader(
  person: EpochPerson,
  people: readonly Person[],
  room: RoomId,
  change: Partial<EpochReader> = {},
): EpochReader {
  const { acceptedIdentities } = readerOf(person, { people });
  const { rsaDecrypt, fingerprint } = person.keys;
  return {
    ...{ user: person.user, room, acceptedIdentities, isReused: async () => false },
    keys: [{ rsaDecrypt, fingerprint, prekeySeed: (week) => prekeySeed(person.chain, week) }],
    ...change,
  };
}

/** `ok`, or who is to blame and for what. */
export async function epochOutcome(received: ReceivedEpoch, reader: EpochReader): Promise<string> {
  const opened = await openEpoch(received, reader);
  return opened.ok ? 'ok' : `${epochFaults[opened.reason]}: ${opened.reason}`;
}
