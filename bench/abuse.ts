/**
 * npm run bench:abuse -- --help
 * What hostile clients do to everybody else on one gateway: each attack by one, ten and a hundred of them, beside 50
 * members who send and ping.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Child, type Fields, numberIn } from '../loadtest/native/parent-and-child.ts';
import {
  coreWaitMicros,
  cpuMicros,
  loadNow,
  monotonicMicros,
} from '../loadtest/native/process-accounting.ts';
import {
  type Account,
  makeAccounts,
  makeRoom,
  makeSharedKeys,
  type SharedKeys,
} from '../loadtest/wire/accounts.ts';
import { ReadBuffer } from '../loadtest/wire/raw-web-socket.ts';
import { makeFolders } from '../src/lib/make-folders.ts';
import { toHex } from '../src/protocol/bytes.ts';
import { idBytes, type RoomId } from '../src/protocol/ids.ts';
import { type GatewayProcess, startGateway } from '../test/support/cluster/gateway-process.ts';
import { ratesOff } from '../test/support/cluster/patience.ts';
import { type Attack, attacks } from './abuse/attacks.ts';
import { GATEWAY_CORE, pin, pinned, yielding } from './abuse/cores.ts';
import { Inspector } from './support/inspector.ts';

const usage = `Measures what hostile clients do to the others on one gateway with its default limits and 3 s to log in; takes ten minutes.
Needs two cores, taskset and chrt: the gateway has the first core, everything else the second, the hostile ones only what the others leave of it.
  --only NAME      of the attacks whose names begin so, separated by commas
  --villains LIST  how many are hostile (1,10,100)
  --seconds N      of each attack (8)
  --no-sink        without the same load to a sink
  --profile DIR    writes a CPU profile of the gateway for each attack; its inspector makes the figures worse
Ends with 1 when a target is missed.`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    villains: { type: 'string', default: '1,10,100' },
    seconds: { type: 'string', default: '8' },
    'no-sink': { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

const MEMBERS = 50;
const VILLAINS_MAX = 100;
/** Shorter than by default, so that a short attack sees it. */
const LOGIN_SECONDS = 3;
/** The attack is under way when the members are measured. */
const LEAD_MS = 1_000;

const LAG = 'nodejs_eventloop_lag_max_seconds';

/** Targets. */
const PING_TIMES_UNDISTURBED = 5;
const PING_P99_MS = 25;
/** A gateway of 120 MiB, its default budget of 256 MiB for slow clients, and 500 unfinished frames. */
const RESIDENT_MIB = 640;

interface Setting extends AsyncDisposable {
  readonly shared: SharedKeys;
  readonly members: readonly Account[];
  readonly villains: readonly Account[];
  readonly room: RoomId;
  readonly den: RoomId;
  /** With the limits that a gateway has by default. */
  start(): Promise<GatewayProcess>;
}

