import { afterAll, beforeAll, expect, test } from 'vitest';
import { framesOfMessage } from '../../src/protocol/client-codec.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { KeyedPerson } from '../support/ports/keyed-person.ts';
import { PreparedSends } from '../support/ports/prepared-send.ts';
import { RawClient } from '../support/raw-client.ts';

const SENDS_AT_ONCE = 64;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function loggedIn(name: string, node: number) {
  const client = await RawClient.connect(cluster.gateways[node]?.url ?? expect.unreachable());
  await client.hello();
  const person = await KeyedPerson.make(name);
  await client.ask('register', await person.registration(client.greeted));
  const { user } = (await client.login(person))?.ok ?? expect.unreachable();
  return { client, person, sends: new PreparedSends({ user }) };
}

function framesIn(message: Uint8Array): number {
  const frames = framesOfMessage(message, true);
  return typeof frames === 'string' ? expect.unreachable(frames) : frames.length;
}

const positions = (client: RawClient): number[] =>
  client.eventsOf('deliver').map(({ message }) => message.seq);

test('clients that ask for batches and clients that do not get the same messages in order, on every node', async () => {
  const [ann, bob, cid] = [await loggedIn('Ann', 0), await loggedIn('Bob', 1), await loggedIn('Cid', 1)];
  const dee = await loggedIn('Dee', 0);
  const name = parseRoomName('Batched') ?? expect.unreachable();
  const { room } = (await ann.client.ask('create', { name, hidden: false, retention: 0 })).info;
  for (const { client } of [bob, cid]) await client.ask('join', { name });
  const { version } = (await dee.client.ask('join', { name })).info;
  const enter = (client: RawClient, batches?: boolean) =>
    client.ask('enter', { rooms: [room], ...(batches !== undefined && { batches }) });
  await enter(ann.client);
  await enter(bob.client);
  await enter(cid.client, true);
  await enter(dee.client, true);
  let sent = 0;
  // Gateways decide how many frames leave together, so send until both clients that asked have received a batch.
  await eventually(
    async () => {
      const view = { room, version, members: { length: 4 } };
      const keys = { senderFingerprint: ann.person.keys.fingerprint, sentAt: Date.now() };
      const bodies = Array.from({ length: SENDS_AT_ONCE }, () => ann.sends.prepare(view, keys));
      await Promise.all(bodies.map((body) => ann.client.ask('send', body)));
      sent += SENDS_AT_ONCE;
      for (const { client } of [cid, dee])
        expect(client.frames.filter((message) => framesIn(message) > 1)).not.toEqual([]);
    },
    { deadlineMs: 30_000 },
  );
  const everybody = [ann, bob, cid, dee];
  await eventually(() => {
    for (const { client } of everybody) expect(positions(client)).toHaveLength(sent);
  });
  const [first] = everybody.map(({ client }) => positions(client));
  expect(first).toEqual(first?.toSorted((a, b) => a - b));
  for (const { client } of everybody) expect(positions(client)).toEqual(first);
  for (const { client } of [ann, bob])
    expect(client.frames.filter((message) => framesIn(message) !== 1)).toEqual([]);
  for (const { client } of everybody) client.socket.terminate();
});
