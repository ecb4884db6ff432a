import { randomBytes } from 'node:crypto';
import { KeyedQueue } from './keyed-queue.ts';
import type { Keys } from './keys.ts';
import { addToList, endLease, keepLists, refreshLease, removeFromList, takeLease } from './lease-scripts.ts';
import { chunks, replyNumber } from './reply.ts';
import type { RunScript } from './script.ts';

/** The lists of a dead node outlive every reaping by far; after that the sweep finds what is left. */
const listLifeMs = 60 * 60 * 1000;
const listBatchMax = 512;

export type ListKind = 'rooms' | 'users';

/**
 * One life of this node in the eyes of the others: a random name, a lease, and lists of where it has entries. What is to
 * have an entry is listed before, so that a reaper finds it. An incarnation that lost its lease is never used again.
 */
export class Incarnation {
  readonly name: string = randomBytes(8).toString('hex');
  readonly #run: RunScript;
  readonly #keys: Keys;
  readonly #leaseMs: number;
  readonly #listed = { rooms: new Set<string>(), users: new Set<string>() };
  readonly #queue = new KeyedQueue();

  constructor(run: RunScript, keys: Keys, leaseMs: number) {
    this.#run = run;
    this.#keys = keys;
    this.#leaseMs = leaseMs;
  }

  async takeLease(): Promise<void> {
    await this.#run(takeLease, [this.#keys.leases], [this.name, this.#leaseMs]);
  }

  /** False when the lease is gone or over. */
  async refreshLease(): Promise<boolean> {
    const kept = await this.#run(refreshLease, [this.#keys.leases], [this.name, this.#leaseMs]);
    if (replyNumber(kept) === 0) return false;
    await this.#run(keepLists, [this.#keys.roomsOf(this.name), this.#keys.usersOf(this.name)], [listLifeMs]);
    return true;
  }

  async endLease(): Promise<void> {
    await this.#run(endLease, [this.#keys.leases], [this.name]);
  }

  /** What this node knows to be listed: Redis may have dropped the lists while it still wrote. */
  get listed(): Readonly<Record<ListKind, ReadonlySet<string>>> {
    return this.#listed;
  }

  /** Resolves when all are listed. */
  async list(kind: ListKind, ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#listed[kind].has(id));
    if (missing.length === 0) return;
    // Behind every removal that is under way.
    await Promise.all(missing.map((id) => this.#queue.run(kind + id, () => Promise.resolve())));
    for (const batch of chunks(missing, listBatchMax))
      await this.#run(addToList, [this.#keyOf(kind)], [listLifeMs, ...batch]);
    for (const id of missing) this.#listed[kind].add(id);
  }

  /** Takes an id off its list, unless it is in use again when the turn comes. */
  async unlist(kind: ListKind, id: string, isUnused: () => boolean): Promise<void> {
    await this.#queue.run(kind + id, async () => {
      if (!this.#listed[kind].has(id) || !isUnused()) return;
      this.#listed[kind].delete(id);
      await this.#run(removeFromList, [this.#keyOf(kind)], [id]);
    });
  }

  #keyOf(kind: ListKind): string {
    return kind === 'rooms' ? this.#keys.roomsOf(this.name) : this.#keys.usersOf(this.name);
  }
}
