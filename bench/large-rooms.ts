/**
 * npx tsx bench/large-rooms.ts --help
 * What a room of suite 2 costs the server that grows: joining it, its roster, one epoch, and what each member reads of it.
 */
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { roomName } from '../loadtest/wire/accounts.ts';
import { inTurns } from '../loadtest/wire/in-turns.ts';
import { userName } from '../loadtest/wire/wire-session.ts';
import { loadBackends } from '../src/backends.ts';
import { readConfig } from '../src/config/read-config.ts';
import type { Caller } from '../src/core/caller.ts';
import { type Core, createCore } from '../src/core/core.ts';
import type { RoomRecord } from '../src/domain/roster.ts';
import { randomId } from '../src/lib/random-id.ts';
import type { StoreBackend } from '../src/ports/backend.ts';
import { parseRoomId, parseUserId, type RoomId } from '../src/protocol/ids.ts';
import { foldName, type RoomName } from '../src/protocol/names.ts';
import { ratesOff } from '../test/support/cluster/patience.ts';
import { EpochMaker, type PreparedEpoch } from '../test/support/ports/epoch-maker.ts';
import { callerOf, KeyedPerson } from '../test/support/ports/keyed-person.ts';
import { type NodeRequests, requestsTo } from '../test/support/ports/node-requests.ts';
import { accepted } from '../test/support/ports/prepared-send.ts';
import { silentTelemetry } from './silent-telemetry.ts';
import { deploy, type Kind, kindsOf } from './support/deployment.ts';
import { median } from './support/median.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions('Measures what rooms of suite 2 cost the server at several sizes.', {
  kinds: ['embedded,cluster', 'embedded,cluster'],
  members: ['100,1000,2000', 'sizes of the one room'],
  rooms: ['100', 'rooms that get an epoch at the same moment; 0: none'],
  'rooms-members': ['200', 'members of each of them'],
});
/** The last members join one by one. */
const JOINS_TIMED = 50;
const PEOPLE_AT_ONCE = 4;
/** Of whatever one room can do again: single times differ several-fold. */
const SAMPLES = 25;
const LATE_RESOLUTION_MS = 1;
/** Each may have 4 MiB of wraps waiting. */
const MAKERS = 20;

