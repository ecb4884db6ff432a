import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeNotice } from '../domain/envelope.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { REVOCATION_LIFE_MS, type Revocation, type Revocations } from '../ports/revocations.ts';
import type { UserId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';
import { CONTROL_CHANNEL, type Publisher } from './publisher.ts';

/** Revocations that the cache is filled with; beyond it each token is looked up in the store. */
export const FILL_MAX = 20_000;
const FILL_PAGE = 1_000;
/** After there were too many, the next attempt to fill the cache waits so long. */
const FILL_PAUSE_MS = 60_000;

interface RevocationListParts {
  readonly store: IdentityStore;
  readonly cache: Revocations;
  readonly publisher: Publisher;
  readonly clock: WallClock;
}

/** Which tokens are dead. Entries stand for a user (all tokens issued before) or, by its mark, for one token. */
export class RevocationList {
  readonly #parts: RevocationListParts;
  readonly #fills = new SingleFlight<'fill', void>();
  #tooManyAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: RevocationListParts) {
    this.#parts = parts;
  }

  /**
   * The truth first, then the cache that resumes read, then the nodes that hold sessions: these close with `why`. Throws
   * Unavailable.
   */
  async revoke(revocation: Revocation, why?: 'account_closed'): Promise<void> {
    const { store, cache, publisher } = this.#parts;
    await store.revoke(revocation);
    await cache.add([revocation]);
    await publisher.publish(
      CONTROL_CHANNEL,
      encodeNotice({ about: 'revoked', ...revocation, ...(why !== undefined && { why }) }),
    );
  }

  /**
   * Whether an entry for any of these kills a token of this age. Reads the store only while the cache is not complete: all
   * of it to fill the cache, or, when that is too much, what is asked for.
   */
  async isRevoked(who: readonly UserId[], issuedAt: number): Promise<boolean> {
    const { cache, store } = this.#parts;
    const cached = await cache.notBefore(who);
    if (cached !== undefined) return issuedAt < cached;
    if (this.#mayFill()) {
      await this.#fills.run('fill', () => this.#fill());
      const filled = await cache.notBefore(who);
      if (filled !== undefined) return issuedAt < filled;
    }
    const found = await store.revocationsOf(who);
    return found.some(({ notBefore }) => issuedAt < notBefore);
  }

  #mayFill(): boolean {
    return Math.abs(this.#parts.clock.nowMs() - this.#tooManyAtMs) >= FILL_PAUSE_MS;
  }

  async #fill(): Promise<void> {
    const { store, cache, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const found: Revocation[] = [];
    for (let page: readonly Revocation[]; found.length <= FILL_MAX; ) {
      page = await store.revocations(nowMs - REVOCATION_LIFE_MS, found.at(-1), FILL_PAGE);
      found.push(...page);
      if (page.length < FILL_PAGE) {
        await cache.fill(found);
        return;
      }
      await nextTurn();
    }
    this.#tooManyAtMs = nowMs;
  }
}
