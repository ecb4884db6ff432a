import type { Member } from '../api.ts';
import type { Link } from '../connection/link.ts';
import type { People } from '../people/people.ts';
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
      trust: await people.listedTrust(user, identity),
    });
  }
  return members.sort((a, b) => (a.user.toLowerCase() < b.user.toLowerCase() ? -1 : 1));
}
