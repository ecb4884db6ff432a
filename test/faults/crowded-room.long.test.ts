import { setInterval as everyMs } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createClient, memoryStorage, newAccountKeys, type Room } from '../../client/sdk/index.ts';
import { insist } from '../races/insist.ts';
import { gather } from '../support/cluster/conversation.ts';
import type { Device } from '../support/cluster/people.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { WireTap } from '../support/cluster/wire-tap.ts';
import { roomNamed } from '../support/ports/service-world.ts';

const WRITERS = 20;
const JOINERS = 25;
const JOIN_EVERY_MS = 200;
/** One process opens every copy of all of its clients: more would measure this process. */
const WRITE_EVERY_MS = 700;

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

/** Names that differ in their last letter; making an RSA key for each would take longer than the test. */
async function accounts(prefix: string, count: number) {
  const rsa = present((await newAccountKeys('Donor')).identities[0]).keys.rsa;
  return Promise.all(
    Array.from({ length: count }, (_, i) => newAccountKeys(prefix + String.fromCharCode(97 + i), { rsa })),
  );
}

test('five joins a second while twenty members write: no sender starves, and nobody loses a message', async () => {
  await using cluster = await startCluster({ gateways: 2, ownMongo: true });
  const urls = cluster.gateways.map(({ url }) => url);
  const urlOf = (i: number): string => present(urls[i % urls.length]);
  const writers: Device[] = [];
  const joiners: RawSession[] = [];
  try {
    for (const [i, account] of (await accounts('Writer', WRITERS)).entries()) {
      const storage = memoryStorage(account);
      const wire = new WireTap();
      const client = await createClient({ server: urlOf(i), storage, webSocket: wire.webSocket });
      writers.push({ name: account.name, client, storage, wire });
      await client.register();
    }
    const { oracle, rooms } = await gather('Crowded', writers);
    for (const [i, account] of (await accounts('Joiner', JOINERS)).entries())
      joiners.push(await RawSession.open({ url: urlOf(i), account, register: true }));
    const { name } = present([...rooms.values()][0]);
    let joining = true;
    const write = async ([writer, room]: readonly [string, Room]): Promise<void> => {
      let written = 0;
      for await (const _ of everyMs(WRITE_EVERY_MS)) {
        await oracle.say(room, writer);
        written += 1;
        if (!joining && written >= 3) return;
      }
    };
    const writing = Promise.all([...rooms].map(write));
    const waiting: Promise<unknown>[] = [];
    for await (const _ of everyMs(JOIN_EVERY_MS)) {
      const joiner = joiners[waiting.length];
      if (joiner === undefined) break;
      waiting.push(insist(joiner, 'join', { name: roomNamed(name) }, 'already_a_member'));
    }
    await Promise.all(waiting);
    joining = false;
    await writing;
    // Who is told that the roster was another one seals for that one: nobody is refused more often than it changed.
    const stale = writers.map(({ wire }) => wire.refusals.filter((name) => name === 'stale_roster').length);
    expect(Math.max(...stale)).toBeLessThanOrEqual(JOINERS);
    await oracle.verify();
    expect(await present([...rooms.values()][0]).members()).toHaveLength(WRITERS + JOINERS);
  } finally {
    await Promise.all(joiners.map((joiner) => joiner[Symbol.asyncDispose]()));
    await Promise.all(writers.map(({ client }) => client.close()));
  }
});
