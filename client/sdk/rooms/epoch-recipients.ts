import { sameBytes } from '../../../src/protocol/bytes.ts';
import { recipientsHash } from '../../crypto/recipients.ts';
import type { KnownEpoch } from './epoch-book.ts';
import type { Roster } from './roster.ts';
import type { Trusted } from './trusted-members.ts';

/**
 * Whether an epoch is for exactly these members. Those who joined while the message waited, after version `begunAt`, may be missing:
 * while members come all the time, there would never be an epoch for everybody. To be asked only if nobody left since its version.
 */
export async function isForMembers(
  epoch: Pick<KnownEpoch, 'recipients' | 'rosterVersion'>,
  { members }: Trusted,
  begunAt: number,
  roster: Pick<Roster<unknown>, 'membersAt'>,
): Promise<boolean> {
  if (sameBytes(epoch.recipients, await recipientsHash(members))) return true;
  if (epoch.rosterVersion < begunAt) return false;
  const then = new Set(roster.membersAt(epoch.rosterVersion)?.map(({ user }) => user));
  const early = members.filter(({ user }) => then.has(user));
  return early.length > 0 && sameBytes(epoch.recipients, await recipientsHash(early));
}
