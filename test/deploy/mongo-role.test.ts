import { readFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { FIRST_TIME_MS } from '../load/load-process.ts';
import { gather, registerAll, talkAllAtOnce } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { startMongoCollector } from '../support/observe/mongo-collector.ts';
import { skipWithoutGo } from '../support/programs/skip-without-go.ts';
import { startCommandTap } from '../support/services/mongo-commands.ts';
import { startMongoServer } from '../support/services/mongo-server.ts';

/** What MongoDB asks of a user for each command, by its documentation; empty: nothing. */
const actionsOf: Readonly<Record<string, readonly string[]>> = {
  hello: [],
  ismaster: [],
  ping: [],
  endSessions: [],
  saslStart: [],
  saslContinue: [],
  // Of one's own cursors.
  getMore: [],
  killCursors: [],
  find: ['find'],
  count: ['find'],
  aggregate: ['find'],
  insert: ['insert'],
  update: ['find', 'update', 'insert'],
  delete: ['find', 'remove'],
  findAndModify: ['find', 'update', 'insert', 'remove'],
  createIndexes: ['createIndex', 'createCollection'],
  dbStats: ['dbStats'],
};

/** The same for what reads numbers, of which the role clusterMonitor allows some. */
const actionsOfReading: Readonly<Record<string, readonly string[]>> = {
  ...actionsOf,
  buildInfo: [],
  // Sent by this test, not by the collector.
  createUser: [],
  listDatabases: ['listDatabases'],
  serverStatus: ['serverStatus'],
  top: ['top'],
  listCollections: ['listCollections'],
  // Of indexes only.
  aggregate: ['indexStats'],
};
const ofClusterMonitor: ReadonlySet<string> = new Set(['listDatabases', 'serverStatus', 'top', 'dbStats']);

function grantedBySetup(list: string): readonly string[] {
  const script = readFileSync('deploy/mongo/setup.js', 'utf8');
  const granted = new RegExp(`const ${list} = \\[(.*)\\];`).exec(script)?.[1] ?? '';
  return [...granted.matchAll(/'(\w+)'/g)].map(([, action = '']) => action);
}

test('the gateways send MongoDB nothing that the role made for them does not allow', async () => {
  await using mongo = await startMongoServer();
  await using tap = await startCommandTap({ host: '127.0.0.1', port: mongo.port });
  const url = `mongodb://${tap.address}/conclave?directConnection=true`;
  await using cluster = await startCluster({
    gateways: 2,
    env: { MONGODB_URL: url, DRAIN_WAIT_SECONDS: '0', DRAIN_SECONDS: '1' },
  });
  await using people = new People();
  const devices = await registerAll(
    people,
    ['Ann', 'Bob'],
    cluster.gateways.map((gateway) => gateway.url),
  );
  const conversation = await gather('Lobby', devices);
  await talkAllAtOnce(conversation, 5);
  const [ann, bob] = devices;
  if (ann === undefined || bob === undefined) expect.unreachable();
  await bob.client.leave('Lobby');
  await (await ann.client.room('Lobby')).history({ after: 0 });
  await ann.client.ownRooms();
  for await (const _room of ann.client.listRooms()) expect(_room.room).toBe('Lobby');
  await bob.client.logout({ everywhere: true });
  expect(await cluster.gateways[0]?.drain()).toBe(0);

  const sent = [...tap.seen].map((text) => text.split('.') as [database: string, command: string]);
  const needed = new Set<string>();
  for (const [database, command] of sent) {
    const wanted = actionsOf[command] ?? expect.unreachable(`${command} is not in the table of this test`);
    if (wanted.length > 0) expect(`${command} in ${database}`).toBe(`${command} in conclave`);
    for (const action of wanted) needed.add(action);
  }
  expect([...needed].sort()).toEqual([...grantedBySetup('actions')].sort());
});

test(
  'the collector of numbers sends MongoDB nothing that the role made for it does not allow',
  async (context) => {
    skipWithoutGo(context, 'the collector of MongoDB');
    await using mongo = await startMongoServer();
    await using client = new MongoClient(mongo.url, { directConnection: true });
    await client.db('conclave').collection<{ _id: string }>('rooms').insertOne({ _id: 'Lobby' });
    await using tap = await startCommandTap({ host: '127.0.0.1', port: mongo.port });
    await using _collector = await startMongoCollector(tap.address);
    const needed = (): readonly string[] =>
      [...tap.seen].flatMap((text) => {
        const command = text.split('.')[1] ?? '';
        return actionsOfReading[command] ?? [`${command}, which is not in the table of this test`];
      });
    const granted = new Set([...ofClusterMonitor, ...grantedBySetup('monitorActions')]);
    await eventually(() => expect(new Set(needed())).toEqual(granted));
  },
  FIRST_TIME_MS,
);
