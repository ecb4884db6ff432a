import type { Role } from '../protocol/entities.ts';

/** What only some of a room's members may do to it. */
export type RoomAct =
  | 'rename'
  | 'update'
  | 'delete'
  | 'kick'
  | 'ban'
  | 'unban'
  | 'bans'
  | 'grant'
  | 'revoke'
  | 'discard';

const ranks: Readonly<Record<Role, number>> = { member: 0, moderator: 1, owner: 2 };

/** The lowest role that may do it. */
const least: Readonly<Record<RoomAct, Role>> = {
  rename: 'owner',
  update: 'owner',
  delete: 'owner',
  kick: 'moderator',
  ban: 'moderator',
  unban: 'moderator',
  bans: 'moderator',
  grant: 'owner',
  revoke: 'owner',
  discard: 'moderator',
};

/**
 * Whether a member may do this. `target`: the role of the member whom it is done to, if it is done to one. Nobody does
 * anything to those of the own role or above: so nobody kicks an owner, no moderator another one, and nobody themselves.
 */
export function mayAct(act: RoomAct, actor: Role, target?: Role): boolean {
  if (ranks[actor] < ranks[least[act]]) return false;
  return target === undefined || ranks[actor] > ranks[target];
}
