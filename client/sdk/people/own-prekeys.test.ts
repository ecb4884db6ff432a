import { describe, expect, test } from 'vitest';
import { parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import { PREKEY_WEEK_MS } from '../../../src/protocol/limits.ts';
import type { HostileServer } from '../../../test/support/hostile/hostile-server.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';
import { type ManualClock, settled } from '../../../test/support/sdk/manual-clock.ts';
import { chainAt } from '../../crypto/epochs/prekeys.ts';
import { type AccountKeys, type AccountStorage, memoryStorage } from '../storage/storage.ts';
import { newAccountKeys } from './own-account.ts';
import { OwnKeys } from './own-keys.ts';

/** What was published last. */
const publishedAt = (server: HostileServer): readonly Uint8Array[] =>
  server.bodies('prekey').at(-1)?.prekeys ?? [];

const weeksOf = (prekeys: readonly Uint8Array[]): readonly (number | undefined)[] =>
  prekeys.map((prekey) => parsePrekey(prekey)?.prekey.week);

/** As earlier releases made accounts. */
async function withoutChain(name: string, createdAt: number): Promise<AccountKeys> {
  const account = await newAccountKeys(name, { createdAt });
  return { ...account, identities: account.identities.map(({ signed, keys }) => ({ signed, keys })) };
}

async function fixtureOfPrekeys(): Promise<LiveFixture> {
  const fixture = await LiveFixture.start();
  fixture.server.offer(['prekeys']);
  return fixture;
}

describe('the prekeys of an account', () => {
  test('are published for this week and eight more when it is registered, and not again before the next week', async () => {
    await using fixture = await fixtureOfPrekeys();
    const { server } = fixture;
    const ada = await fixture.user('Ada');
    expect(weeksOf(publishedAt(server))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await ada.close();
    await (await fixture.client(ada.storage)).connect();
    expect(server.count('prekey')).toBe(1);
  });

  test('are drawn at first use for an account of an earlier release, from the week that it is', async () => {
    await using fixture = await fixtureOfPrekeys();
    const { server } = fixture;
    const storage = memoryStorage(await withoutChain('Ada', Date.now() - 10.5 * PREKEY_WEEK_MS));
    const ada = await fixture.client(storage);
    await ada.register();
    expect(weeksOf(publishedAt(server))[0]).toBe(11);
    const [identity] = (await storage.keys.load()).identities;
    expect(identity?.prekeys?.week).toBe(11);
  });

  test('are kept past their weeks by whoever meets gateways alone that show no epochs', async () => {
    await using fixture = await fixtureOfPrekeys();
    const { server } = fixture;
    const storage = memoryStorage(
      await newAccountKeys('Ada', { createdAt: Date.now() - 4.5 * PREKEY_WEEK_MS }),
    );
    const firstWeek = async () => (await storage.keys.load()).identities[0]?.prekeys?.week;
    const ada = await fixture.client(storage);
    await ada.register();
    for (let pings = 0; pings < 10; pings += 1) await ada.ping();
    expect(await firstWeek()).toBe(1);
    await ada.close();
    server.offer(['prekeys', 'suite-2']);
    await (await fixture.client(storage)).connect();
    await expect.poll(firstWeek).toBe(4);
  });

  test('are of a new chain once a rotation is done, and the old one is no longer published', async () => {
    await using fixture = await fixtureOfPrekeys();
    const { server } = fixture;
    const ada = await fixture.user('Ada');
    const before = publishedAt(server);
    await ada.rotate();
    expect(publishedAt(server)).not.toBe(before);
    const [first, second] = (await ada.storage.keys.load()).identities;
    expect(first?.prekeys?.key).not.toEqual(second?.prekeys?.key);
  });
});

describe('closing a client', () => {
  /** Of an account that was registered at a gateway of an earlier release, and has a room there. */
  async function accountWithoutPrekeys(fixture: LiveFixture): Promise<AccountStorage> {
    fixture.server.offer(undefined);
    const ada = await fixture.user('Ada');
    await ada.create('Lobby');
    await ada.close();
    fixture.server.offer(['prekeys']);
    return ada.storage;
  }

  /** Connected, and publishing prekeys that the server never answers. Its time stands still until a test moves it. */
  async function publishingInVain(fixture: LiveFixture) {
    const { server } = fixture;
    const storage = await accountWithoutPrekeys(fixture);
    server.intercept = ({ name }) => (name === 'prekey' ? 'silence' : undefined);
    const clock = Object.assign(fixture.clock(), { wallTime: () => Date.now() });
    const client = await fixture.client(storage, { clock });
    await client.connect();
    await clock.advance(0);
    await expect.poll(() => server.count('prekey')).toBe(1);
    return { client, clock };
  }

  test('waits for the prekeys of an account that only ever sends one message', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    const storage = await accountWithoutPrekeys(fixture);
    for (let start = 0; start < 2; start += 1) {
      const client = await fixture.client(storage);
      await client.connect();
      await (await client.room('Lobby')).send('hello');
      await client.close();
      expect(publishedAt(server)).toHaveLength(9);
    }
    expect(server.count('prekey')).toBe(1);
  });

  test.each([
    ['two seconds have passed', (clock: ManualClock) => clock.advance(2_000)],
    ['its signal is aborted', (_: ManualClock, abort: AbortController) => abort.abort()],
  ])('waits for a server that does not answer the prekeys until %s', async (_, end) => {
    await using fixture = await LiveFixture.start();
    const { client, clock } = await publishingInVain(fixture);
    const abort = new AbortController();
    let isClosed = false;
    const closing = client.close({ signal: abort.signal }).then(() => {
      isClosed = true;
    });
    await settled();
    expect([isClosed, client.status.state]).toEqual([false, 'online']);
    await end(clock, abort);
    await closing;
    expect(client.status.state).toBe('closed');
  });

  test('does not wait for prekeys after a logout', async () => {
    await using fixture = await LiveFixture.start();
    const { client } = await publishingInVain(fixture);
    await client.logout();
    expect(client.status.state).toBe('closed');
  });
});

describe('the chain keys of an account', () => {
  test('are forgotten two weeks after their week began, and those after them are not', async () => {
    const createdAt = 1_700_000_000_000;
    const account = await newAccountKeys('Ada', { createdAt });
    const storage = memoryStorage(account);
    const keys = await OwnKeys.open(storage);
    const first = account.identities[0]?.prekeys ?? expect.unreachable();
    const began = (week: number): number => createdAt + (week - 1) * PREKEY_WEEK_MS;
    expect(keys.hasPastPrekeys(began(3) - 1)).toBe(false);
    await keys.forgetPrekeys(began(3) - 1);
    expect(keys.current.prekeys).toEqual(first);
    expect(keys.hasPastPrekeys(began(3))).toBe(true);
    await keys.forgetPrekeys(began(3));
    expect(keys.current.prekeys).toEqual(await chainAt(first, 2));
    const stored = (await storage.keys.load()).identities[0]?.prekeys;
    expect(stored).toEqual(keys.current.prekeys);
    // A clock that goes back brings nothing back.
    await keys.forgetPrekeys(createdAt);
    expect(keys.current.prekeys).toEqual(stored);
  });
});
