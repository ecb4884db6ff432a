import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { parseMetricsPage } from '../support/observe/metrics-page.ts';
import { RawClient } from '../support/raw-client.ts';
import { TcpRelay } from '../support/tcp-relay.ts';
import { Person } from './person.ts';
import { previousReleaseOf } from './previous-release.ts';

const TEST_MS = 400_000;

const before = await previousReleaseOf(
  'a clone without history has no release before, so none runs in one cluster with this one ("git fetch --unshallow")',
);

/** What only this release stores. */
const NEW_COLLECTIONS = ['backups', 'epochs', 'file_chunks', 'files', 'link_entries', 'prekeys'];

async function filled(mongoUrl: string): Promise<readonly string[]> {
  await using mongo = new MongoClient(mongoUrl);
  const db = mongo.db();
  const counts = await Promise.all(
    NEW_COLLECTIONS.map(async (name) => ((await db.collection(name).countDocuments()) > 0 ? [name] : [])),
  );
  return counts.flat();
}

/** Requests that ended without an answer of the use case, by operation, and connections closed over a fault of the gateway. */
async function faults(gateway: GatewayProcess): Promise<readonly string[]> {
  const page = parseMetricsPage(await gateway.metrics());
  return page.series.filter(
    (series) =>
      /outcome="(unavailable|node_error)"|connections_closed_total\{code="node_error"/.test(series) &&
      (page.value(series) ?? 0) > 0,
  );
}

if (before !== undefined)
  test(
    'a gateway of the release before serves its people beside one of this release that stores epochs, prekeys, files, backups, links and new settings of rooms',
    async () => {
      const former = before();
      await using cluster = await startCluster({
        gateways: 1,
        folder: former,
        env: { BACKEND_TIMEOUT_MS: '10000' },
      });
      const [older = expect.unreachable()] = cluster.gateways;
      const newer = await cluster.add();
      let annsGateway = new URL(newer.url);
      await using relay = await TcpRelay.start({
        target: async () => ({ host: annsGateway.hostname, port: Number(annsGateway.port) }),
      });
      const folder = await mkdtemp(join(tmpdir(), 'conclave-mixed-'));
      try {
        const person = (name: string, url: string, release: string): Person =>
          new Person(release, ['--server', url, '--user', name, '--profile', join(folder, name)]);
        // Ann is served by this release; Bob and Cid by the one before, Bob with its client too.
        const ann = person('ann', `ws://${relay.address}`, '.');
        const bob = person('bob', older.url, former);
        const cid = person('cid', older.url, '.');
        const eve = person('eve', newer.url, '.');

        await ann.json('register', 'ann', '--backup');
        await ann.json('create', 'Epochs', '--suite', '2');
        await ann.json('send', 'Epochs', 'under an epoch');
        await ann.json('create', 'Ordered', '--header', '2');
        await ann.json('send', 'Ordered', 'in order');
        await ann.json('create', 'Hours', '--retention', '36h');
        await ann.json('create', 'Lobby');
        const file = join(folder, 'file.txt');
        await writeFile(file, 'bytes of a file');
        await ann.json('send', 'Lobby', '--file', file, 'with a file');
        await using device = await RawClient.connect(newer.url);
        await device.hello();
        const channel = randomBytes(16);
        await device.ask('link', { channel, put: { number: 0, data: randomBytes(32) } });
        expect(await filled(cluster.mongoUrl)).toEqual(NEW_COLLECTIONS);

        const rooms = ['Epochs', 'Hours', 'Lobby', 'Ordered'];
        await eve.json('register', 'eve');
        for (const room of rooms) await eve.json('join', room);
        // So that the rooms are listed, once she has entered them.
        await using _online = eve.start('tail', ...rooms, '--follow');

        await bob.json('register', 'bob');
        await cid.json('register', 'cid');
        for (const each of [bob, cid]) {
          await eventually(
            async () => {
              const listed = await each.json('rooms');
              expect(listed.map(({ room }) => room)).toEqual(expect.arrayContaining(rooms));
            },
            { deadlineMs: PATIENCE_MS, pauseMs: 500 },
          );
          for (const room of rooms) {
            await each.json('join', room);
            // Whatever can be opened of it.
            await each.json('tail', room, '--since', 'all');
          }
        }
        await bob.json('send', 'Lobby', 'from Bob');
        await cid.json('send', 'Hours', 'from Cid');
        await ann.json('send', 'Lobby', 'from Ann');
        expect(await bob.read('Lobby')).toEqual(
          expect.arrayContaining(['bob: from Bob ok', 'ann: from Ann ok']),
        );
        expect(await cid.read('Lobby')).toEqual(
          expect.arrayContaining(['bob: from Bob ok', 'ann: from Ann ok']),
        );
        expect(await ann.read('Hours')).toEqual(['cid: from Cid ok']);
        await ann.json('room', 'kick', 'Lobby', 'bob', 'a reason');
        await ann.json('rotate');
        await ann.json('send', 'Lobby', 'with new keys');
        expect(await cid.read('Lobby')).toContain('ann: with new keys ok');
        await ann.json('room', 'disappear', 'Hours', '1d');

        // Whoever had all of it may go on, and end, on the older gateway.
        annsGateway = new URL(older.url);
        await ann.json('send', 'Lobby', 'by the older gateway');
        expect(await cid.read('Lobby')).toContain('ann: by the older gateway ok');
        await ann.json('room', 'delete', 'Epochs', '--yes');
        // What it knows nothing of stays through its own changes.
        await ann.json('room', 'retention', 'Hours', '2');
        const zoe = person('zoe', newer.url, '.');
        await zoe.json('register', 'zoe');
        await zoe.json('join', 'Hours');
        await zoe.json('send', 'Hours', 'for a day');
        expect(await zoe.json('rooms')).toContainEqual(
          expect.objectContaining({ room: 'Hours', disappear: 86_400 }),
        );
        expect(await faults(older)).toEqual([]);
        expect(await faults(newer)).toEqual([]);
        expect(await older.drain()).toBe(0);
        expect(await newer.drain()).toBe(0);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    TEST_MS,
  );
