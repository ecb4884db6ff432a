/**
 * npx tsx bench/skipped-positions.ts --help
 * How long it takes until the next message of every room is shown after Redis lost all its data, once or again and again.
 */
import { setTimeout } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { PairedRooms, storeOperations } from '../test/support/cluster/paired-rooms.ts';
import { People } from '../test/support/cluster/people.ts';
import { startCluster } from '../test/support/cluster/test-cluster.ts';
import { mongoName } from '../test/support/services/mongo-server.ts';
import { askRedis, type RedisServer } from '../test/support/services/redis-server.ts';
import { quantile } from './support/median.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions(
  'Two gateways, a writer on one, a reader on the other, both in all rooms. One message in each room at once, then FLUSHALL, then one in each room at once again. Then Redis is killed again and again while every room has a message a second.',
  {
    rooms: ['50', 'how many'],
    flushes: ['3', 'how many times Redis loses its data'],
    kills: ['5', 'how many times Redis is killed and started again, empty'],
  },
);

async function emptyRecords(mongoUrl: string): Promise<number> {
  await using client = new MongoClient(mongoUrl, { directConnection: true });
  const messages = client.db().collection('messages');
  // Before it is closed.
  const count = await messages.countDocuments({ ciphertext: { $exists: false } });
  return count;
}

interface Flap {
  /** Milliseconds from the send of a message until it was shown. */
  readonly sinceSent: readonly number[];
  /** From the last start of Redis until everything was shown. */
  readonly sinceBackMs: number;
  /** From the first kill to the last start. */
  readonly tookMs: number;
}

const KILL_EVERY_MS = 1_800;
const SAY_EVERY_MS = 1_000;

/** Every room has a message a second, from before the first kill until after the last start. */
async function underKills(redis: RedisServer, rooms: PairedRooms, kills: number): Promise<Flap> {
  const startedMs = performance.now();
  const said: Promise<readonly number[]>[] = [];
  const timer = setInterval(
    () => said.push(rooms.sayEverywhere(`during kills ${said.length}`)),
    SAY_EVERY_MS,
  );
  for (let kill = 1; kill <= kills; kill += 1) {
    await setTimeout(Math.max(0, startedMs + kill * KILL_EVERY_MS - performance.now()));
    await redis.restart();
  }
  const backMs = performance.now();
  await setTimeout(SAY_EVERY_MS);
  clearInterval(timer);
  const sinceSent = (await Promise.all(said)).flat();
  return { sinceSent, sinceBackMs: performance.now() - backMs, tookMs: backMs - startedMs };
}

async function main(): Promise<void> {
  await using cluster = await startCluster({ gateways: 0, ownMongo: true });
  const urls = [(await cluster.add()).url, (await cluster.add()).url] as const;
  await using people = new People();
  const rooms = await PairedRooms.make(people, urls, Number(values.rooms));
  printHead(`${values.rooms} rooms, ${mongoName()}`, 'p50 ms', 'p99 ms', 'most ms', 'operations', 'records');
  const measure = async (what: string, say = () => rooms.sayEverywhere(what)): Promise<void> => {
    const before = await storeOperations(cluster.gateways);
    const ms = await say();
    const operations = (await storeOperations(cluster.gateways)) - before;
    const times = [0.5, 0.99, 1].map((share) => quantile(ms, share).toFixed(0));
    printRow(what, ...times, (operations / ms.length).toFixed(1), await emptyRecords(cluster.mongoUrl));
  };
  await measure('first message');
  await measure('quiet');
  for (let flush = 1; flush <= Number(values.flushes); flush += 1) {
    await askRedis(cluster.redis.port, 'FLUSHALL', '+OK');
    await measure(`after FLUSHALL ${flush}`);
  }
  await measure('quiet again');
  let flap: Flap | undefined;
  await measure(`${values.kills} kills`, async () => {
    flap = await underKills(cluster.redis, rooms, Number(values.kills));
    return flap.sinceSent;
  });
  await measure('quiet at last');
  if (flap !== undefined)
    console.log(
      `\nRedis was killed ${values.kills} times in ${(flap.tookMs / 1_000).toFixed(1)} s; everything was shown ${flap.sinceBackMs.toFixed(0)} ms after it was back for good.`,
    );
}

await main();
