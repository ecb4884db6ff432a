import type { PositionSpan } from '../../domain/position-span.ts';
import {
  type AppendOutcome,
  type CopyLife,
  type MessageStore,
  type NewMessage,
  NOBODY,
  type PageBounds,
  type PositionRow,
} from '../../ports/message-store.ts';
import type { Schema } from '../../ports/schema.ts';
import { idBytes, type MessageId, type RoomId, type UserId } from '../../protocol/ids.ts';
import type { LmdbLink } from './lmdb-link.ts';
import { type CopyRows, copiesAt, copyFor, copyRows, putCopies } from './message-copies.ts';
import { decodePosition, encodeMessage } from './message-row.ts';
import { removeChanges } from './roster-log.ts';
import { SCHEMA_WITH_CHUNKS } from './schema-number.ts';
import { isSettled, purgeSpans, settleSpan, spansBetween } from './settled-spans.ts';
import { endOf, keyOf, NOTHING, numberAt } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { moveExpiry, removePosition } from './stored-positions.ts';
import { StoredRowFault } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const nobody = Buffer.from(idBytes(NOBODY));
const SEQ_OFFSET = 16;
/** Positions removed in one commit. */
const PURGE_STEP_MAX = 500;
/** Messages that get another expiry in one commit: each is written anew. */
const REEXPIRE_STEP_MAX = 100;

interface PreparedMessage {
  readonly idKey: Buffer;
  readonly positionKey: Buffer;
  readonly expiryKey: Buffer;
  readonly room: RoomId;
  readonly seq: number;
  readonly row: Buffer;
  readonly copies: CopyRows;
}

export class LmdbMessageStore implements MessageStore {
  readonly #link: LmdbLink;
  readonly #now: () => number;
  readonly #schema: Pick<Schema, 'inForce'>;

  constructor(link: LmdbLink, now: () => number, schema: Pick<Schema, 'inForce'>) {
    this.#link = link;
    this.#now = now;
    this.#schema = schema;
  }

  async append(messages: readonly NewMessage[]): Promise<readonly AppendOutcome[]> {
    // Before the first pause: from here on the caller may do with its bytes what it likes.
    const mayChunk = this.#schema.inForce() >= SCHEMA_WITH_CHUNKS;
    const prepared = messages.map((message) => prepare(message, mayChunk));
    return this.#link.write('append', (view) => prepared.map((each) => appendOne(view, each)));
  }

  async find(room: RoomId, sender: UserId, messageId: MessageId): Promise<NewMessage | undefined> {
    return this.#link.read('find_message', (reader) => {
      const seqRow = reader.get('message-ids', keyOf(room, sender, messageId));
      if (seqRow === undefined) return undefined;
      const seq = numberAt(seqRow, 0);
      const key = keyOf(room, seq);
      const row = reader.get('messages', key);
      if (row === undefined) throw new StoredRowFault('a message id leads to no message');
      const stored = decodePosition(row);
      if (stored.kind === 'void' || stored.expiresAt <= this.#now()) return undefined;
      const { kind: _stored, isChunked, ...message } = stored;
      return { room, seq, ...message, ...copiesAt(reader, key, isChunked) };
    });
  }

  async page(room: RoomId, reader: UserId, bounds: PageBounds): Promise<readonly PositionRow[]> {
    const { after, through, order, limit } = bounds;
    if (limit <= 0 || through <= after) return this.#link.read('page', () => []);
    const range = {
      start: keyOf(room, after + 1),
      end: keyOf(room, through + 1),
      limit,
      reverse: order === 'descending',
    };
    const readerId = idBytes(reader);
    const now = this.#now();
    return this.#link.read('page', (tables) => {
      const rows = tables.range('messages', range);
      const last = rows.length < limit ? undefined : rows.at(-1);
      const spans = spansBetween(tables, room, last === undefined ? bounds : boundsTo(bounds, last.key));
      const held = rows.map(({ key, value }) => positionRow(tables, key, value, readerId, now));
      if (spans.length === 0) return held;
      const step = order === 'ascending' ? 1 : -1;
      return [...held, ...spans.map(spanRow)].sort((a, b) => step * (a.seq - b.seq)).slice(0, limit);
    });
  }

  async settle(room: RoomId, spans: readonly PositionSpan[], expiresAt: number): Promise<boolean> {
    const own = spans.map(({ from, through }) => ({ from, through }));
    const decision = (view: WriteView, reader: TableReader): boolean => {
      const whole = own.map((span) => settleSpan(view, reader, room, span, expiresAt));
      return whole.every((each) => each);
    };
    return this.#link.writeAlone('settle', decision, { fromReserve: true });
  }

  async reexpire(room: RoomId, life: CopyLife, after: number): Promise<number | undefined> {
    // Roster changes look at the room's retention by themselves when they are due.
    const bounds = { start: keyOf(room, after + 1), end: endOf(keyOf(room)), limit: REEXPIRE_STEP_MAX };
    return this.#link.writeAlone('reexpire', (view, reader) => {
      const rows = reader.range('messages', bounds);
      for (const { key, value } of rows) moveExpiry(view, key, value, life);
      const last = rows.at(-1);
      return last === undefined ? undefined : numberAt(last.key, SEQ_OFFSET);
    });
  }

  async purge(room: RoomId): Promise<void> {
    const bounds = { start: keyOf(room), end: endOf(keyOf(room)), limit: PURGE_STEP_MAX };
    for (let more = true; more; ) {
      more = await this.#link.writeAlone('purge', (view, reader) => {
        const keys = reader.keys('messages', bounds);
        for (const key of keys) removePosition(view, key);
        // The changes of its roster lead to nobody any more; they may be as many as the messages.
        const left = PURGE_STEP_MAX - keys.length;
        const changes = removeChanges(view, reader, room, left);
        return changes === left || purgeSpans(view, reader, room, left - changes) === left - changes;
      });
    }
  }
}

