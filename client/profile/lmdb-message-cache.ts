import type { RootDatabase } from 'lmdb';
import { parseRoomId, type RoomId } from '../../src/protocol/ids.ts';
import { ConclaveError } from '../sdk/errors.ts';
import {
  CACHE_SHARE_KEPT,
  type CacheChange,
  type CacheEntry,
  type CacheTerms,
  type MessageCache,
  oldestKept,
} from '../sdk/storage/message-cache.ts';
import type { LmdbUse } from './lmdb-use.ts';
import { RecordSeal } from './record-seal.ts';

type Place = (string | number)[];
export type CacheDatabase = RootDatabase<Uint8Array, Place>;

/** Beyond this pause a write looks for what has become too old in all rooms. */
const PRUNE_EVERY_MS = 3_600_000;
/** Records of one room that are read at once on the way to older ones, and that go at once when the cache is full. */
const PAGE = 64;
/** What a record takes besides its value: its key, and LMDB's own words. */
const RECORD_OVERHEAD_BYTES = 64;
const NUMBER_BYTES = 8;
const TOTAL: Place = ['bytes'];

interface LmdbMessageCacheOptions {
  readonly database: CacheDatabase;
  readonly use: LmdbUse;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly bytesMax: number;
  /** LMDB found its file damaged. */
  readonly onDamage: () => void;
}

/**
 * Keys: `['room', room]`: its terms; `['entry', room, position]`: a record, sealed and bound to both; `['bytes']`: the
 * size of all records. Hexadecimal ids sort below `~`.
 */
export class LmdbMessageCache implements MessageCache {
  readonly #database: CacheDatabase;
  readonly #use: LmdbUse;
  readonly #seal: RecordSeal;
  readonly #bytesMax: number;
  readonly #onDamage: () => void;
  #prunedAt = 0;

  constructor({ database, use, key, bytesMax, onDamage }: LmdbMessageCacheOptions) {
    this.#database = database;
    this.#use = use;
    this.#seal = new RecordSeal(key);
    this.#bytesMax = bytesMax;
    this.#onDamage = onDamage;
  }

  async get(room: RoomId, seq: number): Promise<Uint8Array | undefined> {
    return this.#guarded(() => this.#read(room, seq, this.#database.get(entryPlace(room, seq))))?.value;
  }

