/**
 * npx tsx bench/large-rooms.ts --help
 * What a room of suite 2 costs the server that grows: joining it, its roster, one epoch, and what each member reads of it.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineLine } from '../loadtest/machine.ts';
import { loadNow } from '../loadtest/native/process-accounting.ts';
import { openEmbeddedRelay } from '../src/adapters/embedded/open-embedded-relay.ts';
import { openEmbeddedStores } from '../src/adapters/embedded/open-embedded-stores.ts';
import { readConfig } from '../src/config/read-config.ts';
import type { Caller } from '../src/core/caller.ts';
import { createCore } from '../src/core/core.ts';
import type { StoreBackend } from '../src/ports/backend.ts';
import { parseUserId, type RoomId } from '../src/protocol/ids.ts';
import { foldName, parseRoomName, parseUserName, type RoomName } from '../src/protocol/names.ts';
import { ratesOff } from '../test/support/cluster/test-cluster.ts';
import { EpochMaker } from '../test/support/ports/epoch-maker.ts';
import { callerOf, KeyedPerson } from '../test/support/ports/keyed-person.ts';
import { type NodeRequests, requestsTo } from '../test/support/ports/node-requests.ts';
import { accepted } from '../test/support/ports/prepared-send.ts';
import { silentTelemetry } from './silent-telemetry.ts';
import { benchOptions } from './support/options.ts';

const values = benchOptions('Measures what rooms of suite 2 cost the server at several sizes.', {
  members: ['100,1000,2000', 'sizes'],
});
const JOINS_TIMED = 50;

async function person(stores: StoreBackend, text: string): Promise<Caller> {
  const [name, user] = [parseUserName(text), parseUserId(new Uint8Array(randomBytes(16)))];
  if (name === undefined || user === undefined) throw new Error(`${text} is no user name`);
  const identity = { document: new Uint8Array(randomBytes(400)), signatures: new Uint8Array(320) };
  const account = { user, name, folded: foldName(name), sequence: 0, identity, createdAt: 1 };
  await stores.identities.create({ ...account, closed: false, disabled: false });
  return { user, name, session: text, address: '127.0.0.1', tokenIssuedAt: 1, tokenId: user };
}

async function timed<T>(step: () => Promise<T>): Promise<readonly [ms: number, value: T]> {
  const begin = performance.now();
  const value = await step();
  return [performance.now() - begin, value];
}

interface Room {
  readonly stores: StoreBackend;
  readonly requests: NodeRequests;
  readonly room: RoomId;
  readonly name: RoomName;
  readonly maker: EpochMaker;
}

/** Joins up to so many, and gives the median of the last joins. */
async function fill({ stores, requests, name }: Room, members: number): Promise<[number, Caller]> {
  const times: number[] = [];
  let last: Caller | undefined;
  for (let index = 1; index < members; index += 1) {
    const caller = await person(stores, `member${index}`);
    const [ms] = await timed(async () => accepted(await requests.join(caller, { name, suite: 2 })));
    times.push(ms);
    last = caller;
  }
  const end = times.slice(-JOINS_TIMED).sort((one, other) => one - other);
  if (last === undefined) throw new Error('a room has at least two members');
  return [end[end.length >> 1] ?? Number.NaN, last];
}

async function measure(members: number): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  const telemetry = silentTelemetry();
  const stores = openEmbeddedStores({ dataDir, telemetry });
  const relay = openEmbeddedRelay({ telemetry });
  await stores.start();
  await relay.start();
  const keys = Object.entries(ratesOff).map(([key, value]) => [`CONCLAVE_${key}`, value]);
  const config = readConfig(Object.fromEntries(keys), () => '');
  if (!config.ok) throw new Error(config.problems.join('\n'));
  const core = createCore({
    ...{ stores, relay, telemetry, limits: config.config },
    clock: { nowMs: () => Date.now() },
  });
  await core.start();
  try {
    const requests = requestsTo(core);
    const keyed = await KeyedPerson.make('owner');
    await keyed.register(core);
    const maker = new EpochMaker(keyed, callerOf(await keyed.login(core), 'owner'));
    const name = parseRoomName('Large');
    if (name === undefined) throw new Error('no room name');
    const made = await requests.create(maker.caller, { name, hidden: false, retention: 30, suite: 2 });
    const { room } = accepted(made).info;
    return await measureIn({ stores, requests, room, name, maker }, members);
  } finally {
    await core.close();
    await relay.close();
    await stores.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measureIn(all: Room, members: number): Promise<string> {
  const { stores, requests, room, maker } = all;
  const [joinMs, last] = await fill(all, members);
  const record = await stores.rooms.byId(room);
  if (record === undefined) throw new Error('the room is gone');
  const epoch = await maker.prepare(record);
  const heapBefore = process.memoryUsage().rss;
  const [commitMs] = await timed(async () => accepted(await maker.commit({ requests }, epoch)));
  const heapMiB = (process.memoryUsage().rss - heapBefore) / 2 ** 20;
  const users = record.members.map(({ user }) => user);
  const [issuedMs] = await timed(() => stores.epochs.issued(room, 1, users));
  const [pageMs] = await timed(async () =>
    accepted(await requests.epochs(last, { room, after: 0, limit: 1 })),
  );
  const [rosterMs] = await timed(async () => {
    for (let cursor: Uint8Array | undefined; ; ) {
      const body = cursor === undefined ? { room } : { room, cursor };
      const page = accepted(await requests.members(last, body));
      cursor = page.cursor;
      if (cursor === undefined) return;
    }
  });
  const [leaveMs] = await timed(async () => accepted(await requests.leave(last, { room })));
  const cells = [joinMs, leaveMs, commitMs, heapMiB, issuedMs, pageMs, rosterMs].map((cell) =>
    cell.toFixed(1),
  );
  return `| ${[members, epoch.wraps.length, ...cells, loadNow()].join(' | ')} |`;
}

console.log(`npx tsx bench/large-rooms.ts ${process.argv.slice(2).join(' ')}\n${machineLine()}\n`);
const titles = [
  'members',
  'bytes of wraps',
  'a join (ms)',
  'a leave (ms)',
  'wraps and epoch (ms)',
  'memory that it took (MiB)',
  'all copies read (ms)',
  'own epoch (ms)',
  'whole roster (ms)',
  'load',
];
console.log(`| ${titles.join(' | ')} |\n|${'---|'.repeat(titles.length)}`);
for (const members of values.members.split(',').map(Number)) console.log(await measure(members));
