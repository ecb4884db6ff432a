/**
 * npx tsx bench/logins.ts --help
 * What a login and a resume cost the server, from the connection to its end; and what a client costs that was cut off and
 * comes back to its room. With `--against`, the gateways of two checkouts run side by side and take turns, so that what else the machine
 * does falls on both.
 */
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMicros, monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { type Account, makeSharedKeys, type SharedKeys } from '../loadtest/wire/accounts.ts';
import { inTurns } from '../loadtest/wire/in-turns.ts';
import { ReadBuffer } from '../loadtest/wire/raw-web-socket.ts';
import { WireSession } from '../loadtest/wire/wire-session.ts';
import type { RoomId } from '../src/protocol/ids.ts';
import { deploy, type Kind, kindsOf } from './support/deployment.ts';
import { Inspector } from './support/inspector.ts';
import { median } from './support/median.ts';
import { groupsOf, manyAccounts, manyRooms } from './support/members.ts';
import { benchOptions } from './support/options.ts';
import { medianOfRuns, printHead, printRow } from './support/table.ts';

const values = benchOptions(
  "Measures the server's CPU per login, per resume, and per client that comes back to its room.",
  {
    kinds: ['embedded,cluster', 'embedded,cluster'],
    only: ['', 'of the lines whose names begin so'],
    accounts: ['200', 'that log in by turns'],
    room: ['50', 'members of a room'],
    count: ['1500', 'logins and resumes of one run'],
    'at-once': ['16', 'of them under way at a time'],
    runs: ['3', 'the median of so many is told'],
    against: [undefined, 'another checkout, built: its gateway takes turns with this one'],
    profile: [undefined, 'writes a CPU profile of the gateway for each line'],
  },
);

/** What a closed connection leaves to be done is part of its price. */
const SETTLE_MS = 500;

const buffer = new ReadBuffer();

interface Person {
  readonly account: Account;
  readonly room: RoomId;
}

type Act = (session: WireSession, person: Person, shared: SharedKeys) => Promise<unknown>;

/** Each ends its connection, with a good-bye or as one that is lost. */
const acts: Readonly<Record<string, Act>> = {
  'connect and hello only': async (session) => session.socket.close(1000),
  resume: async (session, { account }, { keys }) => {
    await session.resume(account.token, keys);
    session.socket.close(1000);
  },
  login: async (session, { account }, { keys }) => {
    await session.login(account.name, keys);
    session.socket.close(1000);
  },
  'cut off, resume, enter a room': async (session, { account, room }, { keys }) => {
    await session.resume(account.token, keys);
    const { rooms } = await session.request('enter', { rooms: [room] });
    if (rooms[0]?.info === undefined) throw new Error('the room could not be entered');
    session.socket.destroy();
  },
};

async function makePeople(url: string, shared: SharedKeys): Promise<readonly Person[]> {
  const accounts = await manyAccounts(url, shared, 'person', Number(values.accounts));
  const rooms = await manyRooms(url, groupsOf(accounts, Number(values.room)));
  return rooms.flatMap(({ room, members }) => members.map((account) => ({ account, room })));
}

/** Each connection has one of many of its own, as in life: those of one address take turns. */
function addressOf(turn: number): string {
  return `127.1.${(turn >> 8) & 0xff}.${turn & 0xff}`;
}

interface Gateway extends AsyncDisposable {
  /** What the table calls it. */
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly shared: SharedKeys;
  readonly people: readonly Person[];
}

async function startWithPeople(kind: Kind, folder: string | undefined): Promise<Gateway> {
  const deployment = await deploy(kind);
  const options = folder === undefined ? {} : { folder };
  const { url, pid } = await deployment.start({ MAX_SESSIONS_PER_USER: '1000' }, options);
  const shared = await makeSharedKeys();
  const people = await makePeople(url, shared);
  const name = folder === undefined ? kind : `${kind}, ${basename(folder)}`;
  return { name, url, pid, shared, people, [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose]() };
}

interface Taken {
  readonly cpu: number;
  readonly perSecond: number;
}

async function measureRun(act: Act, { url, pid, people, shared }: Gateway): Promise<Taken> {
  const count = Number(values.count);
  const turns = Array.from({ length: count }, (_, turn) => turn);
  const begin = { at: monotonicMicros(), cpu: cpuMicros(pid) };
  await inTurns(turns, Number(values['at-once']), async (turn) => {
    const person = people[turn % people.length];
    if (person === undefined) return;
    await act(await WireSession.open(url, buffer, { localAddress: addressOf(turn) }), person, shared);
  });
  const seconds = (monotonicMicros() - begin.at) / 1_000_000;
  await pause(SETTLE_MS);
  return { cpu: (cpuMicros(pid) - begin.cpu) / count, perSecond: count / seconds };
}

/** A profile is of the first gateway. */
async function measureLine(name: string, act: Act, gateways: readonly Gateway[]): Promise<void> {
  const [first] = gateways;
  if (first === undefined) return;
  // Once to warm up.
  for (const gateway of gateways) await measureRun(act, gateway);
  const inspector = values.profile === undefined ? undefined : await Inspector.attach(first.pid);
  await inspector?.startProfile();
  const taken = gateways.map((gateway) => ({ gateway, runs: [] as Taken[] }));
  for (let run = 0; run < Number(values.runs); run += 1)
    for (const { gateway, runs } of run % 2 === 0 ? taken : taken.toReversed())
      runs.push(await measureRun(act, gateway));
  const file = `${first.name}-${name.replaceAll(' ', '-')}.cpuprofile`;
  await inspector?.saveProfile(join(values.profile ?? '', file));
  inspector?.close();
  for (const { gateway, runs } of taken) {
    const cpu = runs.map((run) => run.cpu);
    const against = cpu.map((each, run) => each / (taken[0]?.runs[run]?.cpu ?? Number.NaN));
    printRow(
      ...[gateway.name, name, medianOfRuns(cpu), Math.round(1_000_000 / median(cpu))],
      ...[Math.round(median(runs.map((run) => run.perSecond))), median(against).toFixed(2)],
    );
  }
}

async function measure(kind: Kind): Promise<void> {
  await using here = await startWithPeople(kind, undefined);
  await using other = values.against === undefined ? undefined : await startWithPeople(kind, values.against);
  const gateways = other === undefined ? [here] : [here, other];
  for (const [name, act] of Object.entries(acts))
    if (name.startsWith(values.only)) await measureLine(name, act, gateways);
}

printHead(
  ...['gateway', 'what', 'server CPU each, µs', 'that is per core and second', 'reached with one client'],
  'CPU in proportion to the first, median of pairs',
);
for (const kind of kindsOf(values.kinds)) await measure(kind);
