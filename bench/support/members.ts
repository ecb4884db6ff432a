import { type Account, makeAccounts, makeRoom, type SharedKeys } from '../../loadtest/wire/accounts.ts';
import { inTurns } from '../../loadtest/wire/in-turns.ts';
import { ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import type { RoomId } from '../../src/protocol/ids.ts';

const ROOMS_AT_ONCE = 8;

const buffer = new ReadBuffer();

/** Accounts of these names with numbers behind. They share one key pair. */
export function manyAccounts(
  url: string,
  { keys }: SharedKeys,
  name: string,
  count: number,
): Promise<Account[]> {
  const names = Array.from({ length: count }, (_, index) => `${name}${index}`);
  return makeAccounts(url, buffer, keys, names, () => Promise.resolve());
}

export interface MemberRoom {
  readonly room: RoomId;
  readonly version: number;
  readonly members: readonly Account[];
}

/** A room for each of these groups. */
export function manyRooms(
  url: string,
  groups: readonly (readonly Account[])[],
  retention = 0,
): Promise<MemberRoom[]> {
  return inTurns(groups, ROOMS_AT_ONCE, async (members, index) => ({
    ...(await makeRoom(url, buffer, { name: `room${index}`, retention, members })),
    members,
  }));
}

/** Neighbours, so many to a group. */
export function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
