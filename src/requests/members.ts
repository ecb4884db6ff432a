import type { Caller } from '../core/caller.ts';
import { type ChangeRange, readChanges } from '../core/change-reading.ts';
import type { Core, UseCases } from '../core/core.ts';
import { currentMember } from '../core/current-member.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import { memberEntry } from '../core/room-announcer.ts';
import type { RoomViews, ViewAt } from '../core/room-views.ts';
import { effectsOf, type RoomView, type RosterChange, type RosterMember } from '../domain/roster.ts';
import type { FormerRole, MemberEntry } from '../protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { FORMER_ROLES_PAGE_MAX, MEMBERS_PAGE_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Intervals of a page of what changed: fewer than of a roster, which is read once, while anybody may ask for all changes again and again. */
const CHANGED_PAGE_MAX = 64;

/** An interval of membership, and the version at which it ended. */
interface Interval {
  readonly member: RosterMember;
  readonly left?: number;
}

/** Where a page begins, behind the version that all pages speak of. */
interface PageStart {
  readonly version: number;
  /** Without `since`: the last member of the page before. With it: the last version whose change is in a page before. */
  readonly after: string | number;
}

interface IntervalPage {
  readonly intervals: readonly Interval[];
  /** Absent: none ended. */
  readonly roles?: readonly FormerRole[];
  /** Absent: nothing follows. */
  readonly after?: string | number;
}

/** The key by which intervals are ordered: the user, then the version at which the interval began. */
const keyOf = ({ user, since }: RosterMember): string => `${user}:${since.toString(16).padStart(14, '0')}`;

/** Pages of a roster at one version, whatever happens to the room between two pages. */
export const members = { members: page } satisfies Partial<UseCases>;

async function page(
  core: Core,
  caller: Caller,
  body: RequestBody<'members'>,
): Promise<ReplyBody<'members'> | Refusal> {
  const start = body.cursor === undefined ? undefined : pageStart(body.cursor);
  if (body.cursor !== undefined && start === undefined) return refuse('bad_request', { message: 'cursor' });
  const current = await currentMember(core, caller, body.room);
  if (isRefusal(current)) return current;
  const { view } = current;
  const version = start?.version ?? view.version;
  const after = start?.after;
  if (body.since === undefined) return rosterPage(core, caller, view, { version, after });
  const range = { since: body.since, through: version };
  return reply(core, caller, version, await changedSince(core, caller, view, range, after));
}

/** The same object for the same page of a roster: what was encoded of it once serves all who ask. */
async function rosterPage(
  core: Core,
  caller: Caller,
  current: RoomView,
  { version, after }: Pick<PageStart, 'version'> & { readonly after: PageStart['after'] | undefined },
): Promise<ReplyBody<'members'> | Refusal> {
  const { views, memberPages } = core;
  const key = `${current.room}:${version}:${after ?? ''}`;
  const kept = version < current.floor ? undefined : memberPages.get(key);
  if (kept !== undefined) return kept;
  const made = await reply(core, caller, version, await membersAt(views, current, version, after));
  if (!isRefusal(made)) memberPages.set(key, made, { size: made.members.length + 1 });
  return made;
}

async function reply(
  core: Core,
  caller: Caller,
  version: number,
  found: IntervalPage | Refusal,
): Promise<ReplyBody<'members'> | Refusal> {
  if (isRefusal(found)) return found;
  // A page is most of what this node makes for one request: documents of 200 members, and their encoding.
  await core.views.turns.turn(caller.user);
  const entries = await memberEntries(core, found.intervals);
  const { after, roles } = found;
  return {
    ...{ version, members: entries },
    ...(roles !== undefined && { roles }),
    ...(after !== undefined && { cursor: encodeCursor([version, after]) }),
  };
}

