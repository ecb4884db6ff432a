import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gather, registerAll, talkAllAtOnce } from '../support/cluster/conversation.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { startMongoServer } from '../support/services/mongo-server.ts';
import { startCommandTap } from './mongo-commands.ts';

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
};

test('the gateways send MongoDB nothing that the role made for them does not allow', async () => {
  const granted = /const actions = \[(.*)\];/.exec(readFileSync('deploy/mongo/setup.js', 'utf8'))?.[1] ?? '';
  const actions = [...granted.matchAll(/'(\w+)'/g)].map(([, action = '']) => action);
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
  expect([...needed].sort()).toEqual([...actions].sort());
}, 60_000);
