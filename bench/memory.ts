/**
 * npx tsx bench/memory.ts --help
 * What an idle, authenticated connection in two rooms keeps of the gateway's memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../loadtest/native/process-accounting.ts';
import { type Account, makeSharedKeys, type SharedKeys } from '../loadtest/wire/accounts.ts';
import { inTurns } from '../loadtest/wire/in-turns.ts';
import { ReadBuffer } from '../loadtest/wire/raw-web-socket.ts';
import { WireSession } from '../loadtest/wire/wire-session.ts';
import type { RoomId } from '../src/protocol/ids.ts';
import type { GatewayProcess } from '../test/support/cluster/gateway-process.ts';
import { type Deployment, deploy, kindsOf } from './support/deployment.ts';
import { Inspector } from './support/inspector.ts';
import { groupsOf, manyAccounts, manyRooms } from './support/members.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions(
  'Measures resident memory per idle connection in two rooms; takes eight minutes.',
  {
    kinds: ['cluster', 'embedded,cluster'],
    connections: ['5000', 'each with its own account'],
    room: ['50', 'members of each room'],
  },
);

const CONNECTS_AT_ONCE = 16;
/** Connected before the first look, so that code, caches and heap of a working gateway are there. */
const FIRST_SHARE = 0.1;
const SETTLE_MS = 3_000;
/** V8 looks for garbage by itself when a process has been quiet for a while. */
const QUIET_MS = 150_000;

const buffer = new ReadBuffer();

interface Member {
  readonly account: Account;
  readonly rooms: RoomId[];
}

/** Every account is in two rooms: one with its neighbours, and one with accounts from all over. */
async function setUp(gateway: GatewayProcess, shared: SharedKeys): Promise<Member[]> {
  const accounts = await manyAccounts(gateway.url, shared, 'idle', Number(values.connections));
  const neighbours = groupsOf(accounts, Number(values.room));
  const scattered = neighbours.map((_, first) =>
    accounts.filter((_, index) => index % neighbours.length === first),
  );
  const members = new Map(accounts.map((account): [Account, RoomId[]] => [account, []]));
  for (const made of await manyRooms(gateway.url, [...neighbours, ...scattered]))
    for (const account of made.members) members.get(account)?.push(made.room);
  return [...members].map(([account, rooms]) => ({ account, rooms }));
}

async function connectAll(url: string, members: readonly Member[], { keys }: SharedKeys): Promise<void> {
  await inTurns(members, CONNECTS_AT_ONCE, async ({ account, rooms }) => {
    const session = await WireSession.open(url, buffer);
    await session.resume(account.token, keys);
    const entered = await session.request('enter', { rooms });
    if (entered.rooms.some(({ info }) => info === undefined)) throw new Error('a room could not be entered');
  });
}

interface Look {
  readonly busy: number;
  readonly quiet: number;
  readonly collected: number;
}

async function look(gateway: GatewayProcess, inspector: Inspector): Promise<Look> {
  await pause(SETTLE_MS);
  const busy = residentBytes(gateway.pid);
  await pause(QUIET_MS);
  const quiet = residentBytes(gateway.pid);
  await inspector.collectGarbage();
  await pause(SETTLE_MS);
  await inspector.collectGarbage();
  return { busy, quiet, collected: residentBytes(gateway.pid) };
}

async function measure(deployment: Deployment): Promise<void> {
  const shared = await makeSharedKeys();
  const setUpGateway = await deployment.start();
  const members = await setUp(setUpGateway, shared);
  await setUpGateway.interrupt();
  const gateway = await deployment.start();
  const inspector = await Inspector.attach(gateway.pid);
  const fresh = residentBytes(gateway.pid);
  const first = Math.round(members.length * FIRST_SHARE);
  await connectAll(gateway.url, members.slice(0, first), shared);
  const before = await look(gateway, inspector);
  await connectAll(gateway.url, members.slice(first), shared);
  const after = await look(gateway, inspector);
  const added = members.length - first;
  const mebibytes = (bytes: number): string => (bytes / 1_024 / 1_024).toFixed(0);
  const column = (name: keyof Look): string =>
    `${mebibytes(before[name])} → ${mebibytes(after[name])}, ` +
    `**${((after[name] - before[name]) / added / 1_024).toFixed(1)} KiB** each`;
  printRow(
    ...[deployment.kind, members.length, mebibytes(fresh)],
    ...[column('busy'), column('quiet'), column('collected')],
  );
  inspector.close();
}

console.log(`rooms of ${values.room}; the first tenth of the connections is the zero point; RSS in MiB`);
printHead(
  ...['gateway', 'connections', 'at start', `${SETTLE_MS / 1_000} s after the last came`],
  ...[`${QUIET_MS / 1_000} s later`, 'after a collection of garbage'],
);
for (const kind of kindsOf(values.kinds)) {
  await using deployment = await deploy(kind);
  await measure(deployment);
}
// The connections that are still open would keep the process.
process.exit(0);
