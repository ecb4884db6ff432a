import { expect, test } from 'vitest';
import { People } from '../support/cluster/people.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { readText, untilRead } from './bundled-reader.ts';
import { PythonProcess } from './python-process.ts';

test('the Python client is resumed by the other node when its own is drained, and misses nothing', async () => {
  await using cluster = await startCluster({
    gateways: 2,
    env: { DRAIN_WAIT_SECONDS: '1', DRAIN_SECONDS: '1' },
  });
  const [first, second] = cluster.gateways;
  if (first === undefined || second === undefined) expect.unreachable();
  await using balancer = await TcpBalancer.start([first.url]);
  await using people = new People();
  const gil = await people.register('Gil', second.url);
  await using pru = await PythonProcess.register(balancer.url, 'Pru');
  await pru.ok('create', { name: 'Nodes', password: 'over two nodes' });
  await gil.client.join('Nodes', 'over two nodes');
  const room = await gil.client.room('Nodes');
  const read = readText(room);
  await room.send('to the first node');
  await pru.says({ event: 'message', text: 'to the first node', verdict: 'ok' });
  await pru.ok('send', { room: 'Nodes', text: 'from the first node' });

  balancer.add(second.url);
  const drained = first.drain();
  await pru.says({ event: 'closed', code: 3000, returns: true });
  await room.send('in between');
  await pru.says({ event: 'resumed' });
  await pru.says({ event: 'message', text: 'in between', verdict: 'ok', missing: 0 });
  await pru.ok('send', { room: 'Nodes', text: 'from the second node' });
  await untilRead(read, [
    'Gil: to the first node',
    'Pru: from the first node',
    'Gil: in between',
    'Pru: from the second node',
  ]);
  expect(await pru.ok('safety-number', { name: 'Gil' })).toEqual({
    number: (await gil.client.safetyNumber('Pru')).number,
  });
  expect(await drained).toBe(0);
});