async function person(stores: StoreBackend, text: string): Promise<Caller> {
  const [name, user] = [userName(text), randomId(parseUserId)];
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

interface Node {
  readonly store: string;
  readonly core: Core;
  readonly stores: StoreBackend;
  readonly requests: NodeRequests;
}

interface Room extends Node {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly maker: EpochMaker;
}

/** The median time of a step that is taken for each of these, one after the other. */
async function medianOf<T>(items: readonly T[], step: (item: T) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (const item of items) times.push((await timed(() => step(item)))[0]);
  return median(times);
}

/** The same room with so many more members, put there by one write: one after the other, thousands would join for half an hour. */
async function withMembers(room: Room, count: number): Promise<Room> {
  const { stores, core } = room;
  const record = await recordOf(room);
  const names = Array.from({ length: count }, (_, index) => `early${index}`);
  const people = await inTurns(names, PEOPLE_AT_ONCE, (name) => person(stores, name));
  const [name, id] = [roomName('Larger'), randomId(parseRoomId)];
  const [owner] = record.members;
  if (owner === undefined) throw new Error('a room without an owner');
  const early = people.map(({ user }) => ({ ...owner, user, role: 'member' as const }));
  const members = [owner, ...early].sort((a, b) => (a.user < b.user ? -1 : 1));
  await stores.rooms.create({ ...record, room: id, name, folded: foldName(name), members });
  await core.views.load(id);
  return { ...room, room: id, name };
}

/** So many join; gives the median time, and who joined. */
async function fill({ stores, requests, name }: Room, count: number): Promise<[number, Caller[]]> {
  const times: number[] = [];
  const joined: Caller[] = [];
  for (let index = 0; index < count; index += 1) {
    const caller = await person(stores, `member${index}`);
    const [ms] = await timed(async () => accepted(await requests.join(caller, { name, suite: 2 })));
    times.push(ms);
    joined.push(caller);
  }
  return [median(times), joined];
}

async function onNode(kind: Kind, use: (node: Node) => Promise<void>): Promise<void> {
  await using deployment = await deploy(kind);
  const keys = Object.entries({ ...ratesOff, ...deployment.settings });
  const config = readConfig(
    Object.fromEntries(keys.map(([key, value]) => [`CONCLAVE_${key}`, value])),
    () => '',
  );
  if (!config.ok) throw new Error(config.problems.join('\n'));
  const telemetry = silentTelemetry();
  const { stores, relay } = (await loadBackends(config.config))(telemetry);
  await stores.start();
  await relay.start();
  const core = createCore({
    ...{ stores, relay, telemetry, limits: config.config },
    clock: { nowMs: () => Date.now() },
  });
  await core.start();
  try {
    await use({ store: deployment.store, core, stores, requests: requestsTo(core) });
  } finally {
    await core.close();
    await relay.close();
    await stores.close();
  }
}

async function newMaker({ core }: Node, name: string): Promise<EpochMaker> {
  const person = await KeyedPerson.make(name);
  await person.register(core);
  return new EpochMaker(person, callerOf(await person.login(core), name));
}

async function createRoom(node: Node, maker: EpochMaker, text: string): Promise<Room> {
  const name = roomName(text);
  const made = await node.requests.create(maker.caller, { name, hidden: false, retention: 30, suite: 2 });
  return { ...node, room: accepted(made).info.room, name, maker };
}

async function recordOf({ stores, room }: Room): Promise<RoomRecord> {
  const record = await stores.rooms.byId(room);
  if (record === undefined) throw new Error('the room is gone');
  return record;
}

async function measureIn(empty: Room, members: number): Promise<void> {
  const all = await withMembers(empty, members - 1 - JOINS_TIMED);
  const { store, core, stores, requests, room, maker } = all;
  const [joinMs, joined] = await fill(all, JOINS_TIMED);
  const someone = joined.slice(-SAMPLES);
  const record = await recordOf(all);
  const epoch = await maker.prepare(record);
  const heapBefore = process.memoryUsage().rss;
  const [commitMs] = await timed(async () => accepted(await maker.commit({ requests }, epoch)));
  const heapMiB = (process.memoryUsage().rss - heapBefore) / 2 ** 20;
  const users = record.members.map(({ user }) => user);
  const issuedMs = await medianOf(someone, () => stores.epochs.issued(room, 1, users));
  const pageMs = await medianOf(someone, async (caller) =>
    accepted(await requests.epochs(caller, { room, after: 0, limit: 1 })),
  );
  const rosterMs = await medianOf(someone, async (caller) => {
    for (let cursor: Uint8Array | undefined; ; ) {
      const body = cursor === undefined ? { room } : { room, cursor };
      const page = accepted(await requests.members(caller, body));
      cursor = page.cursor;
      if (cursor === undefined) return;
    }
  });
  const onlineMs = await medianOf(users, async (user) => {
    const { version } = await core.relay.presence.setInRoom(room, user, 1);
    await core.presences.at(room, version);
  });
  const leaveMs = await medianOf(someone, async (caller) => accepted(await requests.leave(caller, { room })));
  const cells = [joinMs, leaveMs, commitMs, heapMiB, issuedMs, pageMs, rosterMs, onlineMs].map((cell) =>
    cell.toFixed(1),
  );
  printRow(store, members, epoch.wraps.length, ...cells);
}

/** What waits while all rooms get an epoch is whatever else the node has to do: `late` is how late its event loop was at most. */
async function measureAtOnce(node: Node, count: number, members: number): Promise<void> {
  const people: Caller[] = [];
  for (let index = 1; index < members; index += 1) people.push(await person(node.stores, `member${index}`));
  const epochs: { readonly room: Room; readonly epoch: PreparedEpoch }[] = [];
  const makers: EpochMaker[] = [];
  for (let index = 0; index < MAKERS; index += 1) makers.push(await newMaker(node, `maker${index}`));
  for (let index = 0; index < count; index += 1) {
    const maker = makers[index % MAKERS];
    if (maker === undefined) break;
    const room = await createRoom(node, maker, `Room${index}`);
    for (const each of people) accepted(await node.requests.join(each, { name: room.name, suite: 2 }));
    epochs.push({ room, epoch: await room.maker.prepare(await recordOf(room)) });
  }
  const late = monitorEventLoopDelay({ resolution: LATE_RESOLUTION_MS });
  const rssBefore = process.memoryUsage.rss();
  late.enable();
  const cpuBefore = process.cpuUsage();
  const [allMs, times] = await timed(() =>
    Promise.all(
      epochs.map(async ({ room, epoch }) => {
        const [ms] = await timed(async () => accepted(await room.maker.commit(node, epoch)));
        return ms;
      }),
    ),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  late.disable();
  const cells = [
    ...[allMs, median(times), (user + system) / 1_000, late.max / 1e6],
    (process.memoryUsage.rss() - rssBefore) / 2 ** 20,
  ].map((cell) => cell.toFixed(0));
  printRow(node.store, count, members, ...cells);
}

const kinds = kindsOf(values.kinds);
printHead(
  ...['store', 'members', 'bytes of wraps', 'a join (ms)', 'a leave (ms)', 'wraps and epoch (ms)'],
  ...['memory that it took (MiB)', 'all copies read (ms)', 'own epoch (ms)', 'whole roster (ms)'],
  'coming online (ms)',
);
for (const kind of kinds)
  for (const members of values.members.split(',').map(Number))
    await onNode(kind, async (node) =>
      measureIn(await createRoom(node, await newMaker(node, 'owner'), 'Large'), members),
    );
if (Number(values.rooms) > 0) {
  printHead(
    ...['store', 'rooms at once', 'members of each', 'until all have their epoch (ms)'],
    ...['median of the rooms (ms)', 'CPU (ms)', 'event loop late by at most (ms)'],
    'memory that it took (MiB)',
  );
  for (const kind of kinds)
    await onNode(kind, (node) => measureAtOnce(node, Number(values.rooms), Number(values['rooms-members'])));
}
