import { expect } from 'vitest';
import { makeEpoch } from '../../../client/crypto/epochs/make-epoch.ts';
import { verifyIdentity } from '../../../client/crypto/identity.ts';
import { loadIdentityKeys } from '../../../client/crypto/identity-keys.ts';
import { sha256 } from '../../../client/crypto/web-crypto.ts';
import type { ConclaveClient } from '../../../client/sdk/api.ts';
import type { Notice } from '../../../client/sdk/notice.ts';
import { EpochBook } from '../../../client/sdk/rooms/epoch-book.ts';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import { type Keying, parseEpochRecord } from '../../../src/protocol/layouts/epoch-record.ts';
import { parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import type { FakeRoom } from './fake-room.ts';
import { SdkFixture } from './sdk-fixture.ts';

export type Account = Awaited<ReturnType<SdkFixture['user']>>;

export async function fixtureOfEpochs(): Promise<SdkFixture> {
  const fixture = await SdkFixture.start();
  fixture.server.features = ['header-2', 'prekeys', 'suite-2'];
  return fixture;
}

/** Ada, who made it, and Bob in one room of suite 2. */
export async function vault(fixture: SdkFixture) {
  const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
  await ada.create('Vault', { suite: 2 });
  await bob.join('Vault');
  const [adas, bobs] = [await ada.room('Vault'), await bob.room('Vault')];
  return { ada, bob, adas, bobs, room: fixture.server.room('Vault') };
}

/** The numbers of the epochs under which the messages of a room were sealed. */
export const epochOf = ({ messages }: FakeRoom): readonly unknown[] =>
  messages.map(({ header }) => {
    const parsed = parseMessageHeader(header);
    return parsed.ok ? parsed.header.epoch?.number : expect.unreachable();
  });

/** Waits until a client holds this epoch, or a later one. */
export async function holds({ storage }: Account, { id }: FakeRoom, number: number): Promise<void> {
  const book = new EpochBook(storage.state);
  await expect.poll(async () => (await book.of(id)).highest).toBeGreaterThanOrEqual(number);
}

export const reasons = ({ epochs }: FakeRoom): readonly string[] =>
  epochs.stored.map(({ body }) => body.reason);

/** What a client is told of epochs from now on. */
export function epochNotices(client: ConclaveClient): readonly Extract<Notice, { type: 'epoch' }>[] {
  const told: Extract<Notice, { type: 'epoch' }>[] = [];
  void (async () => {
    for await (const notice of client.notices()) if (notice.type === 'epoch') told.push(notice);
  })();
  return told;
}

interface Planted {
  readonly maker: Account;
  /** Whose wrap holds nothing that this member can open. */
  readonly victim?: Account;
  readonly keying?: Keying;
}

/** A member's epoch, signed by its own keys and taken by the server, such as no honest client makes. */
export async function plant(
  { server }: SdkFixture,
  room: FakeRoom,
  { maker, victim, keying = 2 }: Planted,
): Promise<void> {
  const own = async ({ storage }: Account) => {
    const [identity] = storage.account.identities;
    const loaded = await loadIdentityKeys(identity?.keys ?? expect.unreachable());
    return loaded.ok ? loaded.keys : expect.unreachable();
  };
  const [makers, me] = [await own(maker), await maker.me()];
  const id = (await victim?.me())?.id;
  const members = room.members().map(async ({ user, identity }) => {
    const verified = await verifyIdentity(identity);
    if (!verified.ok) return expect.unreachable();
    const { fingerprint, rsaEncrypt } = verified.identity;
    return { user, fingerprint, rsaEncrypt };
  });
  const honest = await Promise.all(members);
  const { rsaEncrypt: others } = honest.find(({ user }) => user !== id) ?? expect.unreachable();
  const { record: before, body } = room.epochs.newest ?? expect.unreachable();
  const made = await makeEpoch({
    ...{
      room: room.id,
      number: body.number + 1,
      previousHash: await sha256(before),
      keying,
      passwordNumber: 0,
    },
    ...{ rosterVersion: room.version, committer: me.id, keys: makers, reason: 'repair', madeAt: Date.now() },
    members: honest.map((member) => (member.user === id ? { ...member, rsaEncrypt: others } : member)),
  });
  const parsed = parseEpochRecord(made.record);
  const bodyHash = parsed.ok ? await sha256(parsed.record.bodyBytes) : expect.unreachable();
  const bytes = concatBytes(...made.wraps.map((wrap) => wrap.bytes));
  room.epochs.part({ room: room.id, bodyHash, part: 0, bytes });
  await server.commit(me.id, { room: room.id, record: made.record });
}
