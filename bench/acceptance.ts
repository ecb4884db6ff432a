/**
 * npx tsx bench/acceptance.ts --help
 * Messages that are stored, delivered and acknowledged, as many as one gateway takes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sendersChild } from '../loadtest/native/children.ts';
import { type Child, type Fields, numberIn } from '../loadtest/native/parent-and-child.ts';
import { cpuMicros, monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { makeSharedKeys, type SharedKeys } from '../loadtest/wire/accounts.ts';
import { toHex } from '../src/protocol/bytes.ts';
import { deploy, type Kind, kindsOf } from './support/deployment.ts';
import { median } from './support/median.ts';
import { groupsOf, manyAccounts, manyRooms } from './support/members.ts';
import { benchOptions } from './support/options.ts';
import { medianOfRuns, printHead, printRow } from './support/table.ts';

const values = benchOptions(
  'Measures messages a second that one gateway stores and acknowledges, all members online.',
  {
    kinds: ['embedded,cluster', 'embedded,cluster'],
    rooms: ['8', 'how many'],
    members: ['4', 'of each room; every one of them sends'],
    open: ['8', 'sends of one session under way at once'],
    retention: ['30', '0 stores nothing'],
    ciphertext: ['300', 'bytes'],
    runs: ['3', 'the median of so many is told'],
    seconds: ['4', 'of each run'],
  },
);

/** More than anything here can take: the number of open sends decides. */
const BEYOND = 1_000_000;
const WARM_MS = 1_500;

async function sendingMembers(url: string, shared: SharedKeys): Promise<Fields[]> {
  const size = Number(values.members);
  const accounts = await manyAccounts(url, shared, 'sender', size * Number(values.rooms));
  const rooms = await manyRooms(url, groupsOf(accounts, size), Number(values.retention));
  return rooms.flatMap(({ room, version, members }) =>
    members.map(({ user, token }) => ({
      ...{ room, version, user, token: toHex(token) },
      ...{ members: members.length, enters: true },
    })),
  );
}

interface Taken {
  readonly perSecond: number;
  readonly cpuPerMessage: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
}

async function measure(kind: Kind): Promise<void> {
  await using deployment = await deploy(kind);
  const gateway = await deployment.start();
  const shared = await makeSharedKeys();
  await using senders = sendersChild();
  await senders.call('connect', {
    url: gateway.url,
    rsa: shared.rsaHex,
    ed25519: shared.ed25519Hex,
    ciphertextBytes: Number(values.ciphertext),
    openMax: Number(values.open),
    senders: await sendingMembers(gateway.url, shared),
  });
  await senders.call('run', { perSecond: BEYOND, burstMs: 0 });
  const runs: Taken[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    await pause(WARM_MS);
    runs.push(await measureRun(senders, gateway.pid));
  }
  await senders.call('stop');
  const middle = (field: keyof Taken): number => median(runs.map((run) => run[field]));
  const refused = runs.reduce((sum, run) => sum + run.refused, 0);
  printRow(
    `${kind}, ${deployment.store}, retention ${values.retention}`,
    medianOfRuns(runs.map(({ perSecond }) => perSecond)),
    `${middle('cpuPerMessage').toFixed(0)} µs`,
    ...[middle('p50Ms').toFixed(1), middle('p99Ms').toFixed(1), refused],
  );
}

async function measureRun(senders: Child, pid: number): Promise<Taken> {
  const before = await senders.call('counts');
  const begin = { at: monotonicMicros(), cpu: cpuMicros(pid) };
  await pause(Number(values.seconds) * 1_000);
  const after = await senders.call('counts');
  const end = { at: monotonicMicros(), cpu: cpuMicros(pid) };
  const refused = numberIn(after, 'refused') - numberIn(before, 'refused');
  const accepted = numberIn(after, 'answered') - numberIn(before, 'answered') - refused;
  return {
    perSecond: (accepted / (end.at - begin.at)) * 1_000_000,
    cpuPerMessage: (end.cpu - begin.cpu) / accepted,
    p50Ms: numberIn(after, 'p50') / 1_000,
    p99Ms: numberIn(after, 'p99') / 1_000,
    refused,
  };
}

const { rooms, members, open } = values;
console.log(`${rooms} rooms of ${members} members, each sending with ${open} sends under way`);
printHead('gateway', 'messages/s', 'gateway CPU each', 'p50 ms', 'p99 ms', 'refused');
for (const kind of kindsOf(values.kinds)) await measure(kind);
