import { expect, test } from 'vitest';
import { ConclaveError } from '../../client/sdk/index.ts';
import { EpochBook } from '../../client/sdk/rooms/epoch-book.ts';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import type { Chatter } from '../support/cluster/oracle.ts';
import { type Device, People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { present } from '../support/protocol/arbitraries.ts';
import { askRedis } from '../support/services/redis-server.ts';

const ROOM = 'Epochs';
/** With each, all who talk race for the epoch without somebody who left. */
const DEPARTURES = 3;

/** It may have been done by a try whose answer was lost. */
async function untilDone(act: () => Promise<unknown>, done: 'already_a_member' | 'not_a_member') {
  await eventually(async () => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== done) throw error;
    }
  });
}

/** Somebody joins and leaves while the others talk. */
async function comeAndGo({ client }: Device, chatter: Chatter): Promise<void> {
  for (let i = 0; i < DEPARTURES; i += 1) {
    await untilDone(() => client.join(ROOM), 'already_a_member');
    await chatter.everyoneSays(2);
    await untilDone(() => client.leave(ROOM), 'not_a_member');
    await chatter.everyoneSays(2);
  }
}

test('a room of suite 2 loses nothing that was acknowledged while members race for epochs, a gateway is killed, Redis is emptied and MongoDB is away', async () => {
  await using cluster = await startCluster({ gateways: 3, ownMongo: true });
  await using balancer = await TcpBalancer.start(cluster.gateways.map(({ url }) => url));
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob', 'Cid'], [balancer.url]);
  const [doomed, living] = [present(cluster.gateways[0]), present(cluster.gateways[1])];
  const guest = await people.register('Guest', balancer.url);
  const { oracle, rooms } = await gather(ROOM, devices, { suite: 2 });
  const chatter = oracle.chatter(rooms);
  await comeAndGo(guest, chatter);
  await Promise.all([comeAndGo(guest, chatter), doomed.kill()]);
  await Promise.all([comeAndGo(guest, chatter), askRedis(cluster.redis.port, 'FLUSHALL', '+OK')]);
  const mongo = present(cluster.mongo);
  mongo.pause();
  const meanwhile = comeAndGo(guest, chatter);
  meanwhile.catch(() => undefined);
  await eventually(async () => expect((await fetch(`${living.adminUrl}/readyz`)).status).toBe(503));
  mongo.resume();
  await meanwhile;
  await chatter.stop();
  await oracle.verify();
  const { id } = present(rooms.get('Ann'));
  const made = await new EpochBook(present(devices[0]).storage.state).of(id);
  // Of each departure one, whoever else offered it.
  expect(made.highest).toBeGreaterThanOrEqual(4 * DEPARTURES);
}, 300_000);
