/**
 * npx tsx bench/kept-messages.ts --help
 * Reads stored messages three times: opened for the first time, opened again without the cache, and from the cache.
 */
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Profile } from '../client/profile/profile.ts';
import { type ConclaveClient, createClient, memoryStorage, newAccountKeys } from '../client/sdk/index.ts';
import type { AccountKeys } from '../client/sdk/storage/storage.ts';
import { monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { parseOrigin } from '../src/protocol/origin.ts';
import { deploy } from './support/deployment.ts';
import { fillRoom } from './support/fill-room.ts';
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

interface Reading {
  readonly wallMs: number;
  /** Of this process, its threads included. */
  readonly cpuMs: number;
}

async function connected(
  server: string,
  storage: Parameters<typeof createClient>[0]['storage'],
): Promise<ConclaveClient> {
  return createClient({ server, storage, webSocket: WebSocket });
}

async function fill(server: string, enter: () => Promise<void>): Promise<void> {
  const ada = await connected(server, memoryStorage(await newAccountKeys('Ada')));
  await ada.register();
  await ada.create(ROOM);
  await enter();
  await fillRoom(await ada.room(ROOM), messages);
  await ada.close();
}

/** A client that starts, reads every stored message, and closes: the start is not counted, the last writes are. */
async function read(
  server: string,
  profile: Profile,
  account: AccountKeys,
  cache: boolean,
): Promise<Reading> {
  const origin = parseOrigin(server);
  if (origin === undefined) throw new Error('the gateway has no address');
  const storage = await profile.open(origin, account.name, undefined, { cache });
  const client = await connected(server, storage);
  await client.connect();
  const room = await client.room(ROOM);
  const [begin, cpu] = [monotonicMicros(), process.cpuUsage()];
  let found = 0;
  for await (const message of room.follow({ after: 'joined', live: false }))
    if (message.type === 'message' && message.status === 'ok') found += 1;
  await client.close();
  const used = process.cpuUsage(cpu);
  const wallMs = (monotonicMicros() - begin) / 1000;
  await storage.close();
  if (found !== messages) throw new Error(`read ${found} of ${messages}`);
  return { wallMs, cpuMs: (used.user + used.system) / 1000 };
}

function print(title: string, { wallMs, cpuMs }: Reading): void {
  printRow(title, Math.round(wallMs), Math.round(cpuMs));
}

await using deployment = await deploy('embedded');
const { url } = await deployment.start();
const origin = parseOrigin(url);
if (origin === undefined) throw new Error('the gateway has no address');
const profile = new Profile(join(deployment.folder, 'profile'));
const account = await newAccountKeys('Bob');
await profile.create(origin, account, undefined);
await fill(url, async () => {
  const storage = await profile.open(origin, account.name, undefined);
  const bob = await connected(url, storage);
  await bob.register();
  await bob.join(ROOM);
  await bob.close();
  await storage.close();
});
printHead('reading', 'ms by the clock', 'CPU ms');
print('first time, cache filled', await read(url, profile, account, true));
for (let turn = 0; turn < Number(values.repeat); turn += 1) {
  print('again, without the cache', await read(url, profile, account, false));
  print('again, from the cache', await read(url, profile, account, true));
}
