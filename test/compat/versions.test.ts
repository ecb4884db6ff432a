import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { ENVELOPE_VERSION, encodeNotice } from '../../src/domain/envelope.ts';
import { closeCodes } from '../../src/protocol/codes.ts';
import { idBytes, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { gather, registerAll, untilOnline } from '../support/cluster/conversation.ts';
import { ADMIN_TOKEN, Operator } from '../support/cluster/operator.ts';
import { buildOf } from '../support/cluster/other-build.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

/** What a client sees when a connection ends without a close frame. */
const CLOSE_ABNORMAL = 1006;
/** Four gateways start and four drain, one after the other. */
const ROLLS_MS = 240_000;

const { version: present } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const next = `${present}-next`;

test(
  'all gateways are replaced by another version under load, and by the first one again, with nothing lost',
  async () => {
    await using other = await buildOf(next);
    await using operator = await Operator.begin();
    const env = { ADMIN_TOKEN, DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '1' };
    await using cluster = await startCluster({ gateways: 2, env });
    await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
    await using people = new People();
    const devices = await registerAll(people, ['Ann', 'Bob', 'Cid', 'Dan'], [balancer.url]);
    const { oracle, rooms } = await gather('Versions', devices);
    await untilOnline(rooms.values(), 4);
    const chatter = oracle.chatter(rooms);
    await chatter.everyoneSays(5);

    let running = [...cluster.gateways];
    const roll = async (folder: string | undefined, versions: readonly [string, string]): Promise<void> => {
      const leaving = running;
      running = [];
      for (const old of leaving) {
        const added = await cluster.add({}, folder);
        running.push(added);
        balancer.add(added.url);
        expect(await old.drain()).toBe(0);
        await chatter.everyoneSays(5);
        // Half-way both versions serve the same room.
        const mixed = running.length < leaving.length ? versions : [versions[1], versions[1]];
        await operator.untilNodes(
          added,
          mixed.map((version) => ({ version, rooms: 1 })),
        );
      }
    };
    await roll(other.folder, [present, next]);
    await roll(undefined, [next, present]);
    await chatter.stop();
    await oracle.verify();
    await untilOnline(rooms.values(), 4);
    for (const { wire } of devices) {
      expect(wire.closeCodes).toContain(closeCodes.going_away.code);
      expect(wire.closeCodes).not.toContain(CLOSE_ABNORMAL);
    }
    expect(oracle.acknowledgedCount).toBeGreaterThan(80);
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
    for (const { wire } of devices) expect(wire.closeCodes).toEqual([]);

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
