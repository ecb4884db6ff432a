import type { Role } from '../protocol/entities.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { FoldedName, RoomName } from '../protocol/names.ts';

/** One member as the room's record keeps it. */
export interface RosterMember {
  readonly user: UserId;
  readonly role: Role;
  /** Sequence of the identity document under which copies are made for this member. */
  readonly identity: number;
  /** The room's last position when the member joined: it may read what comes after. */
  readonly joined: number;
  /** Roster version at which this stretch of membership (this user, role aside, under this identity) began. */
  readonly since: number;
}

export type RosterChangeKind = 'joined' | 'left' | 'kicked' | 'role' | 'identity' | 'settings';

/** What one version changed. Versions are consecutive, so changes lead from any version to any other. */
export interface RosterChange {
  readonly version: number;
  readonly kind: RosterChangeKind;
  /** The member as it was before, when it left or changed. */
  readonly before?: RosterMember;
  /** The member as it is from this version on, when it joined or changed. */
  readonly after?: RosterMember;
  /** Milliseconds since 1970: changes are kept as long as copies made under them. */
  readonly at: number;
}

/** Number 0: the room has no password, and salt and proofHash are absent. */
export interface PasswordSetting {
  readonly number: number;
  readonly salt?: Uint8Array;
  /** SHA-256 of the half of the derived secret that proves the password. */
  readonly proofHash?: Uint8Array;
}

export interface RoomSettings {
  readonly name: RoomName;
  readonly hidden: boolean;
  /** Days; 0: nothing is stored. */
  readonly retention: number;
  readonly password: PasswordSetting;
}

/**
 * A room at one version: settings and roster change only together with the version, so this never changes and may be
 * kept anywhere.
 */
export interface RoomView extends RoomSettings {
  readonly room: RoomId;
  readonly version: number;
  /** Sends prepared for versions below are refused. */
  readonly floor: number;
  /** Ascending by user id. */
  readonly members: readonly RosterMember[];
}

/** The room's record: the truth about the room, changed only by conditional updates on `version`. */
export interface RoomRecord extends RoomView {
  readonly folded: FoldedName;
  readonly createdAt: number;
  /** The room's clock may not pass this position before it is raised here. */
  readonly seqCeiling: number;
  /** At or below: an empty position is expired or void, and stays so. */
  readonly settledThrough: number;
}

export function memberOf(view: Pick<RoomView, 'members'>, user: UserId): RosterMember | undefined {
  let low = 0;
  let high = view.members.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const member = view.members[middle];
    if (member === undefined || member.user === user) return member;
    if (member.user < user) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** The members after one change, forwards; ascending by user id. */
export function applyChange(members: readonly RosterMember[], change: RosterChange): readonly RosterMember[] {
  return replaceMember(members, change.before?.user, change.after);
}

/** The members before one change. */
export function revertChange(
  members: readonly RosterMember[],
  change: RosterChange,
): readonly RosterMember[] {
  return replaceMember(members, change.after?.user, change.before);
}

function replaceMember(
  members: readonly RosterMember[],
  gone: UserId | undefined,
  come: RosterMember | undefined,
): readonly RosterMember[] {
  const rest = members.filter((member) => member.user !== gone && member.user !== come?.user);
  if (come === undefined) return rest;
  const at = rest.findIndex((member) => member.user > come.user);
  return at < 0 ? [...rest, come] : [...rest.slice(0, at), come, ...rest.slice(at)];
}
