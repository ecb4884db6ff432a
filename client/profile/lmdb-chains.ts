import type { RootDatabase } from 'lmdb';
import type { MessageId, RoomId } from '../../src/protocol/ids.ts';
import type { Seen } from '../../src/protocol/layouts/message-header.ts';
import { HASH_BYTES } from '../../src/protocol/limits.ts';
import type {
  ChainFloor,
  ChainName,
  ChainRecord,
  ChainRecords,
  ChainStore,
  OpenedHeaders,
  RoomChains,
  RoomPieces,
} from '../crypto/chain-store.ts';
import type { ReadPieces } from '../crypto/read-pieces.ts';
import { type ConclaveError, localError } from '../sdk/errors.ts';
import type { LmdbUse } from './lmdb-use.ts';

/** `chain`: a record by position. `floor`: by chain. `id`: position of a sender's message id. `header`: H(header) by position. */
type Place = (string | number)[];
export type ChainDatabase = RootDatabase<Uint8Array, string | Place>;

/**
 * What was accepted of each chain, beside the records of LmdbState in the same environment. One write transaction of
 * LMDB is one step: all processes wait for each other. Hashes and positions say nothing of contents, so they are in the clear.
 *
 * Keys: `['chain', room, sender + chain, position]`, `['floor', room, sender + chain]`, `['id', room, sender + message]`,
 * `['header', room, position]`, `['read', room]`.
 */
export class LmdbChains implements ChainStore {
  readonly #database: ChainDatabase;
  readonly #use: LmdbUse;

  constructor(database: ChainDatabase, use: LmdbUse) {
    this.#database = database;
    this.#use = use;
  }

  transaction<T>(
    room: RoomId,
    step: (chains: RoomChains, opened: OpenedHeaders, read: RoomPieces) => T,
  ): Promise<T> {
    const chains: RoomChains = (name) => this.#records(room, name);
    const read: RoomPieces = {
      get: () => piecesFrom(this.#database.get(['read', room])),
      put: (pieces) => this.#database.putSync(['read', room], piecesBytes(pieces)),
    };
    // As a child, a step that throws is undone; what else the same commit holds stays.
    return this.#use.write(() => step(chains, this.#opened(room), read), { asChild: true });
  }

  async lastOpened(room: RoomId): Promise<Seen | undefined> {
    this.#use.check();
    this.#database.resetReadTxn();
    return this.#lastOpened(room);
  }

  async lastOf(room: RoomId, name: ChainName): Promise<ChainRecord | undefined> {
    this.#use.check();
    this.#database.resetReadTxn();
    return this.#records(room, name).below(END);
  }

  async forget(room: RoomId, before: number): Promise<void> {
    await this.#use.write(() => this.#forgetRoom(room, before));
  }

  #opened(room: RoomId): OpenedHeaders {
    const database = this.#database;
    return {
      at: (position) => {
        const value = database.get(['header', room, position]);
        return value === undefined ? undefined : hashFrom(value);
      },
      add: (position, headerHash) => {
        const key = ['header', room, position];
        if (!database.doesExist(key)) database.putSync(key, headerHash);
      },
    };
  }

  #lastOpened(room: RoomId): Seen | undefined {
    const range = { start: ['header', room, END], end: ['header', room, -1] };
    for (const { key, value } of this.#database.getRange({ ...range, reverse: true, limit: 1 }))
      return { position: positionOf(key, 2), headerHash: hashFrom(value) };
    return undefined;
  }

  #forgetRoom(room: RoomId, before: number): void {
    const last = this.#lastOpened(room)?.position ?? 0;
    const opened = { start: ['header', room, 0], end: ['header', room, Math.min(before, last)] };
    for (const key of this.#database.getKeys(opened)) this.#database.removeSync(key);
    for (const chain of this.#chainsOf(room)) this.#forgetChain(room, chain, before);
    for (const { key, value } of this.#database.getRange({ start: ['id', room], end: ['id', `${room}~`] })) {
      if (positionFrom(value) < before) this.#database.removeSync(key);
    }
  }

  #records(room: RoomId, { sender, chain }: ChainName): ChainRecords {
    const database = this.#database;
    const place = (position: number): Place => ['chain', room, sender + chain, position];
    const nearest = (from: Place, to: Place, reverse: boolean): ChainRecord | undefined => {
      for (const { key, value } of database.getRange({ start: from, end: to, reverse, limit: 1 }))
        return recordFrom(positionOf(key), value);
      return undefined;
    };
    return {
      at: (position) => {
        const value = database.get(place(position));
        return value === undefined ? undefined : recordFrom(position, value);
      },
      // A reversed range starts at its high end, which it includes; positions are whole numbers.
      below: (position) => nearest(place(position - 1), place(-1), true),
      above: (position) => nearest(place(position + 1), place(END), false),
      floor: () => floorFrom(database.get(['floor', room, sender + chain])),
      positionOf: (message: MessageId) => {
        const value = database.get(['id', room, sender + message]);
        return value === undefined ? undefined : positionFrom(value);
      },
      add: (record, message) => {
        database.putSync(place(record.position), recordBytes(record));
        database.putSync(['id', room, sender + message], numberBytes(record.position));
      },
      restart: ({ position, number }) => {
        const all = { start: place(0), end: place(END) };
        for (const key of [...database.getKeys(all)]) database.removeSync(key);
        database.putSync(['floor', room, sender + chain], numberBytes(position, number));
      },
    };
  }

