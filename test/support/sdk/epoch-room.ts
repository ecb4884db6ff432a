import { expect } from 'vitest';
import { type MadeEpoch, makeEpoch } from '../../../client/crypto/epochs/make-epoch.ts';
import { wrapTree } from '../../../client/crypto/epochs/wrap-tree.ts';
import { verifyIdentity } from '../../../client/crypto/identity.ts';
import { loadIdentityKeys } from '../../../client/crypto/identity-keys.ts';
import { sha256 } from '../../../client/crypto/web-crypto.ts';
import type { ConclaveClient } from '../../../client/sdk/api.ts';
import type { Notice } from '../../../client/sdk/notice.ts';
import { EpochBook } from '../../../client/sdk/rooms/epoch-book.ts';
import type { EpochRow } from '../../../src/ports/epoch-store.ts';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import type { MemberEntry, OwnEpoch } from '../../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { type EpochBody, type Keying, parseEpochRecord } from '../../../src/protocol/layouts/epoch-record.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import type { Account, LiveFixture } from './live-fixture.ts';

/** Ada, who made it, and Bob in one room of suite 2. */
export async function vault(fixture: LiveFixture) {
  const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob')];
  const { id: room } = await ada.create('Vault', { suite: 2 });
  await bob.join('Vault');
  return { ada, bob, adas: await ada.room('Vault'), bobs: await bob.room('Vault'), room };
}

/** The numbers of the epochs under which the messages that are stored for this member were sealed. */
export const epochOf = async (
  fixture: LiveFixture,
  room: RoomId,
  member: Account,
): Promise<readonly unknown[]> => (await fixture.headers(room, member)).map(({ epoch }) => epoch?.number);

/** The epochs that the gateway has stored, the first one first. */
export async function storedEpochs(
  { stores }: LiveFixture,
  room: RoomId,
): Promise<readonly (EpochRow & { readonly body: EpochBody })[]> {
  const last = (await stores.epochs.newest(room))?.number ?? 0;
  const rows = Array.from({ length: last }, (_, i) => stores.epochs.byNumber(room, i + 1));
  return (await Promise.all(rows)).flatMap((row) =>
    row === undefined ? [] : [{ ...row, body: bodyOf(row) }],
  );
}

export async function newestEpoch(fixture: LiveFixture, room: RoomId) {
  return (await storedEpochs(fixture, room)).at(-1) ?? expect.unreachable();
}

export const reasons = async (fixture: LiveFixture, room: RoomId): Promise<readonly string[]> =>
  (await storedEpochs(fixture, room)).map(({ body }) => body.reason);

function bodyOf({ record }: Pick<EpochRow, 'record'>): EpochBody {
  const parsed = parseEpochRecord(record);
  return parsed.ok ? parsed.record.body : expect.unreachable();
}

/** Waits until a client holds this epoch, or a later one. */
export async function holds({ storage }: Account, room: RoomId, number: number): Promise<void> {
  const book = new EpochBook(storage.state);
  await expect.poll(async () => (await book.of(room)).highest).toBeGreaterThanOrEqual(number);
}

/** The server says that this user has no prekeys. */
export function hidePrekeys({ server }: LiveFixture, user: UserId): void {
  server.reply('prekeys', ({ prekeys }) => ({ prekeys: prekeys.filter((shown) => shown.user !== user) }));
}

/** What a client is told of epochs from now on. */
export function epochNotices(client: ConclaveClient): readonly Extract<Notice, { type: 'epoch' }>[] {
  const told: Extract<Notice, { type: 'epoch' }>[] = [];
  void (async () => {
    for await (const notice of client.notices()) if (notice.type === 'epoch') told.push(notice);
  })();
  return told;
}

interface Forged {
  readonly maker: Account;
  /** Whose wrap holds nothing that this member can open. */
  readonly victim?: Account;
  readonly keying?: Keying;
  /** The roster that it is for, where it is not the present one. */
  readonly version?: number;
  readonly members?: readonly MemberEntry[];
  /** Default: the next one. */
  readonly number?: number;
  /** When its maker says that it was made. Default: now. */
  readonly madeAt?: number;
}

/** An epoch of a member, signed by its own keys, such as no honest client makes. */
async function forge(fixture: LiveFixture, room: RoomId, forged: Forged): Promise<MadeEpoch> {
  const { maker, victim, keying = 2, madeAt = Date.now() } = forged;
  const [identity] = maker.storage.account.identities;
  const loaded = await loadIdentityKeys(identity?.keys ?? expect.unreachable());
  const keys = loaded.ok ? loaded.keys : expect.unreachable();
  const id = (await victim?.me())?.id;
  const roster = await fixture.ask(maker, 'members', { room });
  const honest = await Promise.all((forged.members ?? roster.members).map(verified));
  const { rsaEncrypt: others } = honest.find(({ user }) => user !== id) ?? expect.unreachable();
  const stored = await storedEpochs(fixture, room);
  const number = forged.number ?? stored.length + 1;
  const before = stored.find((epoch) => epoch.number === number - 1);
  return makeEpoch({
    ...{ room, number, keying, passwordNumber: 0, keys, reason: 'repair', madeAt },
    previousHash:
      before === undefined ? new Uint8Array(number === 1 ? 0 : HASH_BYTES) : await sha256(before.record),
    rosterVersion: forged.version ?? roster.version,
    committer: (await maker.me()).id,
    members: honest.map((member) => (member.user === id ? { ...member, rsaEncrypt: others } : member)),
  });
}

async function verified({ user, identity }: MemberEntry) {
  const outcome = await verifyIdentity(identity);
  if (!outcome.ok) return expect.unreachable();
  const { fingerprint, rsaEncrypt } = outcome.identity;
  return { user, fingerprint, rsaEncrypt };
}

/** Such an epoch, which the gateway takes and tells everybody of. */
export async function plant(fixture: LiveFixture, room: RoomId, forged: Forged): Promise<void> {
  const { record, bodyHash, wraps } = await forge(fixture, room, forged);
  const bytes = concatBytes(...wraps.map((wrap) => wrap.bytes));
  await fixture.ask(forged.maker, 'wraps', { room, bodyHash, part: 0, bytes });
  await fixture.ask(forged.maker, 'epoch', { room, record });
}

/** Such an epoch, which no gateway would take, as the server shows it to these. */
export async function show(
  fixture: LiveFixture,
  room: RoomId,
  forged: Forged,
  readers: readonly Account[],
): Promise<void> {
  const { record, wraps } = await forge(fixture, room, forged);
  const tree = await wrapTree(wraps);
  const { number } = bodyOf({ record });
  for (const reader of readers) {
    const { id } = await reader.me();
    const at = wraps.findIndex(({ user }) => user === id);
    const epoch: OwnEpoch = {
      ...{ number, record, path: await tree.pathOf(at) },
      wrap: wraps[at]?.bytes ?? expect.unreachable(),
    };
    fixture.server.tell({ name: 'epoch', body: { room, epoch } }, id);
  }
}
