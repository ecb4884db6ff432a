import { randomBytes } from 'node:crypto';
import type { Keys } from './keys.ts';
import { endLease, keepLists, refreshLease, takeLease } from './lease-scripts.ts';
import { LIST_LIFE_MS, PresenceList } from './presence-list.ts';
import { replyNumber } from './reply.ts';
import type { RunScript } from './script.ts';

/**
 * One life of this node in the eyes of the others: a random name, a lease, and lists of where it has entries. What is to
 * have an entry is listed before, so that a reaper finds it. An incarnation that lost its lease is never used again.
 */
export class Incarnation {
  readonly name: string = randomBytes(8).toString('hex');
  readonly rooms: PresenceList;
  readonly users: PresenceList;
  readonly #run: RunScript;
  readonly #keys: Keys;
  readonly #leaseMs: number;

  constructor(run: RunScript, keys: Keys, leaseMs: number) {
    this.#run = run;
    this.#keys = keys;
    this.#leaseMs = leaseMs;
    this.rooms = new PresenceList(run, keys.roomsOf(this.name));
    this.users = new PresenceList(run, keys.usersOf(this.name));
  }

  async takeLease(): Promise<void> {
    await this.#run(takeLease, [this.#keys.leases], [this.name, this.#leaseMs]);
  }

  /** False when the lease is gone or over. */
  async refreshLease(): Promise<boolean> {
    const kept = await this.#run(refreshLease, [this.#keys.leases], [this.name, this.#leaseMs]);
    if (replyNumber(kept) === 0) return false;
    await this.#run(
      keepLists,
      [this.#keys.roomsOf(this.name), this.#keys.usersOf(this.name)],
      [LIST_LIFE_MS],
    );
    return true;
  }

  async endLease(): Promise<void> {
    await this.#run(endLease, [this.#keys.leases], [this.name]);
  }
}
