import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { TcpBalancer } from '../support/cluster/tcp-balancer.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { startNewChat } from '../support/terminal/chat-terminal.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-tui-cluster-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('two people talk in two terminals, each on a gateway of its own', async () => {
  await using cluster = await startCluster({ gateways: 2 });
  const [first, second] = cluster.gateways;
  if (first === undefined || second === undefined) throw new Error('two gateways were asked for');
  const ann = { server: first.url, profile: join(folder, 'ann'), user: 'ann' };
  const ben = { server: second.url, profile: join(folder, 'ben'), user: 'ben', columns: 200, rows: 60 };
  await using anns = await startNewChat(ann);
  await anns.line('/create Bridge');
  await anns.shows(/^ Bridge {2}open room · 1 of 1 online · you are owner/);
  await using bens = await startNewChat(ben);
  await bens.line('/rooms');
  await bens.shows(/Bridge +1 online · 1 member/);
  await bens.keys('Enter');
  await bens.shows(/^ Bridge {2}open room · 2 of 2 online/);
  await anns.shows('ben joined');
  await anns.line('hello over there');
  await bens.shows(/ann {2}hello over there/);
  await bens.line('and back, ann');
  await anns.shows(/ben {2}and back, ann/);
  await anns.keys('F4');
  await anns.shows('● ben');
  await bens.keys('C-c', 'C-c');
  expect(await bens.ended()).toBe(0);
  await anns.shows('○ ben');
});

it('a gateway that is killed while one types costs nothing: what was sent waits, what is typed stays', async () => {
  const env = { DATA_DIR: join(folder, 'data'), ...ratesOff };
  const before = await startGateway(env);
  await using balancer = await TcpBalancer.start([before.url]);
  await using terminal = await startNewChat({
    server: balancer.url,
    profile: join(folder, 'eve'),
    user: 'eve',
    columns: 120,
  });
  await terminal.line('/create Stormy');
  await terminal.shows(/^ Stormy {2}open room/);
  await terminal.line('before');
  await terminal.shows(/eve✓ before/);
  await before.kill();
  await terminal.shows(/○ offline, next try in \d+ s/);
  await terminal.line('during');
  await terminal.shows(/›eve… during/);
  await terminal.shows('1 pending');
  await terminal.type('half a');
  await using after = await startGateway(env);
  balancer.add(after.url);
  await terminal.type(' sentence');
  await terminal.shows(/eve✓ during/, 60_000);
  expect(await terminal.shows(/● connected.*› half a sentence/s)).not.toContain('pending');
});
