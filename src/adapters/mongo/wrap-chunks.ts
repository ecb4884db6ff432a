import { randomBytes } from 'node:crypto';
import type { Collection } from 'mongodb';
import { type CopyLife, expiryAt, type NewMessage } from '../../ports/message-store.ts';
import { toHex } from '../../protocol/bytes.ts';
import { ID_BYTES, idBytes, type RoomId, type UserId } from '../../protocol/ids.ts';
import { WRAP_BYTES } from '../../protocol/limits.ts';
import type { MongoLink } from './mongo-link.ts';

/** Wraps of one chunk. A message with no more of them carries them itself. bench/history-pages.ts measures what it costs. */
export const CHUNK_WRAPS_MAX = 64;
const CLAIM_BYTES = 6;
const NUMBER_MAX = 0xffff;
/** Room · position · claim · number. */
const KEY_BYTES = ID_BYTES + 8 + CLAIM_BYTES + 2;
/** Removed in one operation, within its deadline. */
const PURGE_BATCH = 200;

/** Wraps by user id in hexadecimal, so that a projection can pick one reader's. */
export type Copies = Readonly<Record<string, Uint8Array>>;

/**
 * Wraps of a message that has many, so that a page reads one chunk of each message and not the wraps of everybody. Chunks lie in
 * the collection of the messages: one command inserts them in front of their message, and waits for the majority once.
 *
 * `_id`, 32 bytes, big endian: room 16 · position f64 · claim 6 · number u16. The claim is random: whoever else tries to store a
 * message at this position writes other chunks. Only the message's document says which claim holds.
 */
export interface WrapChunk {
  readonly _id: Uint8Array;
  /** The key once more. The unique indexes of the messages begin with this field; no room has an id as long. */
  readonly room: Uint8Array;
  readonly copies: Copies;
  readonly expiresAt: Date;
}

/** Where a message has its wraps: in chunks by ascending user id, each of which begins with the user id in `firsts` at its number. */
export interface ChunkTable {
  readonly claim: Uint8Array;
  /** 16 bytes for each chunk. */
  readonly firsts: Uint8Array;
}

interface Position {
  readonly room: RoomId;
  readonly seq: number;
}

export function copiesOf({ recipients, wraps }: Pick<NewMessage, 'recipients' | 'wraps'>): Copies {
  const copies: Record<string, Uint8Array> = {};
  for (let index = 0; index * ID_BYTES < recipients.length; index += 1) {
    const user = toHex(recipients.subarray(index * ID_BYTES, (index + 1) * ID_BYTES));
    copies[user] = wraps.subarray(index * WRAP_BYTES, (index + 1) * WRAP_BYTES);
  }
  return copies;
}

export interface ChunkedWraps {
  readonly table: ChunkTable;
  readonly chunks: readonly WrapChunk[];
}

/** Undefined: a message with so few wraps carries them itself. */
export function chunked(message: NewMessage): ChunkedWraps | undefined {
  const { recipients, wraps, expiresAt } = message;
  const count = recipients.length / ID_BYTES;
  if (count <= CHUNK_WRAPS_MAX) return undefined;
  const claim = new Uint8Array(randomBytes(CLAIM_BYTES));
  const parts = Math.ceil(count / CHUNK_WRAPS_MAX);
  const firsts = new Uint8Array(parts * ID_BYTES);
  const chunks = Array.from({ length: parts }, (_, number): WrapChunk => {
    const [from, to] = [number * CHUNK_WRAPS_MAX, (number + 1) * CHUNK_WRAPS_MAX];
    const part = {
      recipients: recipients.subarray(from * ID_BYTES, to * ID_BYTES),
      wraps: wraps.subarray(from * WRAP_BYTES, to * WRAP_BYTES),
    };
    firsts.set(part.recipients.subarray(0, ID_BYTES), number * ID_BYTES);
    const key = chunkKey(message, claim, number);
    return {
      _id: key,
      room: key,
      copies: copiesOf(part),
      expiresAt: new Date(expiresAt),
    };
  });
  return { table: { claim, firsts }, chunks };
}

export function chunkCount(table: ChunkTable | undefined): number {
  return (table?.firsts.length ?? 0) / ID_BYTES;
}

/** Each method is a step of an operation, not one by itself. */
export class WrapChunks {
  readonly #chunks: Collection<WrapChunk>;

  constructor(link: MongoLink) {
    this.#chunks = link.db.collection('messages');
  }

