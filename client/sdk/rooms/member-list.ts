import type { UserId } from '../../../src/protocol/ids.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Member } from '../api.ts';
import type { Link } from '../connection/link.ts';
import type { People } from '../people/people.ts';
import type { Trust } from '../people/trust-level.ts';
import type { RoomState } from './room-state.ts';

/** The members of a room now, by name. */
export async function memberList(room: {
  readonly link: Link;
  readonly people: People;
  readonly state: RoomState;
  readonly timeoutMs: number | undefined;
}): Promise<readonly Member[]> {
  const { link, people, state, timeoutMs } = room;
  const members: Member[] = [];
  const current = await link.limited(timeoutMs, state.currentMembers());
  for (const { user, name, role, identity } of current.members) {
    members.push({
      user: name,
      id: user,
      role,
      online: state.isOnline(user),
      trust: await memberTrust(people, user, identity),
    });
  }
  return members.sort((a, b) => (a.user.toLowerCase() < b.user.toLowerCase() ? -1 : 1));
}

/** `changed` also for an identity whose own signatures don't hold, and one of another name. */
export async function memberTrust(
  people: People,
  user: UserId,
  identity: VerifiedIdentity | undefined,
): Promise<Trust> {
  if (identity === undefined || (await people.standing(user, identity)) === 'changed') return 'changed';
  return people.trustOf(user, identity.fingerprint);
}
