import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { PairedRooms, storeOperations } from '../support/cluster/paired-rooms.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { askRedis } from '../support/services/redis-server.ts';
import { storedCopies } from './stored-copies.ts';

const ROOMS = 20;
const FLUSHES = 3;
/** Positions that a clock which is lost skips at most in a quiet room. */
const SKIPPED_MAX = 24;
/** Of both gateways together, for one message that is sent, read and settled behind a lost clock. */
const OPERATIONS_MAX = 30;

test('Redis that loses its data makes one record for each room, and no work that grows with positions', async () => {
  await using cluster = await startCluster({ gateways: 2, ownMongo: true });
  const [first, second] = cluster.gateways;
  if (first === undefined || second === undefined) return expect.unreachable();
  await using people = new People();
  const rooms = await PairedRooms.make(people, [first.url, second.url], ROOMS);
  await rooms.sayEverywhere('before');
  const before = await storeOperations(cluster.gateways);
  for (let round = 1; round <= FLUSHES; round += 1) {
    await askRedis(cluster.redis.port, 'FLUSHALL', '+OK');
    await rooms.sayEverywhere(`after ${round}`);
  }
  const operations = (await storeOperations(cluster.gateways)) - before;
  expect(operations).toBeLessThan(ROOMS * FLUSHES * OPERATIONS_MAX);
  for (const room of rooms.ids) {
    const stored = await storedCopies(cluster.mongoUrl, room);
    expect(stored.filter(({ users }) => users.length > 0)).toHaveLength(1 + FLUSHES);
    expect(stored.filter(({ users }) => users.length === 0).length).toBeLessThanOrEqual(FLUSHES);
    expect(stored.at(-1)?.seq).toBeLessThanOrEqual(1 + FLUSHES * (1 + SKIPPED_MAX));
  }
  // Somebody who has read nothing yet gets all of it in one page, either way.
  const again = await people.login(rooms.reader.storage.account, first.url);
  for (const name of rooms.names.slice(0, 3)) {
    const room = await again.client.room(name);
    const forwards = await room.history({ after: 0, limit: 50 });
    expect(forwards).toMatchObject({ through: room.head, more: false });
    expect(forwards.messages).toHaveLength(1 + FLUSHES);
    const backwards = await room.history({ before: room.head + 1, limit: 50 });
    expect(backwards).toMatchObject({ through: 1, more: false });
    expect(backwards.messages).toHaveLength(1 + FLUSHES);
  }
});

test('a gateway that runs alone goes on right behind its last position, and skips little when it was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-skips-'));
  const start = (): Promise<GatewayProcess> => startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  await using people = new People();
  let gateway = await start();
  try {
    const ann = await people.register('Ann', gateway.url);
    await ann.client.create('Alone');
    await ann.client.create('Unstored', { retention: 0 });
    await ann.client.close();
    const sayOnce = async (name: string): Promise<number> => {
      const device = await people.login(ann.storage.account, gateway.url);
      const { seq } = await (await device.client.room(name)).send('once');
      await device.client.close();
      return seq;
    };
    let last = await sayOnce('Alone');
    expect([last, await sayOnce('Unstored')]).toEqual([1, 1]);
    for (const stop of ['drain', 'interrupt', 'drain'] as const) {
      await gateway[stop]();
      gateway = await start();
      expect(await sayOnce('Alone')).toBe(last + 1);
      last += 1;
    }
    expect(await sayOnce('Unstored')).toBe(2);
    for (let kills = 0; kills < 2; kills += 1) {
      await gateway.kill();
      gateway = await start();
      const seq = await sayOnce('Alone');
      expect(seq).toBeGreaterThan(last);
      expect(seq).toBeLessThanOrEqual(last + 1 + SKIPPED_MAX);
      last = seq;
    }
    const reader = await people.login(ann.storage.account, gateway.url);
    const page = await (await reader.client.room('Alone')).history({ after: 0, limit: 50 });
    expect(page.messages).toHaveLength(6);
    expect(page).toMatchObject({ through: last, more: false });
  } finally {
    await gateway.kill();
    await rm(folder, { recursive: true });
  }
});
