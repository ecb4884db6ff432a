import type { DirectRoom, Role } from '../protocol/entities.ts';
import type { RoomId, UserId, UserPair } from '../protocol/ids.ts';
import { SUITE_FIRST } from '../protocol/limits.ts';
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

/** `settings`: of the room itself, its bans among them. `banned`: kicked, and banned by the same step. */
export type RosterChangeKind = 'joined' | 'left' | 'kicked' | 'banned' | 'role' | 'identity' | 'settings';

/** The kinds that end a membership, as `room-gone` names them. */
export type EndingKind = 'left' | 'kicked' | 'banned';

export function endsMembership(kind: RosterChangeKind): kind is EndingKind {
  return kind === 'left' || kind === 'kicked' || kind === 'banned';
}

/** What one version changed. Versions are consecutive, so changes lead from any version to any other. */
export interface RosterChange {
  readonly version: number;
  readonly kind: RosterChangeKind;
  /** The member as it was before, when it left or changed. */
  readonly before?: RosterMember;
  /** The member as it is from this version on, when it joined or changed. */
  readonly after?: RosterMember;
  /** With kind `role`, when the room got a new owner: the one before, as it was. It is a moderator from this version on. */
  readonly formerOwner?: RosterMember;
  /** Milliseconds since 1970: changes are kept as long as copies made under them. */
  readonly at: number;
}

/** Number 0: the room has no password, and salt and proofHash are absent. */
export interface PasswordSetting {
  readonly number: number;
  /** The last number used, where that is another: removing a password uses one up, so that none comes a second time. */
  readonly last?: number;
  readonly salt?: Uint8Array;
  /** SHA-256 of the half of the derived secret that proves the password. */
  readonly proofHash?: Uint8Array;
}

/** A direct room: only these two can be its members, and neither has more rights than the other. Never changes. */
export interface DirectPair extends UserPair {
  /** Counts the direct rooms of the pair from 1. */
  readonly generation: number;
}

export interface RoomSettings {
  readonly name: RoomName;
  readonly hidden: boolean;
  /** Days; 0: nothing is stored. */
  readonly retention: number;
  /** Where it is no whole number of days: `retention` is this in days, rounded up. */
  readonly retentionHours?: number;
  /** Milliseconds since 1970: copies accepted up to then ended under an earlier retention, and no longer one brings them back. */
  readonly goneThrough?: number;
  readonly password: PasswordSetting;
  /** The layout of its messages' headers, which only rises; absent: 1. */
  readonly header?: number;
  /** Only rises; absent: 1. */
  readonly suite?: number;
  readonly direct?: DirectPair;
  /** How long messages stay by default, as an owner signed it; absent: no owner ever did. It is passed on, and never goes. */
  readonly life?: Uint8Array;
}

export const DAY_MS: number = 24 * 60 * 60 * 1_000;

const HOUR_MS = 60 * 60 * 1_000;
const DAY_HOURS = 24;

type Retention = Pick<RoomSettings, 'retention' | 'retentionHours'>;

/** How long messages are stored; 0: not at all. */
export function keptMs(setting: Retention): number {
  const { retention, retentionHours } = retentionOf(setting);
  return retentionHours === undefined ? retention * DAY_MS : retentionHours * HOUR_MS;
}

/** Without hours that are not of these days: a gateway of an earlier release changed the days and left them. */
export function retentionOf({ retention, retentionHours: hours }: Retention): Retention {
  const fits = hours !== undefined && Math.ceil(hours / DAY_HOURS) === retention;
  return fits ? { retention, retentionHours: hours } : { retention };
}

/** What a request sets, in its one form; undefined: its hours do not belong to its days. */
export function retentionSetting(days: number, hours: number | undefined): Retention | undefined {
  if (hours === undefined) return { retention: days };
  if (Math.ceil(hours / DAY_HOURS) !== days) return undefined;
  return hours % DAY_HOURS === 0 ? { retention: days } : { retention: days, retentionHours: hours };
}

/** The settings alone. */
export function settingsOf(room: RoomSettings): RoomSettings {
  const { name, hidden, goneThrough, password, direct, life } = room;
  return {
    ...{ name, hidden, ...retentionOf(room), password },
    ...(goneThrough !== undefined && { goneThrough }),
    ...formatSettings(room),
    ...(direct !== undefined && { direct }),
    ...(life !== undefined && { life }),
  };
}

/** Records say nothing of layout 1 and of suite 1, as those that were written before there were others. */
export function formatSettings({
  header = 1,
  suite = 1,
}: {
  readonly header?: number | undefined;
  readonly suite?: number | undefined;
}): Pick<RoomSettings, 'header' | 'suite'> {
  return { ...(header !== 1 && { header }), ...(suite !== 1 && { suite }) };
}

/**
 * Whether what was prepared under the former settings, a message or a join, does not fit the later ones: such a change raises the
 * floor. With the retention among them, no node stores a copy for the old number of days after the change.
 */
export function isPreparedOtherwise(former: RoomSettings, later: RoomSettings): boolean {
  return (
    keptMs(former) !== keptMs(later) ||
    former.password !== later.password ||
    former.header !== later.header ||
    former.suite !== later.suite
  );
}

/** Whether this user may be a member, as far as the room is a direct room. */
export function isOpenTo({ direct }: Pick<RoomSettings, 'direct'>, user: UserId): boolean {
  return direct === undefined || user === direct.low || user === direct.high;
}

/** What one of the two is told of a direct room. */
export function directFor({ low, high, generation }: DirectPair, user: UserId): DirectRoom {
  return { user: user === low ? high : low, generation };
}

/** Messages of this room are sealed under epochs. */
export function hasEpochs({ suite = SUITE_FIRST }: Pick<RoomSettings, 'suite'>): boolean {
  return suite > SUITE_FIRST;
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
  /** Who may not join, ascending by user id; at most ROOM_BANS_MAX. Never members. */
  readonly bans: readonly UserId[];
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

/** One member as a change found it and as it left it. */
export interface MemberEffect {
  readonly before?: RosterMember;
  readonly after?: RosterMember;
}

/** What a change did to members: to one, to nobody (settings), or to two at once when the room got a new owner. */
export function effectsOf({ before, after, formerOwner }: RosterChange): readonly MemberEffect[] {
  const effects: MemberEffect[] = [];
  if (before !== undefined || after !== undefined) {
    effects.push({ ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
  }
  if (formerOwner !== undefined)
    effects.push({ before: formerOwner, after: { ...formerOwner, role: 'moderator' } });
  return effects;
}

/** The members after one change, forwards; ascending by user id. */
export function applyChange(members: readonly RosterMember[], change: RosterChange): readonly RosterMember[] {
  return effectsOf(change).reduce(
    (rest, { before, after }) => replaceMember(rest, before?.user, after),
    members,
  );
}

/** The members before one change. */
export function revertChange(
  members: readonly RosterMember[],
  change: RosterChange,
): readonly RosterMember[] {
  return effectsOf(change).reduce(
    (rest, { before, after }) => replaceMember(rest, after?.user, before),
    members,
  );
}

/** Ascending by user id. */
export function updatedBans(
  bans: readonly UserId[],
  step: { readonly add: UserId } | { readonly remove: UserId },
): readonly UserId[] {
  const user = 'add' in step ? step.add : step.remove;
  const rest = bans.filter((banned) => banned !== user);
  return 'add' in step ? [...rest, user].sort() : rest;
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
