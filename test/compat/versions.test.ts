import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { SCHEMA_NUMBER } from '../../src/adapters/mongo/schema.ts';
import { ENVELOPE_VERSION, encodeNotice } from '../../src/domain/envelope.ts';
import { closeCodes } from '../../src/protocol/codes.ts';
import { idBytes, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { closesOf, gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import type { GatewayProcess } from '../support/cluster/gateway-process.ts';
import { ADMIN_TOKEN, Operator } from '../support/cluster/operator.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { askRedis } from '../support/services/redis-server.ts';
import { previousReleaseOf } from './previous-release.ts';

/** What a client sees when a connection ends without a close frame. */
const CLOSE_ABNORMAL = 1006;
/** Seven gateways start and six drain, one after the other. */
const ROLLS_MS = 400_000;

const { version: present } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const before = await previousReleaseOf(
  'a clone without history has no release before, so none is upgraded from ("git fetch --unshallow")',
);

/** The folder of another build; undefined: this one. */
type Build = string | undefined;

/** Rooms then go on some positions ahead. */
async function forgetPositions({ redis }: TestCluster): Promise<void> {
  await askRedis(redis.port, 'FLUSHALL', '+OK');
}

/** A cluster whose gateways are replaced by those of another build while people talk. */
class Fleet {
  readonly #cluster: TestCluster;
  readonly #balancer: TcpBalancer;
  readonly #pause: () => Promise<void>;
  #running: readonly GatewayProcess[];

  constructor(cluster: TestCluster, balancer: TcpBalancer, pause: () => Promise<void>) {
    this.#cluster = cluster;
    this.#balancer = balancer;
    this.#pause = pause;
    this.#running = cluster.gateways.slice();
  }

  get newest(): GatewayProcess {
    return this.#running.at(-1) ?? expect.unreachable();
  }

  async add(folder: Build): Promise<void> {
    const added = await this.#cluster.add({}, folder);
    this.#balancer.add(added.url);
    this.#running = [...this.#running, added];
  }

  async drainOldest(): Promise<void> {
    const [oldest, ...others] = this.#running;
    this.#running = others;
    expect(await oldest?.drain()).toBe(0);
  }

  async roll(folder: Build): Promise<void> {
    for (let left = this.#running.length; left > 0; left -= 1) {
      await this.add(folder);
      await this.drainOldest();
      // Half-way both builds serve the same room.
      await this.#pause();
    }
  }
}

if (before !== undefined)
  test(
    'all gateways are replaced by this release under load, back, and up again; then the schema is raised, with nothing lost',
    async () => {
      const former = before();
      await using operator = await Operator.begin();
      const env = { ADMIN_TOKEN, DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '1' };
      await using cluster = await startCluster({ gateways: 2, env, folder: former });
      await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
      await using people = new People();
      const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan'], [balancer.url]);
      const { oracle, rooms } = await gather('Versions', devices);
      await untilOnline(rooms.values(), 4);
      const chatter = oracle.chatter(rooms);
      await chatter.everyoneSays(5);
      const fleet = new Fleet(cluster, balancer, () => chatter.everyoneSays(5));

      await fleet.roll(undefined);
      // Positions are skipped: what settles them must be understood by the release before.
      await forgetPositions(cluster);
      await chatter.everyoneSays(5);
      expect((await operator.run(fleet.newest, 'schema')).json).toEqual([
        { type: 'schema', number: 1, newest: SCHEMA_NUMBER },
      ]);
      await fleet.roll(former);
      await forgetPositions(cluster);
      await chatter.everyoneSays(5);

      await fleet.add(undefined);
      const refused = await operator.run(fleet.newest, 'schema', `${SCHEMA_NUMBER}`, '--yes');
      expect([refused.code, refused.json]).toMatchObject([5, [{ code: 'older_nodes' }]]);
      await fleet.roll(undefined);
      await eventually(
        async () => {
          const raised = await operator.run(fleet.newest, 'schema', `${SCHEMA_NUMBER}`, '--yes');
          expect([raised.code, raised.json]).toEqual([0, [{ type: 'schema', number: SCHEMA_NUMBER }]]);
        },
        { deadlineMs: PATIENCE_MS, pauseMs: 500 },
      );
      await forgetPositions(cluster);
      await chatter.everyoneSays(5);
      await expect(cluster.add({}, former)).rejects.toThrow(/schema/);
      await chatter.stop();
      await oracle.verify();
      await untilOnline(rooms.values(), 4);
      for (const { wire } of devices) {
        expect(wire.closeCodes).toContain(closeCodes.going_away.code);
        expect(wire.closeCodes).not.toContain(CLOSE_ABNORMAL);
      }
      expect(oracle.acknowledgedCount).toBeGreaterThan(80);
      expect((await operator.run(fleet.newest, 'nodes')).json).toContainEqual(
        expect.objectContaining({ version: present, schema: SCHEMA_NUMBER }),
      );
    },
    ROLLS_MS,
  );

test('what a newer version tells other nodes is a gap to this one: it looks the truth up, and goes on', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  await using people = new People();
  const urls = cluster.gateways.map(({ url }) => url);
  const devices = await registerAll(people, ['Ann', 'Bob'], urls);
  const [ann, bob] = devices;
  if (ann === undefined || bob === undefined) expect.unreachable();
  const { oracle, rooms } = await gather('Newer', devices);
  const lobby = rooms.get('Ann') ?? expect.unreachable();
  await oracle.say(lobby, 'Ann');
  const room = parseRoomId(lobby.id) ?? expect.unreachable();
  const known = encodeNotice({ about: 'presence', room, event: new Uint8Array(1) });
  const newer = Uint8Array.from(known);
  newer[0] = ENVELOPE_VERSION + 1;
  const otherKind = Uint8Array.from(known);
  otherKind[1] = 200;
  const strange = [
    newer,
    otherKind,
    new Uint8Array([ENVELOPE_VERSION + 1]),
    new Uint8Array(0),
    known.slice(0, 9),
  ];
  const redis = new Redis(cluster.redis.url);
  const resyncs = (): readonly number[] =>
    devices.map(({ wire }) => wire.events.filter(({ name }) => name === 'resync').length);
  const tell = async (channel: string, envelopes: readonly Uint8Array[]): Promise<void> => {
    // Both gateways listen.
    for (const envelope of envelopes)
      expect(await redis.publish(`conclave:${channel}`, Buffer.from(envelope))).toBe(2);
  };
  const closedBefore = closesOf(devices);
  try {
    for (const envelope of strange) {
      const told = resyncs();
      await tell(`room:${room}`, [envelope]);
      await eventually(() => expect(resyncs().every((count, i) => count > (told[i] ?? 0))).toBe(true), {
        deadlineMs: PATIENCE_MS,
      });
    }
    for (const each of ['Ann', 'Bob']) await oracle.say(rooms.get(each) ?? expect.unreachable(), each);
    await oracle.verify();
    expect(closesOf(devices)).toEqual(closedBefore);

    // On the control channel it may have been a revocation, which is in the store.
    const { id } = await bob.client.me();
    const user = parseUserId(id) ?? expect.unreachable();
    await using mongo = new MongoClient(cluster.mongoUrl);
    await mongo
      .db()
      .collection<{ _id: Uint8Array; notBefore: number }>('revocations')
      .insertOne({ _id: idBytes(user), notBefore: Date.now() + 60_000 });
    await tell('control', strange);
    await eventually(() => expect(bob.wire.closeCodes).toEqual([closeCodes.revoked.code]), {
      deadlineMs: PATIENCE_MS,
    });
    expect(ann.wire.closeCodes).toEqual([]);
    await lobby.send('still here');
    for (const { adminUrl } of cluster.gateways) expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
  } finally {
    redis.disconnect();
  }
});
