import type { Database } from 'lmdb';
import { Unavailable } from '../../ports/unavailable.ts';
import type { TableName, TableReader, Tables } from './store-tables.ts';

/** Operations that wait for their commit; one more is refused. */
const WAITING_MAX = 20_000;
/** Operations, and bytes written, after which a commit is not made larger. */
const GROUP_OPERATIONS_MAX = 2000;
const GROUP_BYTES_MAX = 32 * 1024 * 1024;

/** What a write sees and does. It sees all writes before it, those not yet on the disk included. */
export interface WriteView {
  get(table: TableName, key: Buffer): Uint8Array | undefined;
  put(table: TableName, key: Buffer, value: Buffer): void;
  remove(table: TableName, key: Buffer): void;
}

/** Decides by what it reads and writes accordingly; synchronous, called once. What it wrote before it threw is dropped. */
export type Decision<T> = (view: WriteView) => T;

export interface CommitSize {
  readonly byteCount: number;
  readonly changeCount: number;
  /** Whether it may take from what is kept back on the disk. */
  readonly fromReserve: boolean;
}

/** Throws when the disk has no room for a commit of this size. */
export type RequireRoom = (size: CommitSize) => Promise<void>;

export interface WriteOptions {
  /** In a group of its own: its range reads, which see only what is committed, then see everything. */
  readonly alone?: boolean;
  /** Small writes that reading needs. Only for those that are alone. */
  readonly fromReserve?: boolean;
}

interface Waiting extends Required<WriteOptions> {
  /** Runs the decision into a group; answers what to call when the group is on the disk. */
  decide(group: Draft): (() => void) | undefined;
  fail(error: unknown): void;
}

/**
 * Every write goes through this lane: while one group of operations is being committed, the next waits; then all that
 * wait are decided one after the other, each seeing those before it, and are written in one synced commit. So a decision
 * is atomic without holding LMDB's write transaction open, and many writes share one wait for the disk.
 *
 * Nobody else writes: the lock of the data directory sees to it. That is why LMDB's own transaction callbacks are not
 * needed: they call back from the writer thread while it holds LMDB's lock, and what one wrote before it threw stays
 * (https://github.com/kriszyp/lmdb-js#dbtransactioncallback-function-promise), unless each pays for a child transaction.
 */
export class WriteLane {
  readonly #tables: Tables;
  readonly #reader: TableReader;
  readonly #requireRoom: RequireRoom;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  /** Of the group that is being committed. */
  #committing: Promise<void> | undefined;
  #held: Promise<void> | undefined;

  constructor(tables: Tables, reader: TableReader, requireRoom: RequireRoom) {
    this.#tables = tables;
    this.#reader = reader;
    this.#requireRoom = requireRoom;
  }