  write(changes: readonly CacheChange[], now: number): Promise<void> {
    return this.#change((size) => {
      const terms = new Map<RoomId, CacheTerms | undefined>();
      for (const change of changes) {
        if (!terms.has(change.room)) terms.set(change.room, this.#terms(change.room));
        this.#put(change, terms.get(change.room), size);
      }
      if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
        this.#prunedAt = now;
        for (const room of this.#rooms()) this.#prune(room, this.#terms(room), now, size);
      }
      this.#evict(size);
    });
  }

  async terms(room: RoomId, terms: CacheTerms, now: number): Promise<void> {
    const holds = this.#guarded(() => {
      this.#database.resetReadTxn();
      const known = this.#terms(room);
      const [first] = this.#first(room, 1);
      const isDue = first !== undefined && !this.#isKept(room, first, terms, now);
      return known?.days === terms.days && known.after === terms.after && !isDue;
    });
    if (holds) return;
    await this.#change((size) => {
      this.#database.putSync(['room', room], numberBytes(terms.days, terms.after));
      this.#prune(room, terms, now, size);
    });
  }

  forget(room: RoomId): Promise<void> {
    return this.#change((size) => this.#forget(room, size));
  }

  clear(): Promise<void> {
    return this.#change((size) => {
      for (const room of this.#rooms()) this.#forget(room, size);
    });
  }

  async *newest(room: RoomId | undefined, now: number): AsyncGenerator<CacheEntry, void, undefined> {
    this.#guarded(() => this.#database.resetReadTxn());
    const walks = this.#guarded(() => this.#rooms())
      .filter((id) => room === undefined || id === room)
      .map((id) => this.#downwards(id, now));
    const heads = new Map(walks.map((walk) => [walk, walk.next().value]));
    for (;;) {
      const newest = [...heads].reduce<[(typeof walks)[number], CacheEntry] | undefined>(
        (best, [walk, entry]) =>
          entry !== undefined && (best === undefined || entry.at > best[1].at) ? [walk, entry] : best,
        undefined,
      );
      if (newest === undefined) return;
      const [walk, entry] = newest;
      yield entry;
      heads.set(walk, walk.next().value);
    }
  }

  /** The readable records of a room from the highest position down, page by page: no read transaction stays open. */
  *#downwards(room: RoomId, now: number): Generator<CacheEntry, undefined, undefined> {
    const terms = this.#guarded(() => this.#terms(room));
    for (let highest = Number.MAX_SAFE_INTEGER; terms !== undefined; ) {
      // A reversed range starts at its high end, which it includes.
      const range = {
        start: entryPlace(room, highest),
        end: entryPlace(room, -1),
        reverse: true,
        limit: PAGE,
      };
      const page = this.#guarded(() => [...this.#database.getRange(range)]);
      for (const { key, value } of page) {
        const entry = this.#read(room, positionOf(key), value);
        if (entry !== undefined && entry.at >= oldestKept(terms, now)) yield entry;
        highest = positionOf(key) - 1;
      }
      if (page.length < PAGE) return undefined;
    }
    return undefined;
  }

  #put({ room, seq, at, value }: CacheChange, terms: CacheTerms | undefined, size: Size): void {
    this.#remove(room, seq, size);
    if (terms === undefined || value === undefined || seq <= terms.after) return;
    const content = Buffer.concat([numberBytes(at), value]);
    const sealed = this.#seal.seal(placeName(room, seq), content);
    this.#database.putSync(entryPlace(room, seq), sealed);
    size.bytes += sealed.length + RECORD_OVERHEAD_BYTES;
  }

  /** Undefined for what is not there, or damaged. */
  #read(room: RoomId, seq: number, sealed: Uint8Array | undefined): CacheEntry | undefined {
    const content = sealed === undefined ? undefined : this.#seal.open(placeName(room, seq), sealed);
    if (content === undefined || content.length < NUMBER_BYTES) return undefined;
    return { room, seq, at: numberFrom(content, 0), value: content.slice(NUMBER_BYTES) };
  }

  #isKept(room: RoomId, { key, value }: Stored, terms: CacheTerms | undefined, now: number): boolean {
    if (terms === undefined || positionOf(key) <= terms.after) return false;
    const entry = this.#read(room, positionOf(key), value);
    return entry !== undefined && entry.at >= oldestKept(terms, now);
  }

  /** Positions of a room rise with time, so what is too old stands first. */
  #prune(room: RoomId, terms: CacheTerms | undefined, now: number, size: Size): void {
    for (;;) {
      const page = this.#first(room, PAGE);
      for (const stored of page) {
        if (this.#isKept(room, stored, terms, now)) return;
        this.#remove(room, positionOf(stored.key), size);
      }
      if (page.length === 0) return;
    }
  }

  /** The room whose first record is the oldest loses a page of them, until there is space again. */
  #evict(size: Size): void {
    if (size.bytes <= this.#bytesMax) return;
    while (size.bytes > this.#bytesMax * CACHE_SHARE_KEPT) {
      const firsts = this.#rooms().flatMap((room) =>
        this.#first(room, 1).map(({ key, value }) => ({
          room,
          at: this.#read(room, positionOf(key), value)?.at ?? 0,
        })),
      );
      if (firsts.length === 0) return;
      const { room } = firsts.reduce((one, other) => (other.at < one.at ? other : one));
      for (const { key } of this.#first(room, PAGE)) this.#remove(room, positionOf(key), size);
    }
  }

  #forget(room: RoomId, size: Size): void {
    this.#prune(room, undefined, 0, size);
    this.#database.removeSync(['room', room]);
  }

  #remove(room: RoomId, seq: number, size: Size): void {
    const stored = this.#database.get(entryPlace(room, seq));
    if (stored === undefined) return;
    this.#database.removeSync(entryPlace(room, seq));
    size.bytes -= stored.length + RECORD_OVERHEAD_BYTES;
  }

  #terms(room: RoomId): CacheTerms | undefined {
    const stored = this.#database.get(['room', room]);
    return stored?.length === 2 * NUMBER_BYTES
      ? { days: numberFrom(stored, 0), after: numberFrom(stored, NUMBER_BYTES) }
      : undefined;
  }

  #rooms(): readonly RoomId[] {
    return [...this.#database.getKeys({ start: ['room', ''], end: ['room', '~'] })].flatMap(([, id]) => {
      const room = parseRoomId(id);
      return room === undefined ? [] : [room];
    });
  }

  #first(room: RoomId, limit: number): readonly Stored[] {
    const [start, end] = [entryPlace(room, 0), entryPlace(room, Number.MAX_SAFE_INTEGER)];
    return [...this.#database.getRange({ start, end, limit })];
  }

  /** One transaction, serial over all processes, that keeps the size of all records with them. */
  async #change(step: (size: Size) => void): Promise<void> {
    const change = (): void => {
      const stored = this.#database.get(TOTAL);
      const size = { bytes: stored?.length === NUMBER_BYTES ? numberFrom(stored, 0) : 0 };
      step(size);
      this.#database.putSync(TOTAL, numberBytes(Math.max(0, size.bytes)));
    };
    try {
      await this.#use.write(change);
    } catch (error) {
      // A full disk, and a lock that another process holds, are no damage.
      if (!(error instanceof ConclaveError)) this.#onDamage();
      throw error;
    }
  }

  #guarded<T>(work: () => T): T {
    this.#use.check();
    try {
      return work();
    } catch (error) {
      this.#onDamage();
      throw error;
    }
  }
}

interface Stored {
  readonly key: Place;
  readonly value: Uint8Array;
}

interface Size {
  bytes: number;
}

function entryPlace(room: RoomId, seq: number): Place {
  return ['entry', room, seq];
}

function placeName(room: RoomId, seq: number): string {
  return `cache/${room}/${seq}`;
}

function positionOf([, , position]: Place): number {
  if (typeof position !== 'number') throw new TypeError('a record has a position in its key');
  return position;
}

function numberBytes(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeDoubleBE(number, NUMBER_BYTES * i);
  return bytes;
}

function numberFrom(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at);
}
