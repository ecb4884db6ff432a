import { expect, test } from 'vitest';
import { gather, registerAll, talkAllAtOnce } from '../support/cluster/conversation.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/hostile/fault-proxy.ts';
import { storedCopies } from './stored-copies.ts';

const isAppend = (chunk: Buffer): boolean => chunk.includes('insert') && chunk.includes('ciphertext');
/** An envelope with a message in it: everything else that is published is shorter. */
const publishes =
  (room: string) =>
  (chunk: Buffer): boolean =>
    /publish\r\n/i.test(chunk.toString('latin1')) && chunk.includes(room) && chunk.length > 800;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

/** A client that remembers nothing reads the room from the joining position: it must find the same. */
async function readAgain(people: People, device: Device, url: string): Promise<Device> {
  await device.client.close();
  return people.login(device.storage.account, url);
}

test.each([
  ['while the node still sleeps', 'release first'],
  ['after the node woke up', 'resume first'],
])(
  'a node paused between taking a position and storing it: readers pass, and what it stores %s is shown behind them',
  async (_, order) => {
    await using cluster = await startCluster({ gateways: 1 });
    const other = present(cluster.gateways[0]);
    await using toMongo = await FaultProxy.before(cluster.mongoUrl);
    const paused = await cluster.add({ MONGODB_URL: toMongo.url });
    await using people = new People();
    const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], [paused.url, other.url, other.url]);
    const conversation = await gather('Held', devices);
    const { oracle, rooms } = conversation;
    await talkAllAtOnce(conversation, 3);
    const [anns, bobs, cids] = ['Ann', 'Bob', 'Cid'].map((name) => present(rooms.get(name)));
    const before = present(rooms.get('Bob')).head;
    const held = toMongo.holdAt(isAppend);
    const late = oracle.say(present(anns), 'Ann');
    await held;
    paused.pause();
    const passing = [];
    for (let i = 0; i < 5; i += 1) passing.push(await oracle.say(present(bobs), 'Bob'));
    const passed = present(passing.at(-1)).seq;
    expect(passed).toBeGreaterThanOrEqual(before + 6);
    // Both readers there go past the empty position, live and by history.
    await eventually(() => expect(oracle.missing().filter((text) => !text.startsWith('Ann'))).toEqual([]));
    const page = await present(cids).history({ after: before });
    expect(page.messages).toHaveLength(5);
    expect(page.through).toBeGreaterThanOrEqual(passed);
    const steps = [() => toMongo.release(), () => paused.resume()];
    for (const step of order === 'release first' ? steps : steps.reverse()) step();
    expect((await late).seq).toBeGreaterThan(passed);
    await oracle.verify();
    const again = await readAgain(people, present(devices[2]), other.url);
    oracle.follow(await again.client.room('Held'), 'Cid again', 'joined');
    await oracle.verify();
  },
);

test('a node killed between storing and publishing: its sender’s next try on another node shows the message once, to all', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const [second, third] = cluster.gateways.map(({ url }) => url);
  await using toRedis = await FaultProxy.before(cluster.redis.url);
  const victim = await cluster.add({ REDIS_URL: toRedis.url });
  await using balancer = await TcpBalancer.start([victim.url]);
  await using people = new People();
  const devices = await registerAll(
    people,
    ['Ann', 'Bob', 'Cid'],
    [balancer.url, present(second), present(third)],
  );
  const conversation = await gather('Unpublished', devices);
  const { oracle, rooms } = conversation;
  await talkAllAtOnce(conversation, 3);
  const anns = present(rooms.get('Ann'));
  const held = toRedis.holdAt(publishes(anns.id));
  const told = oracle.say(anns, 'Ann');
  await held;
  const stored = await storedCopies(cluster.mongoUrl, anns.id);
  const { seq } = present(stored.at(-1));
  expect(stored.filter(({ users }) => users.length > 0)).toHaveLength(10);
  balancer.add(present(second));
  const { closeCodes } = present(devices[0]).wire;
  const closedBefore = closeCodes.length;
  await victim.kill();
  expect((await told).seq).toBe(seq);
  for (const name of ['Ann', 'Bob', 'Cid']) await oracle.say(present(rooms.get(name)), name);
  await oracle.verify();
  expect(closeCodes.length).toBeGreaterThan(closedBefore);
});