  /** Resolves once the writes are on the disk. Rejects with what `decision` threw, or Unavailable when the disk refuses. */
  run<T>(decision: Decision<T>, { alone = false, fromReserve = false }: WriteOptions = {}): Promise<T> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(
        new Unavailable('store', new Error(`more than ${WAITING_MAX} writes wait for the disk`)),
      );
    }
    return new Promise<T>((resolve, reject) => {
      const decide = (group: Draft): (() => void) | undefined => {
        const own = new Draft(group);
        try {
          const outcome = decision(own);
          own.mergeInto(group);
          return () => resolve(outcome);
        } catch (error) {
          reject(error);
          return undefined;
        }
      };
      this.#waiting.push({ alone, fromReserve, decide, fail: reject });
      this.#running ??= this.#work();
    });
  }

  /** Resolves when nothing is being written; nothing more is until the function that it gives is called. One at a time. */
  async hold(): Promise<() => void> {
    let letGo = (): void => undefined;
    this.#held = new Promise((resolve) => {
      letGo = () => {
        this.#held = undefined;
        resolve();
      };
    });
    await this.#committing;
    return letGo;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Never rejects: each failure goes to those whose writes it took along. */
  async #work(): Promise<void> {
    // Calls of the same turn share the first group too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      while (this.#held !== undefined) await this.#held;
      this.#committing = this.#commitNext();
      await this.#committing;
    }
    this.#running = undefined;
  }

  async #commitNext(): Promise<void> {
    const group = new Draft(this.#reader);
    const members = this.#nextGroup();
    const done: { readonly settle: () => void; readonly fail: (error: unknown) => void }[] = [];
    for (const [index, member] of members.entries()) {
      if (group.byteCount > GROUP_BYTES_MAX) {
        this.#waiting = [...members.slice(index), ...this.#waiting];
        break;
      }
      const settle = member.decide(group);
      if (settle !== undefined) done.push({ settle, fail: (error) => member.fail(error) });
    }
    try {
      const { byteCount, changeCount } = group;
      const fromReserve = members.every((member) => member.fromReserve);
      if (changeCount > 0) await this.#requireRoom({ byteCount, changeCount, fromReserve });
      await group.commit(this.#tables);
      for (const { settle } of done) settle();
    } catch (error) {
      const refused = new Unavailable('store', error);
      for (const { fail } of done) fail(refused);
    }
  }

  #nextGroup(): readonly Waiting[] {
    const firstAlone = this.#waiting.findIndex(({ alone }) => alone);
    const size = firstAlone < 0 ? GROUP_OPERATIONS_MAX : Math.max(1, firstAlone);
    return this.#waiting.splice(0, Math.min(size, GROUP_OPERATIONS_MAX));
  }
}

type Change = { readonly key: Buffer; readonly value: Buffer | undefined };

/** Writes that are decided but not made, over what lies below. */
class Draft implements WriteView {
  byteCount = 0;
  readonly #below: Pick<WriteView, 'get'>;
  readonly #changes = new Map<TableName, Map<string, Change>>();

  constructor(below: Pick<WriteView, 'get'>) {
    this.#below = below;
  }

  get changeCount(): number {
    let count = 0;
    for (const changes of this.#changes.values()) count += changes.size;
    return count;
  }

  get(table: TableName, key: Buffer): Uint8Array | undefined {
    const change = this.#changes.get(table)?.get(key.toString('latin1'));
    return change === undefined ? this.#below.get(table, key) : change.value;
  }

  put(table: TableName, key: Buffer, value: Buffer): void {
    this.#set(table, { key, value });
  }

  remove(table: TableName, key: Buffer): void {
    this.#set(table, { key, value: undefined });
  }

  mergeInto(group: Draft): void {
    for (const [table, changes] of this.#changes)
      for (const change of changes.values()) group.#set(table, change);
  }

  /** Atomic: LMDB commits a batch in one transaction. */
  async commit(tables: Tables): Promise<void> {
    const [anyTable] = tables.values();
    if (this.#changes.size === 0 || anyTable === undefined) return;
    try {
      await anyTable.batch(() => {
        for (const [name, changes] of this.#changes) {
          const table = tables.get(name);
          if (table !== undefined) for (const change of changes.values()) enqueue(table, change);
        }
      });
    } catch (error) {
      throw await causeOf(error);
    }
  }

  #set(table: TableName, change: Change): void {
    const changes = this.#changes.get(table) ?? new Map<string, Change>();
    changes.set(change.key.toString('latin1'), change);
    this.#changes.set(table, changes);
    this.byteCount += change.key.length + (change.value?.length ?? 0);
  }
}

/** Inside a batch the promise of a single put never rejects; the batch's own one tells. */
function enqueue(table: Database<Buffer, Buffer>, { key, value }: Change): void {
  const enqueued = value === undefined ? table.remove(key) : table.put(key, value);
  enqueued.catch(() => undefined);
}

/** LMDB's error says only that the commit failed; why is in a promise on it, which rejects. */
async function causeOf(error: unknown): Promise<unknown> {
  if (typeof error !== 'object' || error === null || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
