import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';
import { eventually } from '../support/eventually.ts';
import { fillUp, mountSmallDisk, skipUnlessMountable } from '../support/services/small-disk.ts';

const DISK_MIB = 160;

test('a gateway whose disk fills up refuses writes, says why, and goes on when there is room, with nothing acknowledged lost', async (context) => {
  skipUnlessMountable(context);
  using disk = mountSmallDisk(DISK_MIB);
  await using gateway = await startGateway({ DATA_DIR: join(disk.path, 'data'), ...ratesOff });
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob'], [gateway.url]);
  const { oracle, rooms } = await gather('Crammed', devices);
  const chatter = oracle.chatter(rooms);
  await chatter.everyoneSays(5);
  const [ann, bob] = devices;
  await ann?.client.create('Stalled');
  await bob?.client.join('Stalled');
  const stalled = await Promise.all(devices.map(({ client }) => client.room('Stalled')));
  await stalled[0]?.send('before');
  const readiness = async (): Promise<readonly [number, unknown]> => {
    const answer = await fetch(`${gateway.adminUrl}/readyz`);
    return [answer.status, await answer.json()];
  };
  expect(await readiness()).toEqual([200, { ready: true }]);

  // Another program takes all that is left.
  const ballast = join(disk.path, 'ballast');
  fillUp(disk.path, ballast);
  await eventually(async () => expect(await readiness()).toEqual([503, { missing: ['disk'] }]));
  await eventually(async () => expect(await gateway.metrics()).toMatch(/^conclave_store_free_bytes 0$/m));
  await eventually(async () => {
    const refused = /^conclave_backend_errors_total\{backend="lmdb",reason="full"\} ([1-9]\d*)$/m;
    expect(await gateway.metrics()).toMatch(refused);
  });
  expect(gateway.logs.filter((line) => line.includes('"store_full"'))).toHaveLength(1);

  // A message that waits for room hides nothing of what is stored.
  const late = stalled[0]?.send('after');
  await eventually(async () => {
    const refused = /^conclave_requests_total\{operation="send",outcome="unavailable"\} ([1-9]\d*)$/m;
    expect(await gateway.metrics()).toMatch(refused);
  });
  const page = await stalled[1]?.history({ after: 0, limit: 10 });
  expect(page?.messages).toMatchObject([{ text: 'before' }]);

  rmSync(ballast);
  await eventually(async () => expect(await readiness()).toEqual([200, { ready: true }]));
  await late;
  await chatter.everyoneSays(5, { deadlineMs: 60_000 });
  await chatter.stop();
  await oracle.verify();
});
