import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { taken } from '../support/sdk/live-fixture.ts';
import { freePort } from '../support/services/server-process.ts';

test('a room that stores nothing goes on when Redis came back older and its gateway anew', async () => {
  await using cluster = await startCluster({ gateways: 0 });
  const port = `${await freePort()}`;
  const gateway = await cluster.add({ PORT: port });
  await using people = new People();
  const ann = await people.register('Ann', gateway.url);
  const bob = await people.register('Bob', gateway.url);
  await ann.client.create('Passing', { retention: 0 });
  await bob.client.join('Passing');
  const [anns, bobs] = [await ann.client.room('Passing'), await bob.client.room('Passing')];
  const messages = bobs.follow({ after: 'now' });
  await anns.send('one');
  const clock = `conclave:clock:{${anns.id}}`;
  const redis = new Redis(cluster.redis.url);
  try {
    // What a replica has that lags behind, or a snapshot from before.
    const older = await redis.hgetall(clock);
    expect(older).toMatchObject({ seq: '1' });
    for (const text of ['two', 'three', 'four']) await anns.send(text);
    expect(await taken(messages, 4)).toEqual(['one', 'two', 'three', 'four']);
    // No gateway is left that has seen the later positions.
    await gateway.kill();
    await redis.hset(clock, older);
  } finally {
    redis.disconnect();
  }
  await cluster.add({ PORT: port });
  // Nothing is stored for who is away.
  await eventually(() => expect(bobs.head).toBe(1), { deadlineMs: PATIENCE_MS });
  const again = await anns.send('five');
  expect(again.seq).toBeLessThanOrEqual(4);
  for (const text of ['six', 'seven', 'eight', 'nine']) await anns.send(text);
  expect(await taken(messages, 5)).toEqual(['five', 'six', 'seven', 'eight', 'nine']);
});
