import type { RosterMember } from './roster.ts';

/**
 * Who owns a room when its owner is gone: the moderator, else the member, who joined first. Undefined in a room without
 * others. Those who joined at one position are told apart by roster version, then id, so that every node names the same.
 */
export function heirOf(members: readonly RosterMember[], gone: RosterMember): RosterMember | undefined {
  const others = members.filter(({ user }) => user !== gone.user);
  const moderators = others.filter(({ role }) => role === 'moderator');
  return (moderators.length > 0 ? moderators : others).reduce<RosterMember | undefined>(
    (first, member) => (first === undefined || isEarlier(member, first) ? member : first),
    undefined,
  );
}

function isEarlier(a: RosterMember, b: RosterMember): boolean {
  if (a.joined !== b.joined) return a.joined < b.joined;
  return a.since === b.since ? a.user < b.user : a.since < b.since;
}
