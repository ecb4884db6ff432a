/** In a process of its own: somebody who pings the gateway all the time, so that nothing else of the bench delays it. Tells on `tell`. */
import { setTimeout as pause } from 'node:timers/promises';
import { People } from '../../test/support/cluster/people.ts';
import { quantile } from './median.ts';

const EVERY_MS = 20;

const [, , url = ''] = process.argv;
await using people = new People();
const { client } = await people.register('pinger', url);
const told: number[] = [];
let isEnding = false;
process.on('message', (message) => {
  if (message === 'end') isEnding = true;
  else process.send?.({ p99Ms: quantile(told.splice(0), 0.99) });
});
process.send?.('ready');
while (!isEnding) {
  const startedAt = performance.now();
  await client.ping();
  told.push(performance.now() - startedAt);
  await pause(EVERY_MS);
}
process.disconnect();