  /** The reader's wraps by position. Those of a message that expired since it was read, or has none for the reader, are left out. */
  async wrapsOf(
    room: RoomId,
    reader: UserId,
    rows: readonly { readonly seq: number; readonly chunks: ChunkTable }[],
  ): Promise<ReadonlyMap<number, Uint8Array>> {
    const readerId = idBytes(reader);
    const keys = rows.flatMap(({ seq, chunks }) => {
      const number = chunkNumber(chunks.firsts, readerId);
      return number < 0 ? [] : [chunkKey({ room, seq }, chunks.claim, number)];
    });
    if (keys.length === 0) return new Map();
    const found = await this.#chunks
      .find({ _id: { $in: keys } })
      .project<Pick<WrapChunk, '_id' | 'copies'>>({ [`copies.${reader}`]: 1 })
      .toArray();
    return new Map(
      found.flatMap(({ _id, copies }) => {
        const wrap = copies[reader];
        return wrap === undefined ? [] : [[seqIn(_id), wrap]];
      }),
    );
  }

  /** All wraps of a message; undefined when some are gone, as they are once it has expired. */
  async copiesOf(position: Position, table: ChunkTable): Promise<Copies | undefined> {
    const found = await this.#chunks.find({ _id: claimed(position, table.claim) }).toArray();
    if (found.length !== chunkCount(table)) return undefined;
    return Object.assign({}, ...found.map(({ copies }) => copies));
  }

  /** Of a message that was refused. */
  async remove(position: Position, { claim }: ChunkTable): Promise<void> {
    await this.#chunks.deleteMany({ _id: claimed(position, claim) });
  }

  /** Gives the chunks of these messages, and of whoever tried to store one there, another life. */
  async reexpire(
    room: RoomId,
    messages: readonly { readonly seq: number; readonly at: number }[],
    life: CopyLife,
  ): Promise<void> {
    const steps = messages.map(({ seq, at }) => ({
      updateMany: {
        filter: { _id: { $gte: keyOf(room, seq, 0), $lte: keyOf(room, seq, 0xff) } },
        update: { $set: { expiresAt: new Date(expiryAt(at, life)) } },
      },
    }));
    if (steps.length > 0) await this.#chunks.bulkWrite(steps, { ordered: false });
  }

  /** Removes a batch of a room's chunks. False when none are left. */
  async removeSome(room: RoomId): Promise<boolean> {
    const batch = await this.#chunks
      .find({ _id: { $gte: keyOf(room, 0, 0), $lte: keyOf(room, Number.MAX_VALUE, 0xff) } })
      .sort({ _id: 1 })
      .limit(PURGE_BATCH)
      .project<Pick<WrapChunk, '_id'>>({ _id: 1 })
      .toArray();
    const [first, last] = [batch.at(0), batch.at(-1)];
    if (first === undefined || last === undefined) return false;
    await this.#chunks.deleteMany({ _id: { $gte: first._id, $lte: last._id } });
    return batch.length === PURGE_BATCH;
  }
}

/** The chunk that a user is in, if in any; -1: the user is before the first. */
function chunkNumber(firsts: Uint8Array, user: Uint8Array): number {
  const [ids, id] = [Buffer.from(firsts), Buffer.from(user)];
  let [low, high] = [0, ids.length / ID_BYTES];
  while (low < high) {
    const middle = (low + high) >> 1;
    const first = ids.subarray(middle * ID_BYTES, (middle + 1) * ID_BYTES);
    if (first.compare(id) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function chunkKey({ room, seq }: Position, claim: Uint8Array, number: number): Uint8Array {
  const key = keyOf(room, seq, 0);
  key.set(claim, ID_BYTES + 8);
  new DataView(key.buffer).setUint16(KEY_BYTES - 2, number);
  return key;
}

const claimed = (position: Position, claim: Uint8Array): { $gte: Uint8Array; $lte: Uint8Array } => ({
  $gte: chunkKey(position, claim, 0),
  $lte: chunkKey(position, claim, NUMBER_MAX),
});

/** Claim and number are all `rest`: the lowest or the highest key of a position. */
function keyOf(room: RoomId, seq: number, rest: 0 | 0xff): Uint8Array {
  const key = new Uint8Array(KEY_BYTES).fill(rest);
  key.set(idBytes(room));
  new DataView(key.buffer).setFloat64(ID_BYTES, seq);
  return key;
}

function seqIn(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getFloat64(ID_BYTES);
}