function prepare(message: NewMessage, mayChunk: boolean): PreparedMessage {
  const { room, seq, sender, messageId, expiresAt } = message;
  const copies = copyRows(message, mayChunk);
  return {
    room,
    idKey: keyOf(room, sender, messageId),
    positionKey: keyOf(room, seq),
    expiryKey: keyOf(expiresAt, room, seq),
    seq,
    row: encodeMessage(message, copies.chunks.length > 0),
    copies,
  };
}

function appendOne(view: WriteView, message: PreparedMessage): AppendOutcome {
  const before = view.get('message-ids', message.idKey);
  if (before !== undefined) return duplicateOf(view, message.room, numberAt(before, 0));
  const { room, seq } = message;
  if (view.get('messages', message.positionKey) !== undefined || isSettled(view, room, seq))
    return { kind: 'taken' };
  view.put('message-ids', message.idKey, keyOf(seq));
  view.put('messages', message.positionKey, message.row);
  putCopies(view, message.positionKey, message.copies);
  view.put('message-expiry', message.expiryKey, NOTHING);
  return { kind: 'stored' };
}

function spanRow({ from, through }: PositionSpan): PositionRow {
  return from === through ? { seq: through, kind: 'nothing' } : { seq: through, kind: 'nothing', from };
}

/** The bounds up to, or down to, the position of a row. */
function boundsTo(bounds: PageBounds, key: Buffer): PageBounds {
  const seq = numberAt(key, SEQ_OFFSET);
  return bounds.order === 'ascending' ? { ...bounds, through: seq } : { ...bounds, after: seq - 1 };
}

function duplicateOf(view: WriteView, room: RoomId, seq: number): AppendOutcome {
  const row = view.get('messages', keyOf(room, seq));
  const stored = row === undefined ? undefined : decodePosition(row);
  if (stored?.kind !== 'message') throw new StoredRowFault('a message id leads to no message');
  return { kind: 'duplicate', seq, at: stored.at, headerHash: stored.headerHash };
}

function positionRow(
  tables: TableReader,
  key: Buffer,
  row: Buffer,
  reader: Uint8Array,
  now: number,
): PositionRow {
  const seq = numberAt(key, SEQ_OFFSET);
  const stored = decodePosition(row);
  if (stored.kind === 'void' || stored.expiresAt <= now) return { seq, kind: 'nothing' };
  const copy = copyFor(tables, key, stored.isChunked, reader);
  if (copy === undefined || (copy.epochVersion !== undefined && nobody.equals(reader)))
    return { seq, kind: 'nothing' };
  const { at, sender, header, ciphertext } = stored;
  return { seq, kind: 'own', at, sender, header, ciphertext, ...copy };
}
