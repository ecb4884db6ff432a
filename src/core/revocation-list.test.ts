import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Interposed } from '../../test/support/ports/interposed.ts';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { storesForTest } from '../../test/support/ports/temporary-stores.ts';
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

describe('the book of revocations', () => {
  const NOW = 1_700_000_000_000;

  async function bookOf(table: RevocationTable) {
    const telemetry = silentTelemetry();
    const relay = openEmbeddedRelay({ telemetry });
    await relay.start();
    const store = new Interposed<IdentityStore>((await storesForTest()).identities);
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
    const { store, book } = await bookOf(new RevocationTable(() => NOW));
    const revoked = anyUser();
    await store.port.revoke({ user: revoked, notBefore: NOW });
    const others = Array.from({ length: FILL_MAX - 1 }, anyUser);
    await Promise.all(others.map((user) => store.port.revoke({ user, notBefore: NOW })));
    await store.port.revoke({ user: anyUser(), notBefore: NOW });
    expect(await book.isRevoked([anyUser(), revoked], NOW - 1)).toBe(true);
    expect(await book.isRevoked([anyUser(), revoked], NOW)).toBe(false);
    expect(await book.isRevoked([anyUser()], NOW - 1)).toBe(false);
    const pages = store.count('revocations');
    expect(await book.isRevoked([revoked], NOW - 1)).toBe(true);
    expect(store.count('revocations')).toBe(pages);
  });

  it('still answers when the cache has lost everything because it grew too large', async () => {
    const { book } = await bookOf(new RevocationTable(() => NOW, 10));
    const users = Array.from({ length: 30 }, anyUser);
    for (const user of users) {
      await book.revoke({ user, notBefore: NOW });
      expect(await book.isRevoked([user], NOW - 1)).toBe(true);
      expect(await book.isRevoked([anyUser()], NOW - 1)).toBe(false);
    }
  });

  it('reads none that can kill no token any more', async () => {
    const table = new RevocationTable(() => NOW);
    const { store, book } = await bookOf(table);
    const [over, last] = [anyUser(), anyUser()];
    await store.port.revoke({ user: over, notBefore: NOW - REVOCATION_LIFE_MS - 1 });
    await store.port.revoke({ user: last, notBefore: NOW - REVOCATION_LIFE_MS });
    expect(await book.isRevoked([last], NOW - REVOCATION_LIFE_MS - 1)).toBe(true);
    expect(table.notBefore([over])).toBe(0);
  });
});
