import {
  REVOCATION_LIFE_MS,
  REVOCATIONS_CACHED_MAX,
  type Revocation,
  type Revocations,
} from '../../ports/revocations.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { RelayGate } from './relay-gate.ts';

/** The revocations known to this process. Empty and incomplete at the start: they are filled from the store. */
export class RevocationTable {
  readonly #now: () => number;
  readonly #max: number;
  /** In the order in which they were raised, oldest first. */
  readonly #notBefore = new Map<UserId, number>();
  #complete = false;

  constructor(now: () => number, max: number = REVOCATIONS_CACHED_MAX) {
    this.#now = now;
    this.#max = max;
  }

  notBefore(who: readonly UserId[]): number | undefined {
    if (!this.#complete) return undefined;
    return Math.max(0, ...who.map((user) => this.#notBefore.get(user) ?? 0));
  }

  add(revocations: readonly Revocation[]): void {
    for (const { user, notBefore } of revocations) {
      const known = this.#notBefore.get(user) ?? 0;
      this.#notBefore.delete(user);
      this.#notBefore.set(user, Math.max(notBefore, known));
    }
    this.#prune();
  }

  fill(revocations: readonly Revocation[]): void {
    this.#complete = true;
    this.add(revocations);
  }

  #prune(): void {
    const over = this.#now() - REVOCATION_LIFE_MS;
    for (const [user, notBefore] of this.#notBefore) {
      if (notBefore >= over) break;
      this.#notBefore.delete(user);
    }
    if (this.#notBefore.size <= this.#max) return;
    this.#notBefore.clear();
    this.#complete = false;
  }
}

/** One node's way to the revocations of this process. */
export class InProcessRevocations implements Revocations {
  readonly #table: RevocationTable;
  readonly #gate: RelayGate;

  constructor(table: RevocationTable, gate: RelayGate) {
    this.#table = table;
    this.#gate = gate;
  }

  async notBefore(who: readonly UserId[]): Promise<number | undefined> {
    await this.#gate.pass('limits');
    return this.#table.notBefore(who);
  }

  async add(revocations: readonly Revocation[]): Promise<void> {
    await this.#gate.pass('limits');
    this.#table.add(revocations);
  }

  async fill(revocations: readonly Revocation[]): Promise<void> {
    await this.#gate.pass('limits');
    this.#table.fill(revocations);
  }
}
