import { sameBytes } from '../../../src/protocol/bytes.ts';
import { fingerprintBytes } from '../../../src/protocol/ids.ts';
import { PREKEY_WEEKS_AHEAD } from '../../../src/protocol/limits.ts';
import type { WrapKeys } from '../../crypto/epochs/epoch-wrap.ts';
import { chainAt, prekeySeed, prekeyWeek, signPrekeys } from '../../crypto/epochs/prekeys.ts';
import { xWingPublicKey } from '../../crypto/epochs/x-wing.ts';
import type { Clock } from '../connection/clock.ts';
import type { Asking, Link } from '../connection/link.ts';
import { getRecord, prekeysRecord, putRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';
import { Turns } from '../turns.ts';
import type { OwnKeys } from './own-keys.ts';
import type { PublishedPrekeys } from './shown.ts';

interface OwnPrekeysOptions {
  readonly clock: Clock;
  readonly keys: OwnKeys;
  readonly link: Link;
  readonly state: StateStore;
}

/** The prekeys of the user's own account: publishes them ahead of their weeks, and opens what others wrapped to them. */
export class OwnPrekeys {
  readonly #options: OwnPrekeysOptions;
  readonly #turns = new Turns();

  constructor(options: OwnPrekeysOptions) {
    this.#options = options;
  }

  /**
   * Publishes those of this week and of the eight after it, unless they were published by these keys before. Undefined: the server
   * stores none.
   */
  publish(asking: Asking): Promise<PublishedPrekeys | undefined> {
    return this.#turns.run(async () => {
      const { clock, keys, link, state } = this.#options;
      if (!link.has('prekeys')) return undefined;
      const { ready, verified } = keys.current;
      const { createdAt } = verified.document;
      const now = clock.wallTime();
      const week = prekeyWeek(createdAt, now);
      const through = week + PREKEY_WEEKS_AHEAD;
      const published = await getRecord(state, 'session', 'prekeys', prekeysRecord);
      const fingerprint = fingerprintBytes(ready.fingerprint);
      const isPublished = published !== undefined && sameBytes(published.fingerprint, fingerprint);
      if (isPublished && published.through >= through) {
        const weeksAhead = published.through - week;
        return published.at === undefined ? { weeksAhead } : { weeksAhead, publishedAt: published.at };
      }
      const chain = await keys.prekeyChain(now);
      // A clock that went back is no reason to publish what was deleted.
      const first = await chainAt(chain, Math.max(week, chain.week));
      const owner = { user: keys.user, createdAt };
      const prekeys = await signPrekeys(first, owner, ready, PREKEY_WEEKS_AHEAD + 1);
      await link.request('prekey', { prekeys }, asking);
      await putRecord(state, 'session', 'prekeys', prekeysRecord, { fingerprint, through, at: now });
      return { weeksAhead: PREKEY_WEEKS_AHEAD, publishedAt: now };
    });
  }

  /** For keys that the server has just taken: others may make an epoch before they are used again. What fails is made up for at the next start. */
  async publishNow(timeoutMs: number | undefined): Promise<void> {
    await this.publish({ timeoutMs }).catch(() => undefined);
  }

  /** What wraps may have been made for, the current keys first. */
  wrapKeys(): readonly Omit<WrapKeys, 'user'>[] {
    const { clock, keys } = this.#options;
    const now = clock.wallTime();
    return keys.identities
      .map(({ ready, prekeys, verified }) => ({
        fingerprint: ready.fingerprint,
        rsaDecrypt: ready.rsaDecrypt,
        prekeySeed: async (week: number) => {
          // Nothing was published for weeks further ahead, and each week costs a step of the chain.
          const last = prekeyWeek(verified.document.createdAt, now) + PREKEY_WEEKS_AHEAD + 1;
          return prekeys === undefined || week > last ? undefined : prekeySeed(prekeys, week);
        },
      }))
      .reverse();
  }

  /** That of this week, which the server may show to others. Undefined: its seed was deleted here. */
  async current(): Promise<{ readonly week: number; readonly publicKey: Uint8Array } | undefined> {
    const { clock, keys } = this.#options;
    const now = clock.wallTime();
    const chain = await keys.prekeyChain(now);
    const week = prekeyWeek(keys.current.verified.document.createdAt, now);
    const seed = await prekeySeed(chain, week);
    return seed === undefined ? undefined : { week, publicKey: await xWingPublicKey(seed) };
  }

  /** Chain keys are there that may go once every epoch was read. */
  get mayForget(): boolean {
    const { clock, keys } = this.#options;
    return keys.hasPastPrekeys(clock.wallTime());
  }

  /** To be called once the epochs of every room were read: nothing that these chain keys open is still to come. */
  async forgetPast(): Promise<void> {
    const { clock, keys } = this.#options;
    await keys.forgetPrekeys(clock.wallTime());
  }
}
