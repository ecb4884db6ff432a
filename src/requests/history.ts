import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { currentMember } from '../core/current-member.ts';
import { gapsIn, type PositionSpan } from '../domain/position-span.ts';
import { keptMs, type RosterMember } from '../domain/roster.ts';
import type { PageBounds, PositionRow } from '../ports/message-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { HISTORY_BYTES_MAX } from '../protocol/limits.ts';
import type { StoredMessage } from '../protocol/message-requests.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Reads of the room for one page; a page of fewer messages than asked for says `more`. */
const READS_MAX = 3;
/** Rows read at a time at least: most of them may hold nothing for this reader. */
const ROWS_MIN = 64;

/** Positions below the head that appends may still be on their way to. */
const NEAR_HEAD = 256;
/** Appends under way get a moment to end: settling a position at once would push its append to another, and its sender to another try. In ms. */
const APPEND_GRACE_MS = 60;

/** Positions of a room that one reader may be told of: above `after`, up to and with `through`. */
interface Readable extends Pick<PageBounds, 'after' | 'through'> {
  readonly room: RoomId;
  readonly reader: UserId;
  readonly messagesKeptMs: number;
  readonly goneThrough: number;
  readonly head: number;
  readonly member: RosterMember;
}

/** Rows that speak for every position of the span. */
interface SpokenRows {
  readonly rows: readonly PositionRow[];
  readonly span: PositionSpan;
}

/**
 * Pages of a reader's own copies. Before a page says that there is nothing at a position, the position is settled: what
 * comes late is put elsewhere, behind.
 */
export const history = { history: page } satisfies Partial<UseCases>;

async function page(
  core: Core,
  caller: Caller,
  body: RequestBody<'history'>,
): Promise<ReplyBody<'history'> | Refusal> {
  const { room, after, before, limit } = body;
  if ((after === undefined) === (before === undefined) || limit === 0) {
    return refuse('bad_request', { message: 'history: either after or before, and a limit of 1 or more' });
  }
  const current = await currentMember(core, caller, room);
  if (isRefusal(current)) return current;
  const { view, head, member } = current;
  const { goneThrough = 0 } = view;
  const reader = { room, reader: caller.user, member, messagesKeptMs: keptMs(view), goneThrough };
  const readable = { ...reader, after: member.joined, through: head, head };
  return before === undefined
    ? forwards(core, readable, after ?? 0, limit)
    : backwards(core, readable, before, limit);
}

async function forwards(
  core: Core,
  readable: Readable,
  after: number,
  limit: number,
): Promise<ReplyBody<'history'>> {
  const { head } = readable;
  const page = new HistoryPage('ascending', limit);
  let through = Math.max(after, readable.after);
  if (readable.messagesKeptMs === 0) return page.reply(Math.max(through, head), false);
  for (let count = 0; count < READS_MAX && through < head && !page.isFull; count += 1) {
    const left = { ...readable, after: through };
    const { rows, span } = await settledRows(core, left, 'ascending', page.wanted);
    through = page.add(rows) ?? span.through;
  }
  return page.reply(through, through < head);
}

async function backwards(
  core: Core,
  readable: Readable,
  before: number,
  limit: number,
): Promise<ReplyBody<'history'>> {
  const lowest = Math.min(before, readable.after + 1);
  const page = new HistoryPage('descending', limit);
  if (readable.messagesKeptMs === 0) return page.reply(lowest, false);
  // The lowest position that the page speaks for so far; `before` itself is not among them yet.
  let down = Math.min(before, readable.through + 1);
  for (let count = 0; count < READS_MAX && down > lowest && !page.isFull; count += 1) {
    const left = { ...readable, through: down - 1 };
    const { rows, span } = await settledRows(core, left, 'descending', page.wanted);
    down = page.add(rows) ?? span.from;
  }
  return page.reply(down, down > lowest);
}

