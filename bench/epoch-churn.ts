/**
 * npx tsx bench/epoch-churn.ts --help
 * What a room of suite 2 does while members come and go all the time and others write: the epochs that are made, how long a
 * message waits for one, and what that costs the gateway.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sumOf } from '../loadtest/gateway-watch.ts';
import { Child, listIn, numberIn } from '../loadtest/native/parent-and-child.ts';
import { cpuMicros } from '../loadtest/native/process-accounting.ts';
import { makeSharedKeys, roomName, type SharedKeys } from '../loadtest/wire/accounts.ts';
import { ReadBuffer } from '../loadtest/wire/raw-web-socket.ts';
import { WireSession } from '../loadtest/wire/wire-session.ts';
import { deploy, type Kind, kindsOf } from './support/deployment.ts';
import { joinOnce, type Login, registerMembers } from './support/epoch-people.ts';
import { median, quantile } from './support/median.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions('Measures epochs of a room whose members come and go while others write.', {
  kinds: ['embedded,cluster', 'embedded,cluster'],
  members: ['200', 'size of the room'],
  changes: ['0.5,2,8', 'joins and leaves a second, by turns, due at fixed times'],
  writers: ['3', 'members that write, each in a process of its own'],
  'every-ms': ['250', 'pause of a writer between the answer to a message and the next one'],
  seconds: ['20', 'of each rate'],
});

const ROOM = 'Large';
const WRITER = new URL('./support/churn-writer.ts', import.meta.url);
/** Members that come and go, by turns. */
const RESTLESS = 8;
const writersCount = Number(values.writers);
const seconds = Number(values.seconds);

class Restless {
  readonly #inside: WireSession[];
  readonly #outside: WireSession[] = [];

  private constructor(sessions: readonly WireSession[]) {
    this.#inside = [...sessions];
  }

  static async of(url: string, logins: readonly Login[]): Promise<Restless> {
    const sessions: WireSession[] = [];
    for (const login of logins) {
      const session = await WireSession.open(url, new ReadBuffer());
      await login(session);
      sessions.push(session);
    }
    return new Restless(sessions);
  }

  /** One leaves, then another one comes back, and so on. Returns how many times somebody came or went. */
  async run(perSecond: number, until: number): Promise<number> {
    const begin = performance.now();
    let count = 0;
    for (; performance.now() < until; count += 1) {
      const isLeave = this.#outside.length < RESTLESS / 2;
      const session = (isLeave ? this.#inside : this.#outside).shift();
      if (session === undefined) throw new Error('nobody is there');
      if (isLeave) await session.request('leave', { room: await roomOf(session) });
      else await session.request('join', { name: roomName(ROOM), suite: 2 });
      (isLeave ? this.#outside : this.#inside).push(session);
      await pause(Math.max(0, begin + ((count + 1) * 1_000) / perSecond - performance.now()));
    }
    return count;
  }

  close(): void {
    for (const { socket } of [...this.#inside, ...this.#outside]) socket.close(1000);
  }
}

async function roomOf(session: WireSession) {
  const [entry] = (await session.request('mine', {})).rooms;
  if (entry === undefined) throw new Error('a member is in no room');
  return entry.room;
}

interface Written {
  readonly times: readonly number[];
  readonly failed: number;
  readonly cpuMs: number;
}

async function write(writers: readonly Child[]): Promise<Written> {
  const asked = { seconds, everyMs: Number(values['every-ms']) };
  const told = await Promise.all(writers.map((writer) => writer.call('write', asked)));
  return {
    times: told.flatMap((fields) => listIn(fields, 'times').map(Number)),
    failed: told.reduce((sum, fields) => sum + numberIn(fields, 'failed'), 0),
    cpuMs: told.reduce((sum, fields) => sum + numberIn(fields, 'cpuMs'), 0),
  };
}

async function fill(url: string, shared: SharedKeys, writers: readonly Child[]): Promise<Restless> {
  for (const [index, writer] of writers.entries())
    await writer.call('come in', { url, room: ROOM, name: `Writer${index}`, makes: index === 0 });
  const names = Array.from({ length: Number(values.members) - writers.length }, (_, i) => `member${i}`);
  const logins = await registerMembers(url, shared, names);
  for (const login of logins) await joinOnce(url, login, ROOM);
  return Restless.of(url, logins.slice(-RESTLESS));
}

async function measure(kind: Kind): Promise<void> {
  await using deployment = await deploy(kind);
  const gateway = await deployment.start();
  const writers = Array.from({ length: writersCount }, () => new Child(WRITER));
  const restless = await fill(gateway.url, await makeSharedKeys(), writers);
  const look = async () => {
    const page = await gateway.metrics();
    const made = sumOf(page, 'conclave_epochs_made_total');
    return { made, lost: sumOf(page, 'conclave_epoch_races_lost_total'), cpu: cpuMicros(gateway.pid) };
  };
  try {
    for (const writer of writers) await writer.call('begin', { room: ROOM });
    for (const perSecond of values.changes.split(',').map(Number)) {
      const before = await look();
      const begin = performance.now();
      const [changes, written] = await Promise.all([
        restless.run(perSecond, begin + seconds * 1_000),
        write(writers),
      ]);
      const took = (performance.now() - begin) / 1_000;
      const after = await look();
      const made = after.made - before.made;
      const cells = [
        (changes / took).toFixed(1),
        (made / took).toFixed(2),
        after.lost - before.lost,
        (written.times.length / took).toFixed(1),
        written.failed,
        ...[median(written.times), quantile(written.times, 0.99)].map((ms) => ms.toFixed(0)),
        ...[(after.cpu - before.cpu) / 1_000, written.cpuMs].map((ms) => (ms / 10 / took).toFixed(1)),
      ];
      printRow(kind, deployment.store, perSecond, ...cells);
    }
  } finally {
    restless.close();
    for (const writer of writers) {
      await writer.call('leave');
      await writer[Symbol.asyncDispose]();
    }
  }
}

printHead(
  ...['gateway', 'store', 'joins and leaves asked for (1/s)', 'done (1/s)', 'epochs (1/s)', 'races lost'],
  ...['messages (1/s)', 'failed', 'p50 of a message (ms)', 'p99 (ms)'],
  ...['CPU of the gateway (%)', 'of all writers (%)'],
);
for (const kind of kindsOf(values.kinds)) await measure(kind);
