import type { NewMessage } from '../../ports/message-store.ts';
import { concatBytes } from '../../protocol/bytes.ts';
import { ID_BYTES } from '../../protocol/ids.ts';
import { keyOf } from './store-keys.ts';
import type { TableReader } from './store-tables.ts';
import { StoredRowFault } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

/**
 * The wraps of a message, apart from it, so that a page reads those of one reader and not everybody's. Big endian.
 *
 * Copies: recipients u32 · ids 16 × recipients, ascending · wraps, all of one length. Of a message of suite 2: 0 as u32 · roster
 * version of its epoch f64.
 *
 * A message to more than CHUNK_WRAPS_MAX has chunks of that form, numbered from 0, and in place of its copies the first id of each
 * chunk.
 */

/** A chunk of so many fills four pages of 4 KiB but for 40 bytes, of which LMDB needs 16. */
export const CHUNK_WRAPS_MAX = 60;
const COUNT_BYTES = 4;
const SHARED_BYTES = 12;
const NOTHING = new Uint8Array(0);

export type Copies = Pick<NewMessage, 'recipients' | 'wraps' | 'epochVersion'>;

export interface CopyRows {
  /** Of the table `copies`. */
  readonly row: Buffer;
  /** Of the table `copy-chunks`. */
  readonly chunks: readonly Buffer[];
}

export function copyRows(copies: Copies, mayChunk: boolean): CopyRows {
  const { recipients, wraps } = copies;
  const count = recipients.length / ID_BYTES;
  if (!mayChunk || count <= CHUNK_WRAPS_MAX) return { row: encodeCopies(copies), chunks: [] };
  const wrapBytes = wraps.length / count;
  const chunks: Buffer[] = [];
  const firsts: Uint8Array[] = [];
  for (let from = 0; from < count; from += CHUNK_WRAPS_MAX) {
    const to = from + CHUNK_WRAPS_MAX;
    const part = recipients.subarray(from * ID_BYTES, to * ID_BYTES);
    firsts.push(part.subarray(0, ID_BYTES));
    chunks.push(encodeCopies({ recipients: part, wraps: wraps.subarray(from * wrapBytes, to * wrapBytes) }));
  }
  return { row: Buffer.concat(firsts), chunks };
}

/** `key`: room, seq. */
export function putCopies(view: WriteView, key: Buffer, { row, chunks }: CopyRows): void {
  view.put('copies', key, row);
  for (const [number, chunk] of chunks.entries()) view.put('copy-chunks', chunkKey(key, number), chunk);
}

export function removeCopies(view: WriteView, key: Buffer, isChunked: boolean): void {
  const chunks = isChunked ? (view.get('copies', key)?.length ?? 0) / ID_BYTES : 0;
  for (let number = 0; number < chunks; number += 1) view.remove('copy-chunks', chunkKey(key, number));
  view.remove('copies', key);
}

type Reading = Pick<TableReader, 'get' | 'peek'>;

/** All copies of a message. */
export function copiesAt(tables: Reading, key: Buffer, isChunked: boolean): Copies {
  const row = present(tables.get('copies', key));
  if (!isChunked) return decodeCopies(row);
  const parts = Array.from({ length: row.length / ID_BYTES }, (_, number) =>
    decodeCopies(present(tables.get('copy-chunks', chunkKey(key, number)))),
  );
  return {
    recipients: concatBytes(...parts.map(({ recipients }) => recipients)),
    wraps: concatBytes(...parts.map(({ wraps }) => wraps)),
  };
}

/** What one reader (16 bytes) has of a message. With `epochVersion`, the wrap is empty, and everybody has the same. */
interface ReaderCopy {
  readonly wrap: Uint8Array;
  readonly epochVersion?: number;
}

