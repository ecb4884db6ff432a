import { type DBSchema, type IDBPDatabase, openDB, unwrap, wrap } from 'idb';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { ChainFloor, ChainRecord } from '../../crypto/chain-store.ts';
import type { ReadPieces } from '../../crypto/read-pieces.ts';
import type { CacheEntry, CacheTerms } from '../../sdk/storage/message-cache.ts';
import type { StateTable } from '../../sdk/storage/state-store.ts';

/** Names an account in every key: server and folded name. */
export type AccountPlace = string;

/** One account as it lies in the browser. `file` has the form of the command line's key file. */
export interface StoredAccount {
  readonly name: string;
  readonly file: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970 UTC: the page begins with the account that was used last. */
  readonly usedAt: number;
}

export interface StoredEntry extends Omit<CacheEntry, 'value'> {
  readonly account: AccountPlace;
  /** What it counts for in the size of the cache. */
  readonly bytes: number;
  readonly sealed: Uint8Array;
}

/** Values of `state` and `entries` are sealed, the others say nothing of contents. */
export interface WebSchema extends DBSchema {
  accounts: { key: AccountPlace; value: StoredAccount };
  state: { key: [AccountPlace, StateTable, string]; value: Uint8Array };
  /** By account, room, sender and chain, position. */
  records: { key: [AccountPlace, RoomId, string, number]; value: Omit<ChainRecord, 'position'> };
  floors: { key: [AccountPlace, RoomId, string]; value: ChainFloor };
  /** The position that a message id is bound to, by sender and message id. */
  bindings: { key: [AccountPlace, RoomId, string]; value: number };
  headers: { key: [AccountPlace, RoomId, number]; value: Uint8Array };
  readings: { key: [AccountPlace, RoomId]; value: ReadPieces };
  terms: { key: [AccountPlace, RoomId]; value: CacheTerms };
  entries: {
    key: [AccountPlace, RoomId, number];
    value: StoredEntry;
    indexes: {
      age: [AccountPlace, number, number, RoomId];
      'age-in-room': [AccountPlace, RoomId, number, number];
    };
  };
  /** The size of all entries of an account, in bytes. */
  sizes: { key: AccountPlace; value: number };
}

export type WebDatabase = IDBPDatabase<WebSchema>;

export const DATABASE_NAME = 'conclave';
const DATABASE_VERSION = 1;

/** Stores whose keys begin with the account. */
export const ACCOUNT_STORES = [
  'state',
  'records',
  'floors',
  'bindings',
  'headers',
  'readings',
  'terms',
  'entries',
] as const;

/** `page`: says `pagehide` when it is left. */
export async function openDatabase(page: EventTarget, name: string = DATABASE_NAME): Promise<WebDatabase> {
  const database = await openDB<WebSchema>(name, DATABASE_VERSION, {
    upgrade: (database) => {
      for (const store of ['accounts', 'sizes', ...ACCOUNT_STORES] as const)
        if (store !== 'entries') database.createObjectStore(store);
      const entries = database.createObjectStore('entries', { keyPath: ['account', 'room', 'seq'] });
      entries.createIndex('age', ['account', 'at', 'seq', 'room']);
      entries.createIndex('age-in-room', ['account', 'room', 'at', 'seq']);
    },
    // A page of a later release waits to change the form; this one has to let go.
    blocking: (_current, _blocked, event) => {
      if (event.target instanceof IDBDatabase) event.target.close();
    },
  });
  letGoWith(page, unwrap(database));
  return database;
}

/**
 * WebKit may keep a page that was left, to show it again. Transactions that are open then stay open, and whatever page comes next waits for
 * them without end (bugs.webkit.org 315804): they are undone instead, as if the page had ended.
 */
function letGoWith(page: EventTarget, database: IDBDatabase): void {
  const open = new Set<IDBTransaction>();
  const begin = database.transaction.bind(database);
  database.transaction = (...terms) => {
    const transaction = begin(...terms);
    open.add(transaction);
    const ended = (): boolean => open.delete(transaction);
    // Whoever began it learns of a failure by what it asked for, and may not get as far as its end.
    wrap(transaction).done.then(ended, ended);
    return transaction;
  };
  page.addEventListener('pagehide', () => {
    database.close();
    for (const transaction of open) {
      try {
        transaction.abort();
      } catch {
        // It is being written already, and ends by itself.
      }
    }
  });
}

/** All keys that begin with these parts: an array sorts after every number and text. */
export function below(...parts: readonly (string | number)[]): IDBKeyRange {
  return IDBKeyRange.bound([...parts], [...parts, []]);
}

/** Resolved writes have reached the disk. */
export const DURABLE = { durability: 'strict' } as const satisfies IDBTransactionOptions;
