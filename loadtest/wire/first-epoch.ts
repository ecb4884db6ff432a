import { makeEpoch } from '../../client/crypto/epochs/make-epoch.ts';
import type { HeldEpoch, Member } from '../../client/crypto/suite.ts';
import { importRsaPublic } from '../../client/crypto/web-crypto.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { EPOCH_PART_BYTES_MAX } from '../../src/protocol/limits.ts';
import { suiteField } from '../parameters.ts';
import { type Account, makeRoom } from './accounts.ts';
import { ReadBuffer } from './raw-web-socket.ts';
import { type WireOptions, WireSession } from './wire-session.ts';

/** A room as its messages are prepared for it: these members at this roster version. */
export interface PreparedRoom {
  readonly room: RoomId;
  readonly version: number;
  readonly members: readonly Account[];
  /** Of suite 2. */
  readonly epoch?: OpenEpoch;
}

export type OpenEpoch = HeldEpoch & { readonly key: Uint8Array };

/** Makes a room by its owner, has the others join it, and makes its first epoch if it is of suite 2. */
export async function makePreparedRoom(
  url: string,
  plan: {
    readonly name: string;
    readonly retention: number;
    readonly suite: number;
    readonly members: readonly Account[];
  },
  options: WireOptions = {},
): Promise<PreparedRoom> {
  const { name, retention, members } = plan;
  const buffer = new ReadBuffer();
  const made = await makeRoom(url, buffer, { name, retention, members, ...suiteField(plan) }, options);
  const room = { ...made, members };
  return plan.suite === 1 ? room : { ...room, epoch: await makeFirstEpoch(url, buffer, room, options) };
}

/** By the room's owner, and stored by the server. Its keys are wrapped under RSA alone. */
async function makeFirstEpoch(
  url: string,
  buffer: ReadBuffer,
  { room, version, members }: PreparedRoom,
  options: WireOptions,
): Promise<OpenEpoch> {
  const [owner] = members;
  if (owner === undefined) throw new Error('a room has an owner');
  const { record, bodyHash, held, wraps } = await makeEpoch({
    ...{ room, number: 1, previousHash: new Uint8Array(0), rosterVersion: version, passwordNumber: 0 },
    ...{ keying: 1, reason: 'membership', madeAt: Date.now(), committer: owner.user, keys: owner.keys },
    members: await asMembers(members),
  });
  const session = await WireSession.open(url, buffer, options);
  await session.resume(owner.token, owner.keys);
  const bytes = concatBytes(...wraps.map((wrap) => wrap.bytes));
  for (let part = 0; part * EPOCH_PART_BYTES_MAX < bytes.length; part += 1) {
    const from = part * EPOCH_PART_BYTES_MAX;
    const body = { room, bodyHash, part, bytes: bytes.subarray(from, from + EPOCH_PART_BYTES_MAX) };
    await session.request('wraps', body);
  }
  await session.request('epoch', { room, record });
  session.socket.close(1000);
  return held;
}

export async function asMembers(accounts: readonly Account[]): Promise<readonly Member[]> {
  const members: Member[] = [];
  for (const { user, keys } of accounts) {
    const { encrypt } = await importRsaPublic(keys.rsaKey);
    members.push({ user, fingerprint: keys.fingerprint, rsaEncrypt: encrypt });
  }
  return members;
}
