import type { IssuedEpoch } from '../../../src/ports/epoch-store.ts';
import type { UserId } from '../../../src/protocol/ids.ts';

/** An epoch as a store gives it, with a copy for each of these users; nobody could open it. */
export function issuedTo(number: number, users: readonly [UserId, ...UserId[]]): IssuedEpoch {
  const record = new Uint8Array(300);
  const about = { rosterVersion: 1, record, recordHash: record, at: 1, members: users.length };
  const copy = (index: number) => ({ wrap: new Uint8Array(256), index, path: new Uint8Array(32) });
  return {
    epoch: { number, committer: users[0], ...about },
    copies: new Map(users.map((id, index) => [id, copy(index)])),
  };
}
