import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { Presence } from '../ports/presence.ts';
import type { RoomStore, RoomSummary } from '../ports/room-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import { ROOMS_PAGE_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Age that a snapshot may reach, in ms. */
export const SNAPSHOT_LIFE_MS = 2_000;
/** Rooms with someone online that are listed by their count, or a few more; those beyond, the emptiest, come among the others. */
export const LISTED_ONLINE_MAX = 20_000;
/** Reads of the store for one page, of a page's rooms each: hidden ones, or those that came before, are passed over. */
const SCANS_MAX = 8;
/** Rooms of a snapshot that are looked at in one turn of the event loop. */
const ROOMS_A_TURN = 5_000;
const FIRST_BYTE_DIGITS = 2;
const BYTE_VALUES = 256;

interface ListedRoom {
  readonly summary: RoomSummary;
  readonly online: number;
}

/**
 * Rooms with as many users online as each other, whose ids begin with the same byte. They are put in order when a page
 * comes to them: most never are.
 */
interface OnlineGroup {
  readonly online: number;
  /** Two hexadecimal digits. */
  readonly firstByte: string;
  readonly rooms: RoomId[];
  isOrdered: boolean;
}

interface Snapshot {
  readonly takenAtMs: number;
  /** Most online first, then by the first byte. Hidden rooms are among them: nothing of the rooms themselves is read for it. */
  readonly groups: readonly OnlineGroup[];
  readonly counts: ReadonlyMap<RoomId, number>;
  /** Users online anywhere. */
  readonly users: number;
}

/** The last room that the page before looked at. `online` 0: by name, in the store; else by id, among those as visited. */
interface PageStart {
  readonly online: number;
  readonly key: string;
}

/** Part of a page. `next` absent: nothing follows it of its kind. */
interface Part {
  readonly rooms: readonly ListedRoom[];
  readonly next?: PageStart;
}

/**
 * The list of rooms: those with someone online from a snapshot of the presence, most online first, then all others from the
 * store by name; with a prefix all by name. Rooms themselves are read only for the page that is asked for, so a page may
 * be short, or empty, and have a next one. Pages of one listing may speak of several snapshots: a room whose count
 * changes meanwhile may come twice or not at all.
 */
export class RoomDirectory {
  readonly #presence: Pick<Presence, 'directory'>;
  readonly #rooms: RoomStore;
  readonly #clock: WallClock;
  readonly #flights = new SingleFlight<'snapshot', Snapshot>();
  #snapshot: Snapshot | undefined;

  constructor(presence: Pick<Presence, 'directory'>, rooms: RoomStore, clock: WallClock) {
    this.#presence = presence;
    this.#rooms = rooms;
    this.#clock = clock;
  }

  async list(_caller: Caller, body: RequestBody<'rooms'>): Promise<ReplyBody<'rooms'> | Refusal> {
    const start = body.cursor === undefined ? undefined : pageStart(body.cursor);
    if (body.cursor !== undefined && start === undefined) return refuse('bad_request', { message: 'cursor' });
    const prefix = (body.prefix ?? '').toLowerCase();
    if (!/^[a-z0-9]*$/.test(prefix))
      return refuse('bad_request', { message: 'prefix: ASCII letters and digits' });
    const snapshot = await this.#fresh();
    const { rooms, next } =
      prefix === '' ? await this.#all(snapshot, start) : await this.#named(snapshot, prefix, start);
    const total = snapshot.users;
    const listed = rooms.map(({ summary: { name, members, hasPassword }, online }) => {
      return { name, online, members, password: hasPassword };
    });
    if (next === undefined) return { rooms: listed, total };
    return { rooms: listed, total, cursor: encodeCursor([next.online, next.key]) };
  }

