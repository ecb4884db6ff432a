import type { PositionSpan } from '../../domain/position-span.ts';
import { type NewMessage, NOBODY, type PositionRow } from '../../ports/message-store.ts';
import { concatBytes, fromHex } from '../../protocol/bytes.ts';
import { idBytes, type MessageId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { copied, storedUserId } from './stored-value.ts';
import { type ChunkTable, type Copies, copiesOf } from './wrap-chunks.ts';

/** A longer span is stored as several documents: each lists its positions. */
export const SPAN_POSITIONS_MAX = 1_000;

export interface StoredMessage {
  readonly room: Uint8Array;
  readonly seq: number;
  /** Its position once more, in the unique index that spans claim theirs in. Messages of an earlier layout have none. */
  readonly held?: number;
  readonly at: number;
  readonly sender: Uint8Array;
  readonly messageId: Uint8Array;
  readonly header: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** All wraps; absent in a message that has them in chunks. */
  readonly copies?: Copies;
  readonly chunks?: ChunkTable;
  /** In a message of suite 2, which has neither: the roster version of its epoch. */
  readonly epochVersion?: number;
  readonly expiresAt: Date;
}

/**
 * Positions that will never hold a message, from `from` to `seq`. All of them are listed in `held`: the index on (room, held)
 * is unique over the elements of all documents, so the insert of a span and that of a message in it can't both succeed.
 * `seq` stays one number, so that pages are read in order from a plain index.
 *
 * Its `messageId` is `seq` in 8 bytes, and so no real one: one plain unique index on (room, sender, messageId) serves both,
 * without a partial filter that every query would have to repeat. In an earlier layout a span was one position, without `from` and `held`.
 */
interface StoredSpan {
  readonly room: Uint8Array;
  readonly seq: number;
  readonly from?: number;
  readonly held?: readonly number[];
  readonly messageId: Uint8Array;
  readonly expiresAt: Date;
}

export type PositionDocument = Omit<StoredSpan, 'held'> &
  Partial<Omit<StoredMessage, 'held'>> & { readonly held?: number | readonly number[] };

/** What page() asks for of each document: `own` is there only where the reader has a copy that lives, or may have one in a chunk. */
export interface PageRow {
  readonly seq: number;
  readonly from?: number;
  readonly own?: Pick<
    StoredMessage,
    'at' | 'sender' | 'header' | 'ciphertext' | 'chunks' | 'epochVersion'
  > & {
    readonly wrap?: Uint8Array;
  };
}

/** `chunks`: where its wraps are stored already; without them it carries them itself. */
export function messageDocument(message: NewMessage, chunks?: ChunkTable): StoredMessage {
  const { seq, at, header, headerHash, ciphertext, epochVersion, expiresAt } = message;
  return {
    room: idBytes(message.room),
    seq,
    held: seq,
    at,
    sender: idBytes(message.sender),
    messageId: idBytes(message.messageId),
    header,
    headerHash,
    ciphertext,
    ...(epochVersion !== undefined
      ? { epochVersion }
      : chunks === undefined
        ? { copies: copiesOf(message) }
        : { chunks }),
    expiresAt: new Date(expiresAt),
  };
}

export function spanDocument(room: RoomId, { from, through }: PositionSpan, expiresAt: number): StoredSpan {
  const messageId = new Uint8Array(8);
  new DataView(messageId.buffer).setFloat64(0, through);
  const held = Array.from({ length: through - from + 1 }, (_, index) => from + index);
  return { room: idBytes(room), seq: through, from, held, messageId, expiresAt: new Date(expiresAt) };
}

/** Pieces of at most so many positions, of which each fits a document. */
export function documentSpans({ from, through }: PositionSpan, positionsMax: number): PositionSpan[] {
  const pieces: PositionSpan[] = [];
  for (let first = from; first <= through; first += positionsMax)
    pieces.push({ from: first, through: Math.min(through, first + positionsMax - 1) });
  return pieces;
}

export function messageOf(
  document: StoredMessage,
  copies: Copies,
  id: { readonly room: RoomId; readonly sender: UserId; readonly messageId: MessageId },
): NewMessage {
  const users = Object.keys(copies).sort();
  return {
    ...id,
    seq: document.seq,
    at: document.at,
    header: copied(document.header),
    headerHash: copied(document.headerHash),
    ciphertext: copied(document.ciphertext),
    recipients: concatBytes(...users.map((user) => fromHex(user) ?? new Uint8Array())),
    wraps: concatBytes(...users.map((user) => copies[user] ?? new Uint8Array())),
    ...(document.epochVersion !== undefined && { epochVersion: document.epochVersion }),
    expiresAt: document.expiresAt.getTime(),
  };
}

/** Leaves everything but the position out where the reader has no living copy: no ciphertext travels for nothing. */
export function pageFields(reader: UserId, now: Date): object {
  const positions = { _id: 0, seq: 1, from: 1 };
  if (reader === NOBODY) return positions;
  const wrap = `$copies.${reader}`;
  const lives = { $gt: ['$expiresAt', now] };
  const isOf = (type: string, field: string) => ({ $and: [lives, { $eq: [{ $type: field }, type] }] });
  const contents = { at: '$at', sender: '$sender', header: '$header', ciphertext: '$ciphertext' };
  const inChunk = { $cond: [isOf('object', '$chunks'), { ...contents, chunks: '$chunks' }, '$$REMOVE'] };
  const shared = { ...contents, epochVersion: '$epochVersion' };
  const isShared = { $and: [lives, { $isNumber: '$epochVersion' }] };
  const inEpoch = { $cond: [isShared, shared, inChunk] };
  return { ...positions, own: { $cond: [isOf('binData', wrap), { ...contents, wrap }, inEpoch] } };
}

/** Of a span, what lies above `after`. `chunkWrap`: the reader's in a chunk, if it is in one. */
export function positionRowOf(
  { seq, from = seq, own }: PageRow,
  after: number,
  chunkWrap: Uint8Array | undefined,
): PositionRow {
  const epochVersion = own?.epochVersion;
  const wrap = epochVersion === undefined ? (own?.wrap ?? chunkWrap) : new Uint8Array(0);
  if (own === undefined || wrap === undefined) return nothingRow(Math.max(from, after + 1), seq);
  return {
    seq,
    kind: 'own',
    at: own.at,
    sender: storedUserId(own.sender),
    header: copied(own.header),
    ciphertext: copied(own.ciphertext),
    wrap: copied(wrap),
    ...(epochVersion !== undefined && { epochVersion }),
  };
}

export function nothingRow(from: number, seq: number): PositionRow {
  return from === seq ? { seq, kind: 'nothing' } : { seq, kind: 'nothing', from };
}
