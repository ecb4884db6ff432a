import type { MessageId } from '../../../src/protocol/ids.ts';
import type { Echo, Entry, GapEntry, MessageEntry } from './entry.ts';
import type { KnownActions } from './known-actions.ts';

/** Entries of one room in memory; what is older is loaded again when somebody reads there. */
export const ENTRIES_MAX = 10_000;
/** While somebody reads far up, so many more may be loaded. Beyond it the newest go, and come back on the way down. */
export const ENTRIES_ANCHORED_MAX: number = 2 * ENTRIES_MAX;

/** What is loaded of a room: one unbroken stretch of its order. */
export interface Timeline {
  readonly entries: readonly Entry[];
  /** The stretch speaks for every position above this one. Positions begin at 1, so a stretch from 0 is complete. */
  readonly from: number;
  /** Nothing that can be read is older. */
  readonly complete: boolean;
  /** The newest were let go: the stretch ends at this position, and what comes is only counted. */
  readonly cutAfter: number | undefined;
  /** Own messages on their way, in the order in which they were sent. */
  readonly echoes: readonly Echo[];
  /** What was done to messages, also to those that are not loaded: it takes effect when they are. */
  readonly actions: KnownActions;
  /** The position of the newest action, which is no entry; 0: none came. */
  readonly lastAction: number;
  /** The last number that a file got, see EntryFile. */
  readonly lastFile: number;
}

type Positioned = MessageEntry | GapEntry;

/** Nothing is loaded; the stretch begins after position `head`. */
export function emptyTimeline(head: number): Timeline {
  return {
    ...{ entries: [], from: head, complete: head === 0, cutAfter: undefined, echoes: [] },
    ...{ actions: new Map(), lastAction: 0, lastFile: 0 },
  };
}

/** Nothing is loaded any more, to be loaded again; what happened besides messages is known here only, and stays. */
export function restarted({ entries, echoes, lastFile }: Timeline, head: number): Timeline {
  const events = entries.filter(({ kind }) => kind === 'event');
  return { ...emptyTimeline(head), entries: events, echoes, lastFile };
}

/** The position of the newest message that is loaded, or undefined. */
export function newestSeq({ entries }: Timeline): number | undefined {
  return entries.findLast((entry) => entry.kind !== 'event')?.seq;
}

/** What came live. `anchored`: somebody may read anywhere, so nothing old is dropped. */
export function withNewer(timeline: Timeline, came: readonly Entry[], anchored: boolean): Timeline {
  const ids = new Set(came.flatMap((entry) => (entry.kind === 'message' ? [entry.id] : [])));
  const echoes = timeline.echoes.filter(({ id }) => id === undefined || !ids.has(id));
  if (timeline.cutAfter !== undefined) return { ...timeline, echoes };
  const newest = newestSeq(timeline) ?? timeline.from;
  const fresh = came.filter((entry) => entry.kind === 'event' || isAfter(entry, newest, timeline.entries));
  const entries = [...timeline.entries, ...fresh];
  return withinCap({ ...timeline, entries, echoes }, anchored ? ENTRIES_ANCHORED_MAX : ENTRIES_MAX);
}

/** A gap stands right before the message that showed it, at the same position. */
function isAfter(entry: Positioned, newest: number, before: readonly Entry[]): boolean {
  if (entry.seq !== newest) return entry.seq > newest;
  return !before.some((other) => other.kind === entry.kind && other.seq === entry.seq);
}

/** A page of history that ends where the stretch begins. */
export function withOlder(
  timeline: Timeline,
  page: { readonly entries: readonly Entry[]; readonly through: number; readonly complete: boolean },
): Timeline {
  const older = page.entries.filter((entry) => entry.kind !== 'event' && entry.seq <= timeline.from);
  const entries = withEventsBetween(older, timeline.entries);
  const from = Math.min(timeline.from, Math.max(page.through - 1, 0));
  const whole: Timeline = { ...timeline, entries, from, complete: page.complete || from === 0 };
  if (entries.length <= ENTRIES_ANCHORED_MAX) return whole;
  const kept = entries.slice(0, ENTRIES_ANCHORED_MAX);
  const last = kept.findLast((entry) => entry.kind !== 'event');
  return { ...whole, entries: kept, cutAfter: last?.seq ?? from };
}

/** What happened before the oldest message that was loaded stands between the older ones by its time. */
function withEventsBetween(older: readonly Entry[], newer: readonly Entry[]): readonly Entry[] {
  const first = newer.findIndex(({ kind }) => kind !== 'event');
  const events = newer.slice(0, first < 0 ? newer.length : first);
  const entries: Entry[] = [];
  let next = 0;
  for (const entry of older) {
    for (let event = events[next]; event !== undefined && isEarlier(event, entry); event = events[next]) {
      entries.push(event);
      next += 1;
    }
    entries.push(entry);
  }
  return [...entries, ...newer.slice(next)];
}

function isEarlier(event: Entry, entry: Entry): boolean {
  return event.kind === 'event' && entry.kind === 'message' && event.at < entry.at;
}

function withinCap(timeline: Timeline, entriesMax: number): Timeline {
  const surplus = timeline.entries.length - entriesMax;
  if (surplus <= 0) return timeline;
  const dropped = timeline.entries.slice(0, surplus).findLast((entry) => entry.kind !== 'event');
  return {
    ...timeline,
    entries: timeline.entries.slice(surplus),
    from: dropped?.seq ?? timeline.from,
    complete: dropped === undefined && timeline.complete,
  };
}

export function withEcho(timeline: Timeline, echo: Echo): Timeline {
  return { ...timeline, echoes: [...timeline.echoes, echo] };
}

/** What becomes of an own message on its way. */
export type EchoChange = Partial<Pick<Echo, 'id' | 'state' | 'reason' | 'files'>>;

export function withEchoChange(timeline: Timeline, key: number, change: EchoChange): Timeline {
  const id = change.id;
  // The copy may have come back before the answer did.
  if (id !== undefined && timeline.entries.some((entry) => isMessage(entry, id)))
    return { ...timeline, echoes: timeline.echoes.filter((echo) => echo.key !== key) };
  const echoes = timeline.echoes.map((echo) => (echo.key === key ? { ...echo, ...change } : echo));
  return { ...timeline, echoes };
}

export function withoutEcho(timeline: Timeline, key: number): Timeline {
  return { ...timeline, echoes: timeline.echoes.filter((echo) => echo.key !== key) };
}

function isMessage(entry: Entry, id: MessageId): boolean {
  return entry.kind === 'message' && entry.id === id;
}

/** A page of history that goes on where the newest were let go. `more`: the room goes on after it. */
export function withCutPage(
  timeline: Timeline,
  page: { readonly entries: readonly Entry[]; readonly through: number; readonly more: boolean },
): Timeline {
  const cutAfter = timeline.cutAfter;
  if (cutAfter === undefined) return timeline;
  const newer = page.entries.filter((entry) => entry.kind !== 'event' && entry.seq > cutAfter);
  const entries = [...timeline.entries, ...newer];
  return withinCap(
    { ...timeline, entries, cutAfter: page.more ? page.through : undefined },
    ENTRIES_ANCHORED_MAX,
  );
}
