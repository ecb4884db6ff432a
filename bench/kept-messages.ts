/**
 * npx tsx bench/kept-messages.ts --help
 * Reads stored messages three times: opened for the first time, opened again without the cache, and from the cache.
 */
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Profile } from '../client/profile/profile.ts';
import { createClient, newAccountKeys } from '../client/sdk/index.ts';
import { monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { type Origin, parseOrigin } from '../src/protocol/origin.ts';
import { People } from '../test/support/cluster/people.ts';
import { deploy } from './support/deployment.ts';
import { fillRoom, roomOf } from './support/fill-room.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions(
  'Measures how long a client with a profile on disk takes to read what is stored in a room.',
  {
    messages: ['1000', 'how many'],
    repeat: ['3', 'readings without the cache and with it, in turns'],
  },
);
const messages = Number(values.messages);
const ROOM = 'Library';

function originOf(url: string): Origin {
  const origin = parseOrigin(url);
  if (origin === undefined) throw new Error('the gateway has no address');
  return origin;
}

await using deployment = await deploy('embedded');
const { url } = await deployment.start();
const origin = originOf(url);
const profile = new Profile(join(deployment.folder, 'profile'));
const account = await newAccountKeys('Bob');
await profile.create(origin, account, undefined);
{
  await using people = new People();
  const room = await roomOf(people, 'Ada', url, ROOM);
  const storage = await profile.open(origin, account.name, undefined);
  const bob = await createClient({ server: url, storage, webSocket: WebSocket });
  await bob.register();
  await bob.join(ROOM);
  await bob.close();
  await storage.close();
  await fillRoom(room, messages);
}

/** A client that starts, reads every stored message, and closes: the start is not counted, the last writes are. */
async function read(title: string, cache: boolean): Promise<void> {
  const storage = await profile.open(origin, account.name, undefined, { cache });
  const client = await createClient({ server: url, storage, webSocket: WebSocket });
  await client.connect();
  const room = await client.room(ROOM);
  const [begin, cpu] = [monotonicMicros(), process.cpuUsage()];
  let found = 0;
  for await (const message of room.follow({ after: 'joined', live: false }))
    if (message.type === 'message' && message.status === 'ok') found += 1;
  await client.close();
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = (monotonicMicros() - begin) / 1_000;
  await storage.close();
  if (found !== messages) throw new Error(`read ${found} of ${messages}`);
  printRow(title, Math.round(wallMs), Math.round((user + system) / 1_000));
}

printHead('reading', 'ms by the clock', 'CPU ms of the process with its threads');
await read('first time, cache filled', true);
for (let turn = 0; turn < Number(values.repeat); turn += 1) {
  await read('again, without the cache', false);
  await read('again, from the cache', true);
}
