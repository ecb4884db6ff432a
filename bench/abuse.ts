/**
 * npm run bench:abuse -- --help
 * What hostile clients do to everybody else on one gateway: each attack by one, ten and a hundred of them, beside 50
 * members who send and ping.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fields, numberIn } from '../loadtest/native/parent-and-child.ts';
import { coreWaitMicros, cpuMicros, monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { makeSharedKeys, type SharedKeys } from '../loadtest/wire/accounts.ts';
import { toHex } from '../src/protocol/bytes.ts';
import { type GatewayProcess, startGateway } from '../test/support/cluster/gateway-process.ts';
import { type Attack, attacks } from './abuse/attacks.ts';
import { GATEWAY_CORE, pin, pinned, yielding } from './abuse/cores.ts';
import { deploy } from './support/deployment.ts';
import { type MemberRoom, manyAccounts, manyRooms } from './support/members.ts';
import { benchOptions } from './support/options.ts';
import { printHead, printRow } from './support/table.ts';

const values = benchOptions(
  `Measures what hostile clients do to the others on one gateway with its default limits and 3 s to log in; takes ten minutes.
Needs two cores, taskset and chrt: the gateway has the first core, everything else the second, the hostile ones only what the others leave of it.
Ends with 1 when a target is missed.`,
  {
    only: ['', 'of the attacks whose names begin so, separated by commas'],
    villains: ['1,10,100', 'how many are hostile'],
    seconds: ['8', 'of each attack'],
  },
);

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

interface Setting {
  readonly shared: SharedKeys;
  readonly honest: MemberRoom;
  readonly hostile: MemberRoom;
  /** With the limits that a gateway has by default. */
  start(): Promise<GatewayProcess>;
}

async function measureAll(): Promise<number> {
  await using deployment = await deploy('embedded');
  const shared = await makeSharedKeys();
  const open = await deployment.start();
  const members = await manyAccounts(open.url, shared, 'member', MEMBERS);
  const villains = await manyAccounts(open.url, shared, 'villain', VILLAINS_MAX);
  const [honest, hostile] = await manyRooms(open.url, [members, villains], 1);
  if (honest === undefined || hostile === undefined) throw new Error('a room was not made');
  await open.interrupt();
  const runner = ['taskset', '--cpu-list', String(GATEWAY_CORE)];
  const environment = { ...deployment.settings, LOGIN_SECONDS: String(LOGIN_SECONDS) };
  // Awaited here: the deployment has to outlive it.
  return await attackAll({ shared, honest, hostile, start: () => startGateway(environment, { runner }) });
}

interface Outcome {
  readonly members: Fields;
  readonly cpuShare: number;
  /** Of the time, that the gateway was ready and others had its core. */
  readonly waitShare: number;
  readonly residentMib: number;
  readonly opens: number;
  readonly metrics: ReadonlyMap<string, number>;
}

/** A gateway of its own for each measurement; the attack runs from a moment before the members until their end. */
async function measure(setting: Setting, attack?: Fields): Promise<Outcome> {
  await using gateway = await setting.start();
  await using members = pinned('./members.ts');
  await using villains = yielding('./villains.ts');
  const { rsaHex: rsa, ed25519Hex: ed25519 } = setting.shared;
  const common = { url: gateway.url, rsa, ed25519 };
  await members.call('enter', { ...common, ...roomFields(setting.honest) });
  await villains.call('prepare', { ...common, ...roomFields(setting.hostile) });
  if (attack !== undefined) await villains.call('attack', attack);
  await pause(LEAD_MS);
  // Each look at the lag of the event loop begins another measurement.
  await gateway.metrics();
  const from = { at: monotonicMicros(), cpu: cpuMicros(gateway.pid), wait: coreWaitMicros(gateway.pid) };
  const told = await members.call('run', { seconds: Number(values.seconds) });
  const tookMicros = monotonicMicros() - from.at;
  const cpuShare = (cpuMicros(gateway.pid) - from.cpu) / tookMicros;
  const waitShare = (coreWaitMicros(gateway.pid) - from.wait) / tookMicros;
  const metrics = samples(await gateway.metrics());
  const { opens } = await villains.call('stop');
  return {
    members: told,
    cpuShare,
    waitShare,
    residentMib: mostResidentMib(gateway.pid),
    opens: Number(opens),
    metrics,
  };
}

function roomFields({ room, members }: MemberRoom): Fields {
  const accounts = members.map(({ name, user, token }) => ({ name, user, token: toHex(token) }));
  return { room, accounts };
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

function print(title: string, count: string, outcome: Outcome, verdict: string): void {
  const { members, cpuShare, waitShare, residentMib, opens } = outcome;
  printRow(
    ...[title, count, opens],
    ...[
      ms(members, 'p50').toFixed(1),
      `**${ms(members, 'p99').toFixed(1)}**`,
      ms(members, 'most').toFixed(0),
    ],
    `${numberIn(members, 'accepted')} / ${numberIn(members, 'missing')}`,
    ...[`${Math.round(100 * cpuShare)} %`, `${(100 * waitShare).toFixed(1)} %`],
    (1_000 * (outcome.metrics.get(LAG) ?? Number.NaN)).toFixed(0),
    ...[residentMib.toFixed(0), answers(outcome), verdict],
  );
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

async function attackAll(setting: Setting): Promise<number> {
  printHead(
    ...['attack', 'villains', 'connections', 'ping p50 ms', 'p99', 'most', 'messages / missing'],
    ...['gateway CPU', 'it waited for its core', 'its event loop late by, ms', 'RSS at most, MiB'],
    ...['closed and rejected', 'target'],
  );
  const undisturbed = await measure(setting);
  print('none', '0', undisturbed, '–');
  const pingLimitMs = Math.max(PING_TIMES_UNDISTURBED * ms(undisturbed.members, 'p99'), PING_P99_MS);
  let failures = 0;
  const isChosen = ({ name }: Attack): boolean =>
    values.only.split(',').some((start) => name.startsWith(start));
  for (const attack of attacks.filter(isChosen)) {
    for (const count of values.villains.split(',')) {
      const villains = Math.min(Number(count), VILLAINS_MAX);
      const outcome = await measure(setting, { attack: attack.name, villains });
      const problems = missed(attack, outcome, pingLimitMs);
      failures += problems.length;
      print(attack.name, count, outcome, problems.join('; ') || 'met');
    }
  }
  console.log(
    `\nTargets: p99 of honest pings up to ${pingLimitMs.toFixed(1)} ms, all honest messages delivered, nobody honest refused ` +
      `or cut off, RSS up to ${RESIDENT_MIB} MiB, and every attack answered. Missed: ${failures}`,
  );
  return failures;
}

if (availableParallelism() < 2) throw new Error('the gateway and the load need a core each');
pin(process.pid);
process.exit((await measureAll()) === 0 ? 0 : 1);