async function setUp(): Promise<Setting> {
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-abuse-'));
  const runner = ['taskset', '--cpu-list', String(GATEWAY_CORE)];
  const shared = await makeSharedKeys();
  const buffer = new ReadBuffer();
  await using open = await startGateway({ ...ratesOff, DATA_DIR: dataDir });
  const make = (kind: string, count: number): Promise<Account[]> => {
    const names = Array.from({ length: count }, (_, index) => `${kind}${index}`);
    return makeAccounts(open.url, buffer, shared.keys, names, () => Promise.resolve());
  };
  const members = await make('member', MEMBERS);
  const villains = await make('villain', VILLAINS_MAX);
  const { room } = await makeRoom(open.url, buffer, { name: 'room', retention: 1, members });
  const { room: den } = await makeRoom(open.url, buffer, { name: 'den', retention: 1, members: villains });
  await open.interrupt();
  return {
    shared,
    members,
    villains,
    room,
    den,
    start: () => startGateway({ DATA_DIR: dataDir, LOGIN_SECONDS: String(LOGIN_SECONDS) }, { runner }),
    [Symbol.asyncDispose]: () => {
      rmSync(dataDir, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

interface Outcome {
  readonly members: Fields;
  readonly cpuShare: number;
  /** Of the time, that the gateway was ready and others had its core. */
  readonly waitShare: number;
  readonly residentMib: number;
  readonly sent: Fields;
  readonly seconds: number;
  readonly metrics: ReadonlyMap<string, number>;
}

type Load = (villains: Child, gateway: GatewayProcess) => Promise<unknown>;

/** A gateway of its own for each measurement; the load runs from a moment before the members until their end. */
async function measure(setting: Setting, load: Load, name?: string): Promise<Outcome> {
  await using gateway = await setting.start();
  const isProfiled = values.profile !== undefined && name !== undefined;
  const inspector = isProfiled ? await Inspector.attach(gateway.pid) : undefined;
  await using members = pinned('./members.ts');
  await using villains = yielding('./villains.ts');
  const { url } = gateway;
  const { rsaHex: rsa, ed25519Hex: ed25519 } = setting.shared;
  const common = { url, rsa, ed25519 };
  const room = toHex(idBytes(setting.room));
  const den = toHex(idBytes(setting.den));
  await members.call('enter', { ...common, room, accounts: setting.members.map(accountFields) });
  await villains.call('prepare', { ...common, room: den, accounts: setting.villains.map(accountFields) });
  const beganAt = monotonicMicros();
  await inspector?.startProfile();
  await load(villains, gateway);
  await pause(LEAD_MS);
  // Each look at the lag of the event loop begins another measurement.
  await gateway.metrics();
  const from = { at: monotonicMicros(), cpu: cpuMicros(gateway.pid), wait: coreWaitMicros(gateway.pid) };
  const told = await members.call('run', { seconds: Number(values.seconds) });
  const tookMicros = monotonicMicros() - from.at;
  const cpuShare = (cpuMicros(gateway.pid) - from.cpu) / tookMicros;
  const waitShare = (coreWaitMicros(gateway.pid) - from.wait) / tookMicros;
  const metrics = samples(await gateway.metrics());
  if (isProfiled) await inspector?.saveProfile(join(values.profile ?? '', `${name}.cpuprofile`));
  inspector?.close();
  const sent = await villains.call('stop');
  const seconds = (monotonicMicros() - beganAt) / 1_000_000;
  return {
    members: told,
    cpuShare,
    waitShare,
    residentMib: mostResidentMib(gateway.pid),
    sent,
    seconds,
    metrics,
  };
}

function accountFields({ name, user, token }: Account): Fields {
  return { name, user, token: toHex(token) };
}

function samples(page: string): ReadonlyMap<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

function mostResidentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}

/** What the gateway did about it, by its own metrics: `abuse 12, rejected address_rate 3`. */
function answers({ metrics }: Outcome): string {
  const told = [...metrics].flatMap(([name, count]) => {
    const [, kind, label] =
      /^conclave_connections_(closed|rejected)_total\{(?:code|reason)="(\w+)"\}$/.exec(name) ?? [];
    if (kind === undefined || count === 0 || label === 'lost' || label === 'normal') return [];
    return [`${kind === 'closed' ? '' : 'rejected '}${label} ${count}`];
  });
  return told.join(', ') || '–';
}

function metricOf(answer: Attack['answer']): string {
  return 'closed' in answer
    ? `conclave_connections_closed_total{code="${answer.closed}"}`
    : `conclave_connections_rejected_total{reason="${answer.rejected}"}`;
}

const ms = (fields: Fields, name: string): number => numberIn(fields, name) / 1_000;

function row(title: string, count: string, outcome: Outcome, verdict: string): string {
  const { members, cpuShare, waitShare, residentMib, sent, seconds } = outcome;
  const megabytes = numberIn(sent, 'bytes') / 1_000_000 / seconds;
  const cells = [
    title,
    count,
    `${megabytes.toFixed(1)} MB, ${Math.round(numberIn(sent, 'opens') / seconds)}`,
    ms(members, 'p50').toFixed(1),
    `**${ms(members, 'p99').toFixed(1)}**`,
    ms(members, 'most').toFixed(0),
    `${numberIn(members, 'accepted')} / ${numberIn(members, 'missing')}`,
    `${Math.round(100 * cpuShare)} %`,
    `${(100 * waitShare).toFixed(1)} %`,
    (1_000 * (outcome.metrics.get(LAG) ?? Number.NaN)).toFixed(0),
    residentMib.toFixed(0),
    answers(outcome),
    loadNow(),
    verdict,
  ];
  return `| ${cells.join(' | ')} |`;
}

function missed({ answer }: Attack, outcome: Outcome, pingLimitMs: number): string[] {
  const { members, residentMib, metrics } = outcome;
  const problems: string[] = [];
  if (!(ms(members, 'p99') <= pingLimitMs)) problems.push(`p99 over ${pingLimitMs.toFixed(1)} ms`);
  if (numberIn(members, 'missing') > 0) problems.push('deliveries are missing');
  if (numberIn(members, 'refused') > 0)
    problems.push(`${numberIn(members, 'refused')} honest requests failed`);
  if (numberIn(members, 'lost') > 0) problems.push(`${numberIn(members, 'lost')} members were cut off`);
  if (residentMib > RESIDENT_MIB) problems.push(`over ${RESIDENT_MIB} MiB`);
  const metric = metricOf(answer);
  if ((metrics.get(metric) ?? 0) === 0) problems.push(`${metric} is 0`);
  return problems;
}

/** The same bytes and connections, to a process that reads them and nothing else. */
function sameToSink(outcome: Outcome, sinkPort: number, connections: number): Load {
  const { sent, seconds } = outcome;
  return (villains) =>
    villains.call('pump', {
      port: sinkPort,
      connections,
      bytesPerSecond: numberIn(sent, 'bytes') / seconds,
      opensPerSecond: numberIn(sent, 'opens') / seconds,
    });
}

async function main(): Promise<number> {
  if (values.profile !== undefined) makeFolders(values.profile, 0o777);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (availableParallelism() < 2) throw new Error('the gateway and the load need a core each');
  pin(process.pid);
  await using setting = await setUp();
  await using sink = pinned('./sink.ts');
  const sinkPort = numberIn(await sink.call('listen'), 'port');
  console.log(
    '| attack | villains | sent and connections a second | ping p50 ms | p99 | most | messages / missing | ' +
      'gateway CPU | it waited for its core | its event loop late by, ms | RSS at most, MiB | closed and rejected | load | target |',
  );
  console.log(`|${'---|'.repeat(14)}`);
  const undisturbed = await measure(setting, () => Promise.resolve());
  console.log(row('none', '0', undisturbed, '–'));
  const pingLimitMs = Math.max(PING_TIMES_UNDISTURBED * ms(undisturbed.members, 'p99'), PING_P99_MS);
  let failures = 0;
  const isChosen = ({ name }: Attack): boolean =>
    values.only.split(',').some((start) => name.startsWith(start));
  for (const attack of attacks.filter(isChosen)) {
    for (const count of values.villains.split(',')) {
      const villains = Math.min(Number(count), VILLAINS_MAX);
      const begin: Load = (child) => child.call('attack', { attack: attack.name, villains });
      const outcome = await measure(setting, begin, `${attack.name} ${count}`.replaceAll(' ', '-'));
      const problems = missed(attack, outcome, pingLimitMs);
      failures += problems.length;
      console.log(row(attack.name, count, outcome, problems.join('; ') || 'met'));
      if (values['no-sink']) continue;
      const control = await measure(setting, sameToSink(outcome, sinkPort, villains * attack.each));
      console.log(row('– the same to a sink', count, control, '–'));
    }
  }
  console.log(
    `\nTargets: p99 of honest pings up to ${pingLimitMs.toFixed(1)} ms, all honest messages delivered, nobody honest refused ` +
      `or cut off, RSS up to ${RESIDENT_MIB} MiB, and every attack answered. Missed: ${failures}`,
  );
  return failures === 0 ? 0 : 1;
}

process.exit(await main());
