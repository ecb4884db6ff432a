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
import type { RoomViews } from './room-views.ts';
import { memberEntry } from './roster-announcer.ts';

/** A stretch of membership, and the version at which it ended. */
interface Stretch {
  readonly member: RosterMember;
  readonly left?: number;
}

/** Where a page begins: the version that all pages speak of, and the last stretch of the page before. */
interface PageStart {
  readonly version: number;
  readonly after: string;
}

/** The key by which stretches are ordered: the user, then the version at which the stretch began. */
const keyOf = ({ user, since }: RosterMember): string => `${user}:${since.toString(16).padStart(14, '0')}`;

/** Pages of a roster at one version, whatever happens to the room between two pages. */
export class RoomMembers {
  readonly #views: RoomViews;
  readonly #rooms: RoomStore;
  readonly #identities: IdentityBook;

  constructor(views: RoomViews, rooms: RoomStore, identities: IdentityBook) {
    this.#views = views;
    this.#rooms = rooms;
    this.#identities = identities;
  }

  async page(caller: Caller, body: RequestBody<'members'>): Promise<ReplyBody<'members'> | Refusal> {
    const start = body.cursor === undefined ? undefined : pageStart(body.cursor);
    if (body.cursor !== undefined && start === undefined) return refuse('bad_request', { message: 'cursor' });
    const current = (await this.#views.current(body.room))?.view;
    if (current === undefined || memberOf(current, caller.user) === undefined) return refuse('not_a_member');
    const version = start?.version ?? current.version;
    const stretches =
      body.since === undefined
        ? await this.#membersAt(current, version)
        : await this.#stretchesSince(current, body.since, version);
    if (isRefusal(stretches)) return stretches;
    const rest = stretches.filter(({ member }) => start === undefined || keyOf(member) > start.after);
    const page = rest.slice(0, MEMBERS_PAGE_MAX);
    const members = await this.#entries(page);
    const last = page.at(-1);
    if (rest.length === page.length || last === undefined) return { version, members };
    return { version, members, cursor: encodeCursor([version, keyOf(last.member)]) };
  }

  async #membersAt(current: RoomView, version: number): Promise<readonly Stretch[] | Refusal> {
    if (version === current.version) return current.members.map((member) => ({ member }));
    const at = await this.#views.at(current.room, version);
    // The floor rose since the first page: the reader begins again, with the roster that holds now.
    if (at.kind !== 'known')
      return refuse('conflict', { message: 'this roster version is over: begin again' });
    return at.known.view.members.map((member) => ({ member }));
  }

  async #stretchesSince(
    current: RoomView,
    since: number,
    version: number,
  ): Promise<readonly Stretch[] | Refusal> {
    if (since >= version) return [];
    const changes = await this.#rooms.changes(current.room, since);
    if (changes === undefined)
      return refuse('conflict', { message: 'changes are not kept that long: ask without since' });
    return stretchesOf(changes.filter((change) => change.version <= version));
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

/** Every stretch that the changes began, ended, or gave another role; ascending by user and beginning. */
export function stretchesOf(changes: readonly RosterChange[]): readonly Stretch[] {
  const stretches = new Map<string, Stretch>();
  for (const change of changes) {
    for (const { before, after } of effectsOf(change)) {
      const goesOn = before !== undefined && after !== undefined && before.since === after.since;
      if (before !== undefined && !goesOn)
        stretches.set(keyOf(before), { member: before, left: change.version });
      if (after !== undefined) stretches.set(keyOf(after), { member: after });
    }
  }
  return [...stretches].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stretch]) => stretch);
}

function pageStart(cursor: Uint8Array): PageStart | undefined {
  const [version, after] = decodeCursor(cursor) ?? [];
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || typeof after !== 'string')
    return undefined;
  return { version, after };
}
