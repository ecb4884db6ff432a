/**
 * npx tsx bench/first-send.ts --help
 * How long a client waits for its first message after somebody joined a room of suite 2, through a real gateway: it reads the
 * roster and the prekeys, makes an epoch for everybody, and sends under it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Room } from '../client/sdk/index.ts';
import { makeSharedKeys } from '../loadtest/wire/accounts.ts';
import { deploy, type Kind, kindsOf } from './support/deployment.ts';
import { joinOnce, newClient, registerMembers } from './support/epoch-people.ts';
import { median } from './support/median.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions(
  'Measures the first message after a join in rooms of suite 2, and what it consists of.',
  {
    kinds: ['embedded,cluster', 'embedded,cluster'],
    members: ['200,2000', 'sizes of the room'],
    joins: ['3', 'joins with a message after each; the median is told'],
  },
);

const ROOM = 'Large';
const LOOK_EVERY_MS = 20;

async function sent(room: Room): Promise<number> {
  const begin = performance.now();
  await room.send('hello');
  return performance.now() - begin;
}

/** Counts how often a person is told how far the making of an epoch has come. */
function progressOf(room: Room): { readonly told: () => number } {
  let count = 0;
  void (async () => {
    for await (const change of room.changes()) if (change.type === 'epoch-progress') count += 1;
  })();
  return { told: () => count };
}

async function knowsOf(room: Room, members: number): Promise<void> {
  while ((await room.members()).length < members) await pause(LOOK_EVERY_MS);
}

async function measure(kind: Kind, size: number): Promise<void> {
  await using deployment = await deploy(kind);
  const { url } = await deployment.start({ MAX_EPOCH_ROOM_MEMBERS: '2000' });
  const shared = await makeSharedKeys();
  const joins = Number(values.joins);
  // The maker is a member as well, and the last join fills the room.
  const early = size - 1 - joins;
  const names = Array.from({ length: early + joins }, (_, index) => `member${index}`);
  const logins = await registerMembers(url, shared, names);
  const client = await newClient(url, 'Maker');
  try {
    await client.create(ROOM, { suite: 2 });
    const beforeJoins = performance.now();
    for (const login of logins.slice(0, early)) await joinOnce(url, login, ROOM);
    const joinMs = (performance.now() - beforeJoins) / early;
    const room = await client.room(ROOM);
    const progress = progressOf(room);
    const firstMs = await sent(room);
    const times: number[] = [];
    for (const [index, login] of logins.slice(early).entries()) {
      await joinOnce(url, login, ROOM);
      await knowsOf(room, early + index + 2);
      times.push(await sent(room));
    }
    const nextMs = await sent(room);
    const cells = [joinMs, firstMs, median(times), nextMs].map((ms) => ms.toFixed(ms < 10 ? 1 : 0));
    printRow(kind, deployment.store, size, ...cells, progress.told());
  } finally {
    await client.close();
  }
}

printHead(
  ...['gateway', 'store', 'members', 'a join, with its connection (ms)', 'first message of the maker (ms)'],
  ...['first message after a join (ms)', 'next message (ms)', 'progress told'],
);
for (const kind of kindsOf(values.kinds))
  for (const size of values.members.split(',').map(Number)) await measure(kind, size);
