import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Interposed } from '../../test/support/ports/interposed.ts';
import { MemoryIdentities } from '../../test/support/ports/memory-accounts.ts';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { RevocationTable } from '../adapters/embedded/in-process-revocations.ts';
import { openEmbeddedRelay } from '../adapters/embedded/open-embedded-relay.ts';
import { Background } from '../lib/background.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import type { LogEvent } from '../ports/log-events.ts';
import { REVOCATION_LIFE_MS, type Revocations } from '../ports/revocations.ts';
import { parseUserId, type UserId } from '../protocol/ids.ts';
import { Publisher } from './publisher.ts';
import { FILL_MAX, RevocationList } from './revocation-list.ts';

function anyUser(): UserId {
  return parseUserId(new Uint8Array(randomBytes(16))) ?? expect.unreachable();
}

/** A store that answers at once: tens of thousands of rows are written into it. */
class QuickIdentities extends MemoryIdentities {
  readonly times = new Map<UserId, number>();

  override async revocationsOf(who: readonly UserId[]) {
    return who.flatMap((user) => {
      const notBefore = this.times.get(user);
      return notBefore === undefined ? [] : [{ user, notBefore }];
    });
  }

  override async revocations(
    since: number,
    after: { user: UserId; notBefore: number } | undefined,
    limit: number,
  ) {
    const rows = [...this.times].map(([user, notBefore]) => ({ user, notBefore }));
    const from = after === undefined ? 0 : rows.findIndex(({ user }) => user === after.user) + 1;
    return rows.slice(from, from + limit).filter(({ notBefore }) => notBefore >= since);
  }
}

describe('the book of revocations', () => {
  const NOW = 1_700_000_000_000;

  async function bookOf(identities: MemoryIdentities, table: RevocationTable) {
    const telemetry = silentTelemetry();
    const relay = openEmbeddedRelay({ telemetry });
    await relay.start();
    const store = new Interposed<IdentityStore>(identities);
    const cache: Revocations = {
      notBefore: async (who) => table.notBefore(who),
      add: async (revocations) => table.add(revocations),
      fill: async (revocations) => table.fill(revocations),
    };
    const publisher = new Publisher(
      relay.broker,
      new Background<LogEvent>(telemetry, 'background_full'),
      telemetry,
    );
    const clock = { nowMs: () => NOW };
    return { store, book: new RevocationList({ store: store.port, cache, publisher, clock }) };
  }

  it('looks each token up in the store when there are more than the cache is filled with', async () => {
    const identities = new QuickIdentities();
    const revoked = anyUser();
    for (let index = 0; index <= FILL_MAX; index += 1) identities.times.set(anyUser(), NOW);
    identities.times.set(revoked, NOW);
    const { store, book } = await bookOf(identities, new RevocationTable(() => NOW));
    expect(await book.isRevoked([anyUser(), revoked], NOW - 1)).toBe(true);
    expect(await book.isRevoked([anyUser(), revoked], NOW)).toBe(false);
    expect(await book.isRevoked([anyUser()], NOW - 1)).toBe(false);
    const pages = store.count('revocations');
    expect(await book.isRevoked([revoked], NOW - 1)).toBe(true);
    expect(store.count('revocations')).toBe(pages);
  });

  it('still answers when the cache has lost everything because it grew too large', async () => {
    const identities = new QuickIdentities();
    const table = new RevocationTable(() => NOW, 10);
    const { book } = await bookOf(identities, table);
    const users = Array.from({ length: 30 }, anyUser);
    for (const user of users) {
      identities.times.set(user, NOW);
      await book.revoke({ user, notBefore: NOW });
      expect(await book.isRevoked([user], NOW - 1)).toBe(true);
      expect(await book.isRevoked([anyUser()], NOW - 1)).toBe(false);
    }
  });

  it('reads none that can kill no token any more', async () => {
    const identities = new QuickIdentities();
    const [over, last] = [anyUser(), anyUser()];
    identities.times.set(over, NOW - REVOCATION_LIFE_MS - 1);
    identities.times.set(last, NOW - REVOCATION_LIFE_MS);
    const table = new RevocationTable(() => NOW);
    const { book } = await bookOf(identities, table);
    expect(await book.isRevoked([last], NOW - REVOCATION_LIFE_MS - 1)).toBe(true);
    expect(table.notBefore([over])).toBe(0);
  });
});
