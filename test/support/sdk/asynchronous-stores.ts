import type { ChainStore } from '../../../client/crypto/chain-store.ts';
import { MemoryChainStore } from '../../../client/crypto/memory-chain-store.ts';
import { MemoryState } from '../../../client/sdk/storage/memory-state.ts';
import type { StateStore } from '../../../client/sdk/storage/state-store.ts';
import { KeyedTurns } from '../../../client/sdk/turns.ts';

/*
 * Stores that read asynchronously, as those of browsers do. What a change or a step reads is not there yet when it is run first: it
 * is run for what it asks, its writes are dropped, and it is run again when that has come. Meanwhile others have their turn.
 */

export class AsynchronousState implements StateStore {
  readonly #records = new MemoryState();
  readonly #turns = new KeyedTurns<string>();

  async get(...[table, key]: Parameters<StateStore['get']>): ReturnType<StateStore['get']> {
    await arrival();
    return this.#records.get(table, key);
  }

  async list(...asked: Parameters<StateStore['list']>): ReturnType<StateStore['list']> {
    await arrival();
    return this.#records.list(...asked);
  }

  update: StateStore['update'] = (table, key, change) =>
    this.#turns.run(`${table}/${key}`, async () => {
      change(await this.#records.get(table, key));
      await arrival();
      return this.#records.update(table, key, change);
    });
}

export class AsynchronousChains implements ChainStore {
  readonly #records = new MemoryChainStore();
  readonly #turns = new KeyedTurns<string>();

  transaction: ChainStore['transaction'] = (room, step) =>
    this.#turns.run(room, async () => {
      const asked = this.#records.transaction(room, (...records) => {
        step(...records);
        throw new NotThereYet();
      });
      await asked.catch((error: unknown) => {
        if (!(error instanceof NotThereYet)) throw error;
      });
      await arrival();
      return this.#records.transaction(room, step);
    });

  lastOpened: ChainStore['lastOpened'] = async (room) => {
    await arrival();
    return this.#records.lastOpened(room);
  };

  lastOf: ChainStore['lastOf'] = async (room, name) => {
    await arrival();
    return this.#records.lastOf(room, name);
  };

  forget: ChainStore['forget'] = (room, before) =>
    this.#turns.run(room, async () => {
      await arrival();
      await this.#records.forget(room, before);
    });
}

class NotThereYet extends Error {}

function arrival(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