/** Undefined: there is none. Reads one chunk at most. */
export function copyFor(
  tables: Reading,
  key: Buffer,
  isChunked: boolean,
  reader: Uint8Array,
): ReaderCopy | undefined {
  const row = present(tables.peek('copies', key));
  const epochVersion = isChunked ? undefined : epochVersionIn(row);
  if (epochVersion !== undefined) return { wrap: NOTHING, epochVersion };
  const wrap = isChunked ? wrapInChunks(tables, key, row, reader) : wrapIn(row, reader);
  return wrap && { wrap };
}

function wrapInChunks(
  tables: Reading,
  key: Buffer,
  row: Uint8Array,
  reader: Uint8Array,
): Uint8Array | undefined {
  const number = placeOf(row, 0, row.length / ID_BYTES, reader).below;
  if (number < 0) return undefined;
  return wrapIn(present(tables.peek('copy-chunks', chunkKey(key, number))), reader);
}

function chunkKey(key: Buffer, number: number): Buffer {
  return Buffer.concat([key, keyOf(number)]);
}

function encodeCopies({ recipients, wraps, epochVersion }: Copies): Buffer {
  if (epochVersion !== undefined) {
    const shared = Buffer.alloc(SHARED_BYTES);
    shared.writeDoubleBE(epochVersion, COUNT_BYTES);
    return shared;
  }
  const row = Buffer.allocUnsafe(COUNT_BYTES + recipients.length + wraps.length);
  row.writeUInt32BE(recipients.length / ID_BYTES, 0);
  row.set(recipients, COUNT_BYTES);
  row.set(wraps, COUNT_BYTES + recipients.length);
  return row;
}

function decodeCopies(row: Uint8Array): Copies {
  const epochVersion = epochVersionIn(row);
  if (epochVersion !== undefined) return { recipients: NOTHING, wraps: NOTHING, epochVersion };
  const wrapsAt = COUNT_BYTES + recipientsOf(row) * ID_BYTES;
  return {
    recipients: new Uint8Array(row.subarray(COUNT_BYTES, wrapsAt)),
    wraps: new Uint8Array(row.subarray(wrapsAt)),
  };
}

/** Undefined: the message has a wrap for each of its recipients. */
function epochVersionIn(row: Uint8Array): number | undefined {
  if (recipientsOf(row) > 0 || row.length !== SHARED_BYTES) return undefined;
  return new DataView(row.buffer, row.byteOffset, row.byteLength).getFloat64(COUNT_BYTES);
}

/** A copy. */
function wrapIn(row: Uint8Array, reader: Uint8Array): Uint8Array | undefined {
  const count = recipientsOf(row);
  const { below, isThere } = placeOf(row, COUNT_BYTES, count, reader);
  if (!isThere) return undefined;
  const wrapsAt = COUNT_BYTES + count * ID_BYTES;
  const size = (row.length - wrapsAt) / count;
  return row.slice(wrapsAt + below * size, wrapsAt + (below + 1) * size);
}

/** The last of `count` ascending ids that is not above `id`, by halves; -1: all are. */
function placeOf(
  row: Uint8Array,
  idsAt: number,
  count: number,
  id: Uint8Array,
): { readonly below: number; readonly isThere: boolean } {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareIds(row, idsAt + middle * ID_BYTES, id);
    if (order === 0) return { below: middle, isThere: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { below: low - 1, isThere: false };
}

function recipientsOf(row: Uint8Array): number {
  if (row.length < COUNT_BYTES) throw new StoredRowFault('a row of copies is too short');
  const count = new DataView(row.buffer, row.byteOffset, row.byteLength).getUint32(0);
  if (COUNT_BYTES + count * ID_BYTES > row.length) throw new StoredRowFault('a row of copies is cut');
  return count;
}

function compareIds(row: Uint8Array, at: number, id: Uint8Array): number {
  for (let index = 0; index < ID_BYTES; index += 1) {
    const difference = (row[at + index] ?? 0) - (id[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function present<Row extends Uint8Array>(row: Row | undefined): Row {
  if (row === undefined) throw new StoredRowFault('a message lacks a row of copies');
  return row;
}
