import type { IDBPTransaction } from 'idb';
import type { RoomId } from '../../../src/protocol/ids.ts';
import {
  CACHE_BYTES_MAX_DEFAULT,
  CACHE_SHARE_KEPT,
  type CacheChange,
  type CacheEntry,
  type CacheTerms,
  type MessageCache,
  oldestKept,
} from '../../sdk/storage/message-cache.ts';
import { type AccountPlace, below, type StoredEntry, type WebDatabase, type WebSchema } from './database.ts';
import type { RecordCipher } from './record-cipher.ts';

/** Beyond this pause a write looks for what has become too old in all rooms. */
const PRUNE_EVERY_MS = 3_600_000;
/** Entries that are read at once on the way to older ones. */
const PAGE = 64;
/** What an entry takes besides its value, roughly: its key, its indexes. */
const ENTRY_OVERHEAD_BYTES = 200;
const STORES = ['terms', 'entries', 'sizes'] as const;
type Transaction = IDBPTransaction<WebSchema, (typeof STORES)[number][], 'readwrite'>;

export class WebMessageCache implements MessageCache {
  readonly #database: WebDatabase;
  readonly #account: AccountPlace;
  readonly #cipher: RecordCipher;
  readonly #bytesMax: number;
  #prunedAt = 0;

  constructor(
    database: WebDatabase,
    account: AccountPlace,
    cipher: RecordCipher,
    bytesMax: number = CACHE_BYTES_MAX_DEFAULT,
  ) {
    this.#database = database;
    this.#account = account;
    this.#cipher = cipher;
    this.#bytesMax = bytesMax;
  }

  async get(room: RoomId, seq: number): Promise<Uint8Array | undefined> {
    const stored = await this.#database.get('entries', [this.#account, room, seq]);
    return stored && this.#cipher.open(placeOf(stored), stored.sealed);
  }

  async write(changes: readonly CacheChange[], now: number): Promise<void> {
    const account = this.#account;
    const sealed = await Promise.all(
      changes.map(async ({ value, ...place }) => ({
        ...place,
        sealed: value && (await this.#cipher.seal(placeOf(place), value)),
      })),
    );
    await this.#change(async (transaction, size) => {
      for (const { room, seq, at, sealed: value } of sealed) {
        const terms = await transaction.objectStore('terms').get([account, room]);
        await remove(transaction, await transaction.objectStore('entries').get([account, room, seq]), size);
        if (terms === undefined || value === undefined || seq <= terms.after) continue;
        const bytes = value.length + ENTRY_OVERHEAD_BYTES;
        await transaction.objectStore('entries').put({ account, room, seq, at, bytes, sealed: value });
        size.bytes += bytes;
      }
      if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
        this.#prunedAt = now;
        for (const [, room] of await transaction.objectStore('terms').getAllKeys(below(account)))
          await this.#prune(transaction, room, now, size);
      }
      await this.#evict(transaction, size);
    });
  }

  terms(room: RoomId, terms: CacheTerms, now: number): Promise<void> {
    return this.#change(async (transaction, size) => {
      await transaction.objectStore('terms').put(terms, [this.#account, room]);
      await this.#prune(transaction, room, now, size);
    });
  }

  forget(room: RoomId): Promise<void> {
    return this.#change((transaction, size) => this.#forget(transaction, room, size));
  }

  clear(): Promise<void> {
    return this.#change(async (transaction, size) => {
      for (const [, room] of await transaction.objectStore('terms').getAllKeys(below(this.#account)))
        await this.#forget(transaction, room, size);
    });
  }

  async *newest(room: RoomId | undefined, now: number): AsyncGenerator<CacheEntry, void, undefined> {
    const terms = await this.#allTerms();
    for (let last: StoredEntry | undefined; ; ) {
      const page = await this.#page(room, last);
      for (const stored of page) {
        const { room: of, seq, at, sealed } = stored;
        const kept = terms.get(of);
        if (kept === undefined || at < oldestKept(kept, now)) continue;
        const value = await this.#cipher.open(placeOf(stored), sealed);
        if (value !== undefined) yield { room: of, seq, at, value };
      }
      last = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  async #allTerms(): Promise<ReadonlyMap<RoomId, CacheTerms>> {
    const { store } = this.#database.transaction('terms');
    const range = below(this.#account);
    const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
    return new Map(keys.flatMap(([, room], i) => (values[i] === undefined ? [] : [[room, values[i]]])));
  }

  /** The next entries below one, from the newest down. */
  async #page(room: RoomId | undefined, last: StoredEntry | undefined): Promise<readonly StoredEntry[]> {
    const account = this.#account;
    const entries = this.#database.transaction('entries').store;
    const found: StoredEntry[] = [];
    const [index, start, from] =
      room === undefined
        ? ([entries.index('age'), [account], last && [last.at, last.seq, last.room]] as const)
        : ([entries.index('age-in-room'), [account, room], last && [last.at, last.seq]] as const);
    const range = IDBKeyRange.bound(start, [...start, ...(from ?? [[]])], false, true);
    let cursor = await index.openCursor(range, 'prev');
    while (cursor !== null && found.length < PAGE) {
      found.push(cursor.value);
      cursor = await cursor.continue();
    }
    return found;
  }

  async #change(work: (transaction: Transaction, size: Size) => Promise<void>): Promise<void> {
    const transaction = this.#database.transaction([...STORES], 'readwrite');
    const size = { bytes: (await transaction.objectStore('sizes').get(this.#account)) ?? 0 };
    await work(transaction, size);
    await transaction.objectStore('sizes').put(size.bytes, this.#account);
    await transaction.done;
  }

  async #prune(transaction: Transaction, room: RoomId, now: number, size: Size): Promise<void> {
    const terms = await transaction.objectStore('terms').get([this.#account, room]);
    if (terms === undefined) return;
    const entries = transaction.objectStore('entries');
    const tooOld = IDBKeyRange.bound(
      [this.#account, room],
      [this.#account, room, oldestKept(terms, now)],
      false,
      true,
    );
    for (const stored of await entries.index('age-in-room').getAll(tooOld))
      await remove(transaction, stored, size);
    const before = IDBKeyRange.bound([this.#account, room], [this.#account, room, terms.after]);
    for (const stored of await entries.getAll(before)) await remove(transaction, stored, size);
  }

  async #forget(transaction: Transaction, room: RoomId, size: Size): Promise<void> {
    for (const stored of await transaction.objectStore('entries').getAll(below(this.#account, room)))
      await remove(transaction, stored, size);
    await transaction.objectStore('terms').delete(IDBKeyRange.only([this.#account, room]));
  }

  /** The oldest go first, whatever room they are of. */
  async #evict(transaction: Transaction, size: Size): Promise<void> {
    if (size.bytes <= this.#bytesMax) return;
    const oldest = transaction.objectStore('entries').index('age');
    let cursor = await oldest.openCursor(below(this.#account));
    while (cursor !== null && size.bytes > this.#bytesMax * CACHE_SHARE_KEPT) {
      size.bytes -= cursor.value.bytes;
      await cursor.delete();
      cursor = await cursor.continue();
    }
  }
}

interface Size {
  bytes: number;
}

async function remove(transaction: Transaction, stored: StoredEntry | undefined, size: Size): Promise<void> {
  if (stored === undefined) return;
  const { account, room, seq, bytes } = stored;
  size.bytes -= bytes;
  await transaction.objectStore('entries').delete(IDBKeyRange.only([account, room, seq]));
}

function placeOf({ room, seq, at }: Pick<CacheEntry, 'room' | 'seq' | 'at'>): string {
  return `${room}/${seq}/${at}`;
}
