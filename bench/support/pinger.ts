/** Child process: somebody who pings the gateway all the time, so that nothing else of the bench delays it. */
import { setTimeout as pause } from 'node:timers/promises';
import { serveParent, textIn } from '../../loadtest/native/parent-and-child.ts';
import { People } from '../../test/support/cluster/people.ts';
import { quantile } from './median.ts';

const EVERY_MS = 20;

const people = new People();
let times: number[] = [];

async function pingForever(url: string): Promise<void> {
  const { client } = await people.register('pinger', url);
  void (async () => {
    for (;;) {
      const startedAt = performance.now();
      await client.ping();
      times.push(performance.now() - startedAt);
      await pause(EVERY_MS);
    }
  })();
}

serveParent({
  start: async (fields) => {
    await pingForever(textIn(fields, 'url'));
    return {};
  },
  /** Of the pings since the last time. */
  take: () => {
    const taken = times;
    times = [];
    return taken.length === 0 ? {} : { p99Ms: quantile(taken, 0.99) };
  },
});
