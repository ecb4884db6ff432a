import type { Presence } from '../../ports/presence.ts';
import type { RoomStore, RoomSummary } from '../../ports/room-store.ts';
import { type Refusal, refuse } from '../../protocol/error-reply.ts';
import { ROOMS_PAGE_MAX } from '../../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../../protocol/requests.ts';
import type { Caller } from '../caller.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { inBatches } from '../in-batches.ts';
import type { WallClock } from '../service-parts.ts';
import { SingleFlight } from '../single-flight.ts';

/** Age that a snapshot may reach, in ms. */
export const SNAPSHOT_LIFE_MS = 2_000;
/** Rooms with someone online that are listed by their count; those beyond, the emptiest, come among the others. */
export const LISTED_ONLINE_MAX = 20_000;
const SUMMARIES_AT_ONCE = 1_000;
/** Reads of the store for one page, and rooms in each: those that are online are passed over. */
const SCANS_MAX = 4;
const SCAN_ROOMS = 2 * ROOMS_PAGE_MAX;

interface OnlineRoom {
  readonly summary: RoomSummary;
  readonly online: number;
}

interface Snapshot {
  readonly takenAtMs: number;
  /** Listed rooms with someone online: most online first, then by name. */
  readonly online: readonly OnlineRoom[];
  readonly names: ReadonlySet<string>;
  /** Users online anywhere. */
  readonly users: number;
}

/** The last room of the page before; online 0: it came from the store, by name. */
interface PageStart {
  readonly online: number;
  readonly name: string;
}

/**
 * The list of rooms: those with someone online from a snapshot, most online first, then all others from the store by
 * name. Pages of one listing may speak of several snapshots: a room whose count changes meanwhile may come twice or
 * not at all.
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
    const found = onlineAfter(snapshot, prefix, start).slice(0, ROOMS_PAGE_MAX + 1);
    let scannedTo: string | undefined;
    if (found.length <= ROOMS_PAGE_MAX) {
      const after = start?.online === 0 ? start.name : undefined;
      const others = await this.#others(snapshot, prefix, after, ROOMS_PAGE_MAX + 1 - found.length);
      found.push(...others.rooms);
      scannedTo = others.scannedTo;
    }
    const page = found.slice(0, ROOMS_PAGE_MAX);
    const rooms = page.map(({ summary: { name, members, hasPassword }, online }) => {
      return { name, online, members, password: hasPassword };
    });
    const total = snapshot.users;
    const last = page.at(-1);
    if (found.length > page.length && last !== undefined) {
      return { rooms, total, cursor: encodeCursor([last.online, last.summary.folded]) };
    }
    return scannedTo === undefined
      ? { rooms, total }
      : { rooms, total, cursor: encodeCursor([0, scannedTo]) };
  }

  /** Rooms that the snapshot does not list, by name; `scannedTo`: there are more behind this name. */
  async #others(
    snapshot: Snapshot,
    prefix: string,
    after: string | undefined,
    count: number,
  ): Promise<{ readonly rooms: readonly OnlineRoom[]; readonly scannedTo: string | undefined }> {
    const others: OnlineRoom[] = [];
    let scannedTo = after;
    for (let scan = 0; scan < SCANS_MAX && others.length < count; scan += 1) {
      const found = await this.#rooms.listed(prefix, scannedTo, SCAN_ROOMS);
      for (const summary of found) {
        if (!snapshot.names.has(summary.folded)) others.push({ summary, online: 0 });
      }
      scannedTo = found.at(-1)?.folded;
      if (found.length < SCAN_ROOMS) return { rooms: others.slice(0, count), scannedTo: undefined };
    }
    return { rooms: others.slice(0, count), scannedTo };
  }

  async #fresh(): Promise<Snapshot> {
    const kept = this.#snapshot;
    if (kept !== undefined && Math.abs(this.#clock.nowMs() - kept.takenAtMs) < SNAPSHOT_LIFE_MS) return kept;
    return this.#flights.run('snapshot', () => this.#take());
  }

  async #take(): Promise<Snapshot> {
    const takenAtMs = this.#clock.nowMs();
    const { rooms, users } = await this.#presence.directory();
    const most = [...rooms].sort((a, b) => b.online - a.online).slice(0, LISTED_ONLINE_MAX);
    const counts = new Map(most.map(({ room, online }) => [room, online]));
    const ids = [...counts.keys()];
    const parts = Array.from({ length: Math.ceil(ids.length / SUMMARIES_AT_ONCE) }, (_, index) =>
      ids.slice(index * SUMMARIES_AT_ONCE, (index + 1) * SUMMARIES_AT_ONCE),
    );
    const summaries = (await inBatches(parts, 4, (part) => this.#rooms.summaries(part))).flat();
    const online = summaries
      .filter(({ hidden }) => !hidden)
      .map((summary) => ({ summary, online: counts.get(summary.room) ?? 0 }))
      .filter((entry) => entry.online > 0)
      .sort(byOnlineThenName);
    const names = new Set<string>(online.map(({ summary }) => summary.folded));
    this.#snapshot = { takenAtMs, online, names, users };
    return this.#snapshot;
  }
}

function byOnlineThenName(a: OnlineRoom, b: OnlineRoom): number {
  if (a.online !== b.online) return b.online - a.online;
  return a.summary.folded < b.summary.folded ? -1 : 1;
}

function onlineAfter(snapshot: Snapshot, prefix: string, start: PageStart | undefined): OnlineRoom[] {
  if (start?.online === 0) return [];
  return snapshot.online.filter(({ summary: { folded }, online }) => {
    if (!folded.startsWith(prefix)) return false;
    if (start === undefined || online < start.online) return true;
    return online === start.online && folded > start.name;
  });
}

function pageStart(cursor: Uint8Array): PageStart | undefined {
  const [online, name] = decodeCursor(cursor) ?? [];
  if (typeof online !== 'number' || !Number.isSafeInteger(online) || typeof name !== 'string')
    return undefined;
  return { online, name };
}
