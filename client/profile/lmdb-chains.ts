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
    return this.#use.write(() => this.#database.transaction(() => step(chains, this.#opened(room), read)));
  }

  lastOpened(room: RoomId): Promise<Seen | undefined> {
    this.#use.check();
    this.#database.resetReadTxn();
    return Promise.resolve(this.#lastOpened(room));
  }

  lastOf(room: RoomId, name: ChainName): Promise<ChainRecord | undefined> {
    this.#use.check();
    this.#database.resetReadTxn();
    return Promise.resolve(this.#records(room, name).below(Number.MAX_SAFE_INTEGER));
  }

  async forget(room: RoomId, before: number): Promise<void> {
    await this.#use.write(() => this.#database.transaction(() => this.#forgetRoom(room, before)));
  }

  #opened(room: RoomId): OpenedHeaders {
    const database = this.#database;
    return {
      at: (position) => {
        const value = database.get(['header', room, position]);
        return value === undefined ? undefined : new Uint8Array(value);
      },
      add: (position, headerHash) => {
        const key = ['header', room, position];
        if (!database.doesExist(key)) database.putSync(key, headerHash);
      },
    };
  }

  #lastOpened(room: RoomId): Seen | undefined {
    const range = { start: ['header', room, Number.MAX_SAFE_INTEGER], end: ['header', room, -1] };
    for (const { key, value } of this.#database.getRange({ ...range, reverse: true, limit: 1 }))
      return { position: positionOf(key, 2), headerHash: new Uint8Array(value) };
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
      above: (position) => nearest(place(position + 1), place(Number.MAX_SAFE_INTEGER), false),
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
        const all = { start: place(0), end: place(Number.MAX_SAFE_INTEGER) };
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
      end: ['chain', room, chain, Number.MAX_SAFE_INTEGER],
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

/** Number, hash, and the hash before where it is kept. */
function recordBytes({ number, headerHash, previousHash }: ChainRecord): Buffer {
  return Buffer.concat([numberBytes(number), headerHash, previousHash ?? new Uint8Array(0)]);
}

function recordFrom(position: number, value: Uint8Array): ChainRecord {
  const number = positionFrom(value);
  const headerHash = new Uint8Array(value.subarray(NUMBER_BYTES, NUMBER_BYTES + HASH_BYTES));
  const previousHash = new Uint8Array(value.subarray(NUMBER_BYTES + HASH_BYTES));
  return previousHash.length === 0
    ? { position, number, headerHash }
    : { position, number, headerHash, previousHash };
}

function floorFrom(value: Uint8Array | undefined): ChainFloor | undefined {
  if (value === undefined) return undefined;
  return { position: positionFrom(value), number: positionFrom(value.subarray(NUMBER_BYTES)) };
}

/** The retention, then three numbers for each piece. */
function piecesBytes({ retention, pieces }: ReadPieces): Buffer {
  return numberBytes(retention, ...pieces.flatMap(({ from, through, at }) => [from, through, at]));
}

function piecesFrom(value: Uint8Array | undefined): ReadPieces | undefined {
  if (value === undefined) return undefined;
  const number = (at: number): number => positionFrom(value.subarray(NUMBER_BYTES * at));
  const count = Math.floor((value.length / NUMBER_BYTES - 1) / 3);
  const pieces = Array.from({ length: count }, (_, i) => ({
    from: number(3 * i + 1),
    through: number(3 * i + 2),
    at: number(3 * i + 3),
  }));
  return { retention: number(0), pieces };
}

function numberBytes(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeDoubleBE(number, NUMBER_BYTES * i);
  return bytes;
}

function positionFrom(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset).getFloat64(0);
}

function positionOf(key: unknown, element = 3): number {
  const position: unknown = Array.isArray(key) ? key[element] : undefined;
  if (typeof position !== 'number') throw new TypeError('a chain record has a position in its key');
  return position;
}