/** What is readable from one end on, settled. Covers at least one position of a span that is not empty. */
async function settledRows(
  core: Core,
  readable: Readable,
  order: PageBounds['order'],
  wanted: number,
): Promise<SpokenRows> {
  const { stores, settler } = core;
  const { room, messagesKeptMs, head } = readable;
  const limit = Math.max(ROWS_MIN, wanted);
  let found = await readRows(core, readable, order, limit);
  if (gapsIn(found.span, found.rows).length === 0) return found;
  const settledThrough = await stores.rooms.settledThrough(room);
  let open = unsettledIn(found, settledThrough);
  if ((open.at(-1)?.through ?? 0) > head - NEAR_HEAD) {
    await pause(APPEND_GRACE_MS);
    found = await readRows(core, readable, order, limit);
    open = unsettledIn(found, settledThrough);
  }
  if (open.length === 0) return found;
  const isEmpty = await settler.settle(room, open, messagesKeptMs);
  const { from, through } = found.span;
  if (from - 1 <= settledThrough) settler.noteSettled(room, through);
  if (isEmpty) return found;
  // What came before its position was settled is there now, between what it cut in two.
  const bounds = { ...readable, after: from - 1, through };
  return readRows(core, bounds, order, found.rows.length + open.length + ROWS_MIN);
}

async function livingRows(
  { stores, clock, epochs }: Core,
  { room, reader, member, messagesKeptMs, goneThrough }: Readable,
  bounds: PageBounds,
): Promise<readonly PositionRow[]> {
  const rows = await stores.messages.page(room, reader, bounds);
  const bornAfter = Math.max(goneThrough, clock.nowMs() - messagesKeptMs);
  const isOlder = (row: PositionRow, version: number): boolean =>
    row.kind === 'own' && row.epochVersion !== undefined && row.epochVersion < version;
  // New keys begin a stretch of membership as joining does, and end nobody's right to what was sealed before.
  const since = rows.some((row) => isOlder(row, member.since)) ? await epochs.joinedAt(room, member) : 0;
  return rows.map((row) =>
    isOlder(row, since) ? { seq: row.seq, kind: 'nothing' } : livingRow(row, bornAfter),
  );
}

/** One reading of the store, and the positions that it speaks for. */
async function readRows(
  core: Core,
  readable: Readable,
  order: PageBounds['order'],
  limit: number,
): Promise<SpokenRows> {
  const { after, through } = readable;
  const rows = await livingRows(core, readable, { after, through, order, limit });
  const span = { from: after + 1, through };
  const last = rows.at(-1);
  if (rows.length < limit || last === undefined) return { rows, span };
  if (order === 'ascending') return { rows, span: { ...span, through: last.seq } };
  return { rows, span: { ...span, from: firstOf(last) } };
}

/** What the room's present retention has ended is nothing, though the copy in the store still has the life it got. */
function livingRow(row: PositionRow, bornAfter: number): PositionRow {
  return row.kind === 'own' && row.at <= bornAfter ? { seq: row.seq, kind: 'nothing' } : row;
}

function unsettledIn({ rows, span }: SpokenRows, settledThrough: number): readonly PositionSpan[] {
  return gapsIn({ ...span, from: Math.max(span.from, settledThrough + 1) }, rows);
}

function firstOf(row: PositionRow): number {
  return row.kind === 'nothing' ? (row.from ?? row.seq) : row.seq;
}

type OwnRow = Extract<PositionRow, { readonly kind: 'own' }>;

/** One page of history while it is being filled, in either direction. */
class HistoryPage {
  readonly #order: PageBounds['order'];
  readonly #limit: number;
  readonly #messages: StoredMessage[] = [];
  #byteCount = 0;
  #isFull = false;

  constructor(order: PageBounds['order'], limit: number) {
    this.#order = order;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Messages that still fit. */
  get wanted(): number {
    return this.#limit - this.#messages.length;
  }

  /** Takes rows in the page's order. Undefined: all of them; else the last position that the page speaks for. */
  add(rows: readonly PositionRow[]): number | undefined {
    for (const row of rows) {
      if (row.kind === 'nothing') continue;
      const byteCount = row.header.length + row.ciphertext.length + row.wrap.length;
      if (this.#messages.length > 0 && this.#byteCount + byteCount > HISTORY_BYTES_MAX) {
        this.#isFull = true;
        return this.#order === 'ascending' ? row.seq - 1 : row.seq + 1;
      }
      this.#messages.push(storedMessage(row));
      this.#byteCount += byteCount;
      if (this.#messages.length === this.#limit) {
        this.#isFull = true;
        return row.seq;
      }
    }
    return undefined;
  }

  reply(through: number, more: boolean): ReplyBody<'history'> {
    const messages = this.#order === 'ascending' ? this.#messages : [...this.#messages].reverse();
    return { messages, through, more };
  }
}

function storedMessage({ seq, at, sender, header, ciphertext, wrap }: OwnRow): StoredMessage {
  return { seq, at, from: sender, header, ciphertext, wrap };
}
