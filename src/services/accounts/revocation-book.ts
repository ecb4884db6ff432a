import { encodeNotice } from '../../domain/envelope.ts';
import { CONTROL_CHANNEL } from '../../ports/broker.ts';
import type { IdentityStore } from '../../ports/identity-store.ts';
import type { Revocation, Revocations } from '../../ports/revocations.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { UserId } from '../../protocol/ids.ts';
import { TOKEN_LIFE_MS } from '../../protocol/limits.ts';
import type { Publisher } from '../publisher.ts';
import type { WallClock } from '../service-parts.ts';
import { SingleFlight } from '../single-flight.ts';

/** Revocations older than any token are read too by this much: clocks of nodes differ. */
const CLOCK_SKEW_MS = 60_000;

interface RevocationBookParts {
  readonly store: IdentityStore;
  readonly cache: Revocations;
  readonly publisher: Publisher;
  readonly clock: WallClock;
}

/** Which tokens are dead. Entries stand for a user (all tokens issued before) or, by its mark, for one token. */
export class RevocationBook {
  readonly #parts: RevocationBookParts;
  readonly #fills = new SingleFlight<'fill', void>();

  constructor(parts: RevocationBookParts) {
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

  /** Whether an entry for any of these kills a token of this age. Reads the store only when the cache is not complete. */
  async isRevoked(who: readonly UserId[], issuedAt: number): Promise<boolean> {
    const { cache } = this.#parts;
    const cached = await cache.notBefore(who);
    if (cached !== undefined) return issuedAt < cached;
    await this.#fills.run('fill', () => this.#fill());
    const filled = await cache.notBefore(who);
    if (filled === undefined)
      throw new Unavailable('store', new Error('the revocations do not stay complete'));
    return issuedAt < filled;
  }

  async #fill(): Promise<void> {
    const { store, cache, clock } = this.#parts;
    await cache.fill(await store.revocations(clock.nowMs() - TOKEN_LIFE_MS - CLOCK_SKEW_MS));
  }
}