  async #all(snapshot: Snapshot, start: PageStart | undefined): Promise<Part> {
    const visited: Part = start?.online === 0 ? { rooms: [] } : await this.#visited(snapshot, start);
    if (visited.next !== undefined) return visited;
    const room = ROOMS_PAGE_MAX - visited.rooms.length;
    // Full to the last: the others begin with the next page.
    if (room === 0) return { rooms: visited.rooms, next: { online: 0, key: '' } };
    const after = start?.online === 0 ? start.key : undefined;
    const isOther = (summary: RoomSummary): boolean => !snapshot.counts.has(summary.room);
    const others = await this.#byName({ prefix: '', after, most: room }, isOther);
    return { ...others, rooms: [...visited.rooms, ...others.rooms] };
  }

  async #named(snapshot: Snapshot, prefix: string, start: PageStart | undefined): Promise<Part> {
    const after = start?.online === 0 ? start.key : undefined;
    const { rooms, next } = await this.#byName({ prefix, after, most: ROOMS_PAGE_MAX }, () => true);
    const counted = rooms.map(({ summary }) => {
      return { summary, online: snapshot.counts.get(summary.room) ?? 0 };
    });
    return { rooms: counted, ...(next !== undefined && { next }) };
  }

  /** Rooms with someone online, from behind `start` on. */
  async #visited(snapshot: Snapshot, start: PageStart | undefined): Promise<Part> {
    const found: ListedRoom[] = [];
    let last = start;
    for (let scan = 0; scan < SCANS_MAX && found.length < ROOMS_PAGE_MAX; scan += 1) {
      if (scan > 0) await nextTurn();
      const ids = idsBehind(snapshot, last, ROOMS_PAGE_MAX);
      const summaries = await this.#rooms.summaries(ids);
      const byId = new Map(summaries.map((summary) => [summary.room, summary]));
      for (const room of ids) {
        if (found.length === ROOMS_PAGE_MAX) break;
        const online = snapshot.counts.get(room) ?? 0;
        last = { online, key: room };
        const summary = byId.get(room);
        if (summary?.hidden === false) found.push({ summary, online });
      }
      const end = ids.at(-1);
      const isEnd = ids.length < ROOMS_PAGE_MAX && (end === undefined || end === last?.key);
      if (isEnd) return { rooms: found.sort(byOnlineThenName) };
    }
    return { rooms: found.sort(byOnlineThenName), ...(last !== undefined && { next: last }) };
  }

  /** Listed rooms by name, but for those that are not wanted. */
  async #byName(
    range: { readonly prefix: string; readonly after: string | undefined; readonly most: number },
    isWanted: (summary: RoomSummary) => boolean,
  ): Promise<Part> {
    const { prefix, most } = range;
    const rooms: ListedRoom[] = [];
    let after = range.after;
    for (let scan = 0; scan < SCANS_MAX; scan += 1) {
      if (scan > 0) await nextTurn();
      const found = await this.#rooms.listed(prefix, after, ROOMS_PAGE_MAX);
      for (const [index, summary] of found.entries()) {
        after = summary.folded;
        if (isWanted(summary)) rooms.push({ summary, online: 0 });
        const isLast = index === found.length - 1 && found.length < ROOMS_PAGE_MAX;
        if (rooms.length === most && !isLast) return { rooms, next: { online: 0, key: after } };
      }
      if (found.length < ROOMS_PAGE_MAX) return { rooms };
    }
    return { rooms, ...(after !== undefined && { next: { online: 0, key: after } }) };
  }

  async #fresh(): Promise<Snapshot> {
    const kept = this.#snapshot;
    if (kept !== undefined && Math.abs(this.#clock.nowMs() - kept.takenAtMs) < SNAPSHOT_LIFE_MS) return kept;
    return this.#flights.run('snapshot', () => this.#take());
  }

  async #take(): Promise<Snapshot> {
    const takenAtMs = this.#clock.nowMs();
    const { rooms, users } = await this.#presence.directory();
    const found = new Map<number, OnlineGroup>();
    for (const [index, { room, online }] of rooms.entries()) {
      if (index % ROOMS_A_TURN === ROOMS_A_TURN - 1) await nextTurn();
      if (online <= 0) continue;
      const firstByte = room.slice(0, FIRST_BYTE_DIGITS);
      const place = online * BYTE_VALUES + Number.parseInt(firstByte, 16);
      const group = found.get(place);
      if (group === undefined) found.set(place, { online, firstByte, rooms: [room], isOrdered: false });
      else group.rooms.push(room);
    }
    const groups: OnlineGroup[] = [];
    const counts = new Map<RoomId, number>();
    let inTurnSince = 0;
    for (const group of [...found.values()].sort(byOnlineThenByte)) {
      if (counts.size >= LISTED_ONLINE_MAX) break;
      if (counts.size >= inTurnSince + ROOMS_A_TURN) {
        await nextTurn();
        inTurnSince = counts.size;
      }
      for (const room of group.rooms) counts.set(room, group.online);
      groups.push(group);
    }
    this.#snapshot = { takenAtMs, groups, counts, users };
    return this.#snapshot;
  }
}

/** At most so many rooms from behind `start` on. */
function idsBehind({ groups }: Snapshot, start: PageStart | undefined, most: number): readonly RoomId[] {
  const ids: RoomId[] = [];
  for (const group of groups) {
    if (start !== undefined && isBefore(group, start)) continue;
    if (ids.length === most) break;
    if (!group.isOrdered) group.rooms.sort();
    group.isOrdered = true;
    const from = group.online === start?.online ? firstBehind(group.rooms, start.key) : 0;
    ids.push(...group.rooms.slice(from, from + most - ids.length));
  }
  return ids;
}

function isBefore({ online, firstByte }: OnlineGroup, start: PageStart): boolean {
  return (
    online > start.online || (online === start.online && firstByte < start.key.slice(0, FIRST_BYTE_DIGITS))
  );
}

function byOnlineThenByte(a: OnlineGroup, b: OnlineGroup): number {
  if (a.online !== b.online) return b.online - a.online;
  return a.firstByte < b.firstByte ? -1 : 1;
}

/** The place of the first id above this one, found by halves. */
function firstBehind(ids: readonly RoomId[], key: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? '') > key) high = middle;
    else low = middle + 1;
  }
  return low;
}

function byOnlineThenName(a: ListedRoom, b: ListedRoom): number {
  if (a.online !== b.online) return b.online - a.online;
  return a.summary.folded < b.summary.folded ? -1 : 1;
}

function pageStart(cursor: Uint8Array): PageStart | undefined {
  const [online, key] = decodeCursor(cursor) ?? [];
  if (typeof online !== 'number' || !Number.isSafeInteger(online) || typeof key !== 'string')
    return undefined;
  return { online, key };
}
