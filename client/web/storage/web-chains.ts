import type { IDBPTransaction } from 'idb';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { Seen } from '../../../src/protocol/layouts/message-header.ts';
import type {
  ChainName,
  ChainRecord,
  ChainStore,
  OpenedHeaders,
  RoomChains,
  RoomPieces,
} from '../../crypto/chain-store.ts';
import { ChainAnswers, type ChainReads, ChainStep, type ChainWrites } from './chain-step.ts';
import { type AccountPlace, below, DURABLE, type WebDatabase, type WebSchema } from './database.ts';

const STORES = ['records', 'floors', 'bindings', 'headers', 'readings'] as const;
type Store = (typeof STORES)[number];
type Transaction = IDBPTransaction<WebSchema, Store[], 'readwrite'>;

/**
 * What was accepted of each chain. Hashes and positions say nothing of contents, so they are in the clear. A step runs
 * inside one transaction of IndexedDB, on what has been read; what it asked besides is read, and then it runs again.
 */
export class WebChains implements ChainStore {
  readonly #database: WebDatabase;
  readonly #account: AccountPlace;

  constructor(database: WebDatabase, account: AccountPlace) {
    this.#database = database;
    this.#account = account;
  }

  async transaction<T>(
    room: RoomId,
    step: (chains: RoomChains, opened: OpenedHeaders, read: RoomPieces) => T,
  ): Promise<T> {
    const transaction = this.#database.transaction([...STORES], 'readwrite', DURABLE);
    const reads = this.#reads(transaction, room);
    const answers = new ChainAnswers();
    for (;;) {
      const run = new ChainStep(answers);
      const outcome = attempt(() => step(run.chains, run.headers, run.pieces));
      // Whatever it came to was made of too little.
      if (await answers.fetch(reads)) continue;
      if (!outcome.ok) {
        transaction.abort();
        await transaction.done.catch(() => undefined);
        throw outcome.error;
      }
      await run.write(this.#writes(transaction, room));
      await transaction.done;
      return outcome.value;
    }
  }

  async lastOpened(room: RoomId): Promise<Seen | undefined> {
    const range = below(this.#account, room);
    const last = await this.#database.transaction('headers').store.openCursor(range, 'prev');
    return last === null ? undefined : { position: last.key[2], headerHash: last.value };
  }

  async lastOf(room: RoomId, name: ChainName): Promise<ChainRecord | undefined> {
    const range = below(this.#account, room, chainKey(name));
    const last = await this.#database.transaction('records').store.openCursor(range, 'prev');
    return last === null ? undefined : { position: last.key[3], ...last.value };
  }

  async forget(room: RoomId, before: number): Promise<void> {
    const transaction = this.#database.transaction([...STORES], 'readwrite', DURABLE);
    await this.#forgetHeaders(transaction, room, before);
    await this.#forgetRecords(transaction, room, before);
    const bindings = transaction.objectStore('bindings');
    for (
      let cursor = await bindings.openCursor(below(this.#account, room));
      cursor !== null;
      cursor = await cursor.continue()
    )
      if (cursor.value < before) await cursor.delete();
    await transaction.done;
  }

  async #forgetHeaders(transaction: Transaction, room: RoomId, before: number): Promise<void> {
    const headers = transaction.objectStore('headers');
    const last = await headers.openKeyCursor(below(this.#account, room), 'prev');
    if (last === null) return;
    const end = Math.min(before, last.key[2]);
    await headers.delete(IDBKeyRange.bound([this.#account, room], [this.#account, room, end], false, true));
  }

  /** The highest record of a chain stays; the highest that goes becomes its floor. */
  async #forgetRecords(transaction: Transaction, room: RoomId, before: number): Promise<void> {
    const records = transaction.objectStore('records');
    const highest = new Map<string, { readonly position: number; readonly number: number }>();
    const range = below(this.#account, room);
    let cursor = await records.openCursor(range);
    while (cursor !== null) {
      const [, , chain, position] = cursor.key;
      const { number } = cursor.value;
      const key = cursor.key;
      const next = await cursor.continue();
      // Records come by chain and position: the last of a chain is followed by one of another, or by none.
      if (position < before && next?.key[2] === chain) {
        await records.delete(IDBKeyRange.only(key));
        highest.set(chain, { position, number });
      }
      cursor = next;
    }
    for (const [chain, floor] of highest)
      await transaction.objectStore('floors').put(floor, [this.#account, room, chain]);
  }

  #writes(transaction: Transaction, room: RoomId): ChainWrites {
    const account = this.#account;
    return {
      restart: async (name, floor) => {
        await transaction.objectStore('records').delete(below(account, room, chainKey(name)));
        await transaction.objectStore('floors').put(floor, [account, room, chainKey(name)]);
      },
      add: async (name, { position, ...record }) => {
        await transaction.objectStore('records').put(record, [account, room, chainKey(name), position]);
      },
      bind: async (sender, message, position) => {
        await transaction.objectStore('bindings').put(position, [account, room, sender + message]);
      },
      header: async (position, hash) => {
        await transaction.objectStore('headers').put(hash, [account, room, position]);
      },
      pieces: async (pieces) => {
        await transaction.objectStore('readings').put(pieces, [account, room]);
      },
    };
  }

  #reads(transaction: Transaction, room: RoomId): ChainReads {
    const account = this.#account;
    const nearest = async (
      name: ChainName,
      from: number,
      to: number,
      direction: 'next' | 'prev',
    ): Promise<ChainRecord | undefined> => {
      if (from > to) return undefined;
      const chain = chainKey(name);
      const range = IDBKeyRange.bound([account, room, chain, from], [account, room, chain, to]);
      const found = await transaction.objectStore('records').openCursor(range, direction);
      return found === null ? undefined : { position: found.key[3], ...found.value };
    };
    return {
      at: (name, position) => nearest(name, position, position, 'next'),
      below: (name, position) => nearest(name, Number.NEGATIVE_INFINITY, position - 1, 'prev'),
      above: (name, position) => nearest(name, position + 1, Number.POSITIVE_INFINITY, 'next'),
      floor: (name) => transaction.objectStore('floors').get([account, room, chainKey(name)]),
      positionOf: ({ sender }, message) =>
        transaction.objectStore('bindings').get([account, room, sender + message]),
      header: (position) => transaction.objectStore('headers').get([account, room, position]),
      pieces: () => transaction.objectStore('readings').get([account, room]),
    };
  }
}

function chainKey({ sender, chain }: ChainName): string {
  return sender + chain;
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function attempt<T>(run: () => T): Outcome<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, error };
  }
}
