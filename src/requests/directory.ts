import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import { FIRST_BYTE_DIGITS, type OnlineGroup, type OnlineSnapshot } from '../core/online-rooms.ts';
import type { StoreBackend } from '../ports/backend.ts';
import type { RoomStore, RoomSummary } from '../ports/room-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import { ROOMS_PAGE_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Reads of the store for one page, of a page's rooms each: hidden ones, or those that came before, are passed over. */
const SCANS_MAX = 8;

interface ListedRoom {
  readonly summary: RoomSummary;
  readonly online: number;
}

/** The last room that the page before looked at. `online` 0: by name, in the store; else by id, among those with as many online. */
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
export const directory = { rooms: list } satisfies Partial<UseCases>;

type DirectoryParts = Pick<Core, 'onlineRooms'> & { readonly stores: Pick<StoreBackend, 'rooms'> };

async function list(
  { stores, onlineRooms }: DirectoryParts,
  _caller: Caller,
  body: RequestBody<'rooms'>,
): Promise<ReplyBody<'rooms'> | Refusal> {
  const start = body.cursor === undefined ? undefined : pageStart(body.cursor);
  if (body.cursor !== undefined && start === undefined) return refuse('bad_request', { message: 'cursor' });
  const prefix = (body.prefix ?? '').toLowerCase();
  if (!/^[a-z0-9]*$/.test(prefix))
    return refuse('bad_request', { message: 'prefix: ASCII letters and digits' });
  const snapshot = await onlineRooms.recent();
  const { rooms, next } =
    prefix === ''
      ? await pageOfAll(stores.rooms, snapshot, start)
      : await pageNamed(stores.rooms, snapshot, prefix, start);
  const total = snapshot.users;
  const listed = rooms.map(({ summary: { name, members, hasPassword, suite }, online }) => {
    return { name, online, members, password: hasPassword, ...(suite !== undefined && { suite }) };
  });
  if (next === undefined) return { rooms: listed, total };
  return { rooms: listed, total, cursor: encodeCursor([next.online, next.key]) };
}

async function pageOfAll(
  store: RoomStore,
  snapshot: OnlineSnapshot,
  start: PageStart | undefined,
): Promise<Part> {
  const online: Part = start?.online === 0 ? { rooms: [] } : await onlinePart(store, snapshot, start);
  if (online.next !== undefined) return online;
  const room = ROOMS_PAGE_MAX - online.rooms.length;
  // Full to the last: the others begin with the next page.
  if (room === 0) return { rooms: online.rooms, next: { online: 0, key: '' } };
  const after = start?.online === 0 ? start.key : undefined;
  const isOther = (summary: RoomSummary): boolean => !snapshot.counts.has(summary.room);
  const others = await byName(store, { prefix: '', after, most: room }, isOther);
  return { ...others, rooms: [...online.rooms, ...others.rooms] };
}

async function pageNamed(
  store: RoomStore,
  snapshot: OnlineSnapshot,
  prefix: string,
  start: PageStart | undefined,
): Promise<Part> {
  const after = start?.online === 0 ? start.key : undefined;
  const { rooms, next } = await byName(store, { prefix, after, most: ROOMS_PAGE_MAX }, () => true);
  const counted = rooms.map(({ summary }) => {
    return { summary, online: snapshot.counts.get(summary.room) ?? 0 };
  });
  return { rooms: counted, ...(next !== undefined && { next }) };
}

/** Rooms with someone online, from behind `start` on. */
async function onlinePart(
  store: RoomStore,
  snapshot: OnlineSnapshot,
  start: PageStart | undefined,
): Promise<Part> {
  const found: ListedRoom[] = [];
  let last = start;
  for (let scan = 0; scan < SCANS_MAX && found.length < ROOMS_PAGE_MAX; scan += 1) {
    if (scan > 0) await nextTurn();
    const ids = idsBehind(snapshot, last, ROOMS_PAGE_MAX);
    const summaries = await store.summaries(ids);
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
async function byName(
  store: RoomStore,
  range: { readonly prefix: string; readonly after: string | undefined; readonly most: number },
  isWanted: (summary: RoomSummary) => boolean,
): Promise<Part> {
  const { prefix, most } = range;
  const rooms: ListedRoom[] = [];
  let after = range.after;
  for (let scan = 0; scan < SCANS_MAX; scan += 1) {
    if (scan > 0) await nextTurn();
    const found = await store.listed(prefix, after, ROOMS_PAGE_MAX);
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

/** At most so many rooms from behind `start` on. */
function idsBehind(
  { groups }: OnlineSnapshot,
  start: PageStart | undefined,
  most: number,
): readonly RoomId[] {
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