async function membersAt(
  views: RoomViews,
  current: RoomView,
  version: number,
  after: PageStart['after'] | undefined,
): Promise<IntervalPage | Refusal> {
  if (typeof after === 'number') return beginAgain();
  const at = version === current.version ? current : viewIn(await views.at(current.room, version));
  // The floor rose since the first page: the reader begins again, with the roster that holds now.
  if (at === undefined) return beginAgain();
  const rest = at.members.filter((member) => after === undefined || keyOf(member) > after);
  const listed = rest.slice(0, MEMBERS_PAGE_MAX);
  const intervals = listed.map((member) => ({ member }));
  const last = listed.at(-1);
  return rest.length === listed.length || last === undefined
    ? { intervals }
    : { intervals, after: keyOf(last) };
}

/** What fills a page, of as many changes as one request reads: a page may hold few intervals, or none, and have a next one. */
async function changedSince(
  { views, stores }: Core,
  { user }: Caller,
  current: RoomView,
  { since, through }: ChangeRange,
  after: PageStart['after'] | undefined,
): Promise<IntervalPage | Refusal> {
  // A cursor of an older gateway, which counted intervals.
  if (typeof after === 'string') return beginAgain();
  const changed = new ChangedIntervals();
  const range = { since: after ?? since, through: Math.min(through, current.version) };
  if (range.since >= range.through) return { intervals: [] };
  const done = await readChanges(
    stores.rooms,
    current.room,
    range,
    (change) => changed.take(change),
    () => views.turns.turn(user),
  );
  if (done === undefined)
    return refuse('conflict', { message: 'changes are not kept that long: ask without since' });
  const { roles } = changed;
  return {
    intervals: changed.inOrder(),
    ...(roles.length > 0 && { roles }),
    ...(done < range.through && { after: done }),
  };
}

async function memberEntries(
  { identities }: Core,
  intervals: readonly Interval[],
): Promise<readonly MemberEntry[]> {
  const found = await identities.find(intervals.map(({ member }) => member));
  const entries: MemberEntry[] = [];
  for (const [index, { member, left }] of intervals.entries()) {
    const known = found[index];
    if (known === undefined) throw new TypeError('a member has no identity document in the store');
    entries.push(memberEntry(member, known, left));
  }
  return entries;
}

/** Every interval that changes began, ended, or gave another role, and the roles that these ended, up to a page of either. */
class ChangedIntervals {
  readonly roles: FormerRole[] = [];
  readonly #intervals = new Map<string, Interval>();

  take(change: RosterChange): 'taken' | 'enough' {
    const touched = intervalsOf(change);
    const added = touched.filter(({ member }) => !this.#intervals.has(keyOf(member))).length;
    const ended = rolesEndedBy(change);
    if (this.#intervals.size + added > CHANGED_PAGE_MAX) return 'enough';
    if (this.roles.length + ended.length > FORMER_ROLES_PAGE_MAX) return 'enough';
    this.roles.push(...ended);
    for (const interval of touched) this.#intervals.set(keyOf(interval.member), interval);
    return 'taken';
  }

  /** Ascending by user and beginning. */
  inOrder(): readonly Interval[] {
    return [...this.#intervals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, interval]) => interval);
  }
}

function intervalsOf(change: RosterChange): readonly Interval[] {
  return effectsOf(change).flatMap(({ before, after }) => {
    const goesOn = before !== undefined && after !== undefined && before.since === after.since;
    return [
      ...(before === undefined || goesOn ? [] : [{ member: before, left: change.version }]),
      ...(after === undefined ? [] : [{ member: after }]),
    ];
  });
}

function rolesEndedBy(change: RosterChange): readonly FormerRole[] {
  return effectsOf(change).flatMap(({ before, after }) =>
    before === undefined || after === undefined || before.role === after.role
      ? []
      : [{ user: before.user, role: before.role, until: change.version }],
  );
}

function viewIn(at: ViewAt): RoomView | undefined {
  return at.kind === 'known' ? at.known.view : undefined;
}

function beginAgain(): Refusal {
  return refuse('conflict', { message: 'this roster version is over: begin again' });
}

function pageStart(cursor: Uint8Array): PageStart | undefined {
  const [version, after] = decodeCursor(cursor) ?? [];
  if (!isVersion(version) || !(typeof after === 'string' || isVersion(after))) return undefined;
  return { version, after };
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
