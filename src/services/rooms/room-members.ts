import {
  effectsOf,
  memberOf,
  type RoomView,
  type RosterChange,
  type RosterMember,
} from '../../domain/roster.ts';
import type { RoomStore } from '../../ports/room-store.ts';
import type { MemberEntry } from '../../protocol/entities.ts';
import { isRefusal, type Refusal, refuse } from '../../protocol/error-reply.ts';
import { MEMBERS_PAGE_MAX } from '../../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../../protocol/requests.ts';
import type { IdentityBook } from '../accounts/identity-book.ts';
import type { Caller } from '../caller.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { LruMap } from '../lru-map.ts';
import { type ChangeRange, readChanges } from './change-reading.ts';
import type { RoomViews, ViewAt } from './room-views.ts';
import { memberEntry } from './roster-announcer.ts';

/** Stretches of a page of what changed: fewer than of a roster, which is read once, while anybody may ask for all changes again and again. */
const CHANGED_PAGE_MAX = 64;

/** Members in all pages of rosters that are kept: a version never changes, and many ask for the same one. */
export const PAGES_WEIGHT_MAX = 20_000;

/** A stretch of membership, and the version at which it ended. */
interface Stretch {
  readonly member: RosterMember;
  readonly left?: number;
}

/** Where a page begins, behind the version that all pages speak of. */
interface PageStart {
  readonly version: number;
  /** Without `since`: the last member of the page before. With it: the last version whose change is in a page before. */
  readonly after: string | number;
}

interface StretchPage {
  readonly stretches: readonly Stretch[];
  /** Absent: nothing follows. */
  readonly after?: string | number;
}

/** The key by which stretches are ordered: the user, then the version at which the stretch began. */
const keyOf = ({ user, since }: RosterMember): string => `${user}:${since.toString(16).padStart(14, '0')}`;

/** Pages of a roster at one version, whatever happens to the room between two pages. */
export class RoomMembers {
  readonly #views: RoomViews;
  readonly #rooms: RoomStore;
  readonly #identities: IdentityBook;
  readonly #kept = new LruMap<string, ReplyBody<'members'>>(PAGES_WEIGHT_MAX);

  constructor(views: RoomViews, rooms: RoomStore, identities: IdentityBook) {
    this.#views = views;
    this.#rooms = rooms;
    this.#identities = identities;
  }

  /** The same object for the same page of a roster: what was made of it once holds for all who ask. */
  async page(caller: Caller, body: RequestBody<'members'>): Promise<ReplyBody<'members'> | Refusal> {
    const start = body.cursor === undefined ? undefined : pageStart(body.cursor);
    if (body.cursor !== undefined && start === undefined) return refuse('bad_request', { message: 'cursor' });
    const current = (await this.#views.current(body.room))?.view;
    if (current === undefined || memberOf(current, caller.user) === undefined) return refuse('not_a_member');
    const version = start?.version ?? current.version;
    const after = start?.after;
    if (body.since === undefined) return this.#rosterPage(caller, current, version, after);
    const range = { since: body.since, through: version };
    return this.#reply(caller, version, await this.#changedSince(caller, current, range, after));
  }

  async #rosterPage(
    caller: Caller,
    current: RoomView,
    version: number,
    after: PageStart['after'] | undefined,
  ): Promise<ReplyBody<'members'> | Refusal> {
    const key = `${current.room}:${version}:${after ?? ''}`;
    const kept = version < current.floor ? undefined : this.#kept.get(key);
    if (kept !== undefined) return kept;
    const reply = await this.#reply(caller, version, await this.#membersAt(current, version, after));
    if (!isRefusal(reply)) this.#kept.set(key, reply, reply.members.length + 1);
    return reply;
  }

  async #reply(
    caller: Caller,
    version: number,
    page: StretchPage | Refusal,
  ): Promise<ReplyBody<'members'> | Refusal> {
    if (isRefusal(page)) return page;
    // A page is most of what this node makes for one request: documents of 200 members, and their encoding.
    await this.#views.turns.turn(caller.user);
    const members = await this.#entries(page.stretches);
    if (page.after === undefined) return { version, members };
    return { version, members, cursor: encodeCursor([version, page.after]) };
  }

  async #membersAt(
    current: RoomView,
    version: number,
    after: PageStart['after'] | undefined,
  ): Promise<StretchPage | Refusal> {
    if (typeof after === 'number') return beginAgain();
    const at = version === current.version ? current : viewIn(await this.#views.at(current.room, version));
    // The floor rose since the first page: the reader begins again, with the roster that holds now.
    if (at === undefined) return beginAgain();
    const rest = at.members.filter((member) => after === undefined || keyOf(member) > after);
    const page = rest.slice(0, MEMBERS_PAGE_MAX);
    const stretches = page.map((member) => ({ member }));
    const last = page.at(-1);
    return rest.length === page.length || last === undefined
      ? { stretches }
      : { stretches, after: keyOf(last) };
  }

  /** What fills a page, of as many changes as one request reads: a page may hold few stretches, or none, and have a next one. */
  async #changedSince(
    { user }: Caller,
    current: RoomView,
    { since, through }: ChangeRange,
    after: PageStart['after'] | undefined,
  ): Promise<StretchPage | Refusal> {
    // A cursor of a gateway before this one: it counted stretches.
    if (typeof after === 'string') return beginAgain();
    const gathered = new GatheredStretches();
    const range = { since: after ?? since, through: Math.min(through, current.version) };
    if (range.since >= range.through) return { stretches: [] };
    const done = await readChanges(
      this.#rooms,
      current.room,
      range,
      (change) => gathered.take(change),
      () => this.#views.turns.turn(user),
    );
    if (done === undefined)
      return refuse('conflict', { message: 'changes are not kept that long: ask without since' });
    const stretches = gathered.inOrder();
    return done >= range.through ? { stretches } : { stretches, after: done };
  }

  async #entries(stretches: readonly Stretch[]): Promise<readonly MemberEntry[]> {
    const found = await this.#identities.find(stretches.map(({ member }) => member));
    const entries: MemberEntry[] = [];
    for (const [index, { member, left }] of stretches.entries()) {
      const known = found[index];
      if (known === undefined) throw new TypeError('a member has no identity document in the store');
      entries.push(memberEntry(member, known, left));
    }
    return entries;
  }
}

/** Every stretch that changes began, ended, or gave another role, up to a page of them. */
class GatheredStretches {
  readonly #stretches = new Map<string, Stretch>();

  take(change: RosterChange): 'taken' | 'enough' {
    const touched = stretchesOf(change);
    const added = touched.filter(({ member }) => !this.#stretches.has(keyOf(member))).length;
    if (this.#stretches.size + added > CHANGED_PAGE_MAX) return 'enough';
    for (const stretch of touched) this.#stretches.set(keyOf(stretch.member), stretch);
    return 'taken';
  }

  /** Ascending by user and beginning. */
  inOrder(): readonly Stretch[] {
    return [...this.#stretches].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stretch]) => stretch);
  }
}

function stretchesOf(change: RosterChange): readonly Stretch[] {
  return effectsOf(change).flatMap(({ before, after }) => {
    const goesOn = before !== undefined && after !== undefined && before.since === after.since;
    return [
      ...(before === undefined || goesOn ? [] : [{ member: before, left: change.version }]),
      ...(after === undefined ? [] : [{ member: after }]),
    ];
  });
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