  #chainsOf(room: RoomId): readonly string[] {
    const chains = new Set<string>();
    for (const key of this.#database.getKeys({ start: ['chain', room], end: ['chain', `${room}~`] })) {
      const chain = Array.isArray(key) ? key[2] : undefined;
      if (typeof chain === 'string') chains.add(chain);
    }
    return [...chains];
  }

  #forgetChain(room: RoomId, chain: string, before: number): void {
    const range = {
      start: ['chain', room, chain, 0],
      end: ['chain', room, chain, END],
    };
    const entries = [...this.#database.getRange(range)];
    const dropped = entries.slice(0, -1).filter(({ key }) => positionOf(key) < before);
    const highest = dropped.at(-1);
    for (const { key } of dropped) this.#database.removeSync(key);
    if (highest === undefined) return;
    const { position, number } = recordFrom(positionOf(highest.key), highest.value);
    this.#database.putSync(['floor', room, chain], numberBytes(position, number));
  }
}

const NUMBER_BYTES = 8;
/** Above every position. */
const END = Number.POSITIVE_INFINITY;

/** Number, hash, and the hash before where it is kept. */
function recordBytes({ number, headerHash, previousHash }: ChainRecord): Buffer {
  return Buffer.concat([numberBytes(number), headerHash, previousHash ?? new Uint8Array(0)]);
}

function recordFrom(position: number, value: Uint8Array): ChainRecord {
  const linkedBytes = NUMBER_BYTES + HASH_BYTES;
  if (value.length !== linkedBytes && value.length !== linkedBytes + HASH_BYTES) throw damaged();
  const number = numberFrom(value, 0);
  const headerHash = new Uint8Array(value.subarray(NUMBER_BYTES, NUMBER_BYTES + HASH_BYTES));
  const previousHash = new Uint8Array(value.subarray(NUMBER_BYTES + HASH_BYTES));
  return previousHash.length === 0
    ? { position, number, headerHash }
    : { position, number, headerHash, previousHash };
}

function floorFrom(value: Uint8Array | undefined): ChainFloor | undefined {
  if (value === undefined) return undefined;
  if (value.length !== 2 * NUMBER_BYTES) throw damaged();
  return { position: numberFrom(value, 0), number: numberFrom(value, 1) };
}

/** The retention, then three numbers for each piece. */
function piecesBytes({ retention, pieces }: ReadPieces): Buffer {
  return numberBytes(retention, ...pieces.flatMap(({ from, through, at }) => [from, through, at]));
}

function piecesFrom(value: Uint8Array | undefined): ReadPieces | undefined {
  if (value === undefined) return undefined;
  const count = (value.length / NUMBER_BYTES - 1) / 3;
  if (!Number.isInteger(count) || count < 0) throw damaged();
  const pieces = Array.from({ length: count }, (_, i) => ({
    from: numberFrom(value, 3 * i + 1),
    through: numberFrom(value, 3 * i + 2),
    at: numberFrom(value, 3 * i + 3),
  }));
  return { retention: numberFrom(value, 0), pieces };
}

function numberBytes(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeDoubleBE(number, NUMBER_BYTES * i);
  return bytes;
}

function numberFrom(value: Uint8Array, index: number): number {
  return new DataView(value.buffer, value.byteOffset, value.length).getFloat64(NUMBER_BYTES * index);
}

function positionFrom(value: Uint8Array): number {
  if (value.length !== NUMBER_BYTES) throw damaged();
  return numberFrom(value, 0);
}

function hashFrom(value: Uint8Array): Uint8Array {
  if (value.length !== HASH_BYTES) throw damaged();
  return new Uint8Array(value);
}

function damaged(): ConclaveError {
  return localError('no_profile', 'state_of_others');
}

function positionOf(key: unknown, element = 3): number {
  const position: unknown = Array.isArray(key) ? key[element] : undefined;
  if (typeof position !== 'number') throw damaged();
  return position;
}
