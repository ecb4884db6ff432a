/**
 * npx tsx bench/logins.ts --help
 * What a login and a resume cost the server, from the connection to its end.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuMicros, loadNow, monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { type Account, makeAccounts, makeSharedKeys, type SharedKeys } from '../loadtest/wire/accounts.ts';
import { inTurns } from '../loadtest/wire/in-turns.ts';
import { ReadBuffer } from '../loadtest/wire/raw-web-socket.ts';
import { WireSession } from '../loadtest/wire/wire-session.ts';
import { Inspector } from './support/inspector.ts';
import { median } from './support/median.ts';
import { deploy, type Kind, kindsOf } from './support/one-gateway.ts';

const usage = `Measures the server's CPU per login and per resume.
  --kinds LIST   embedded,cluster (both)
  --accounts N   that log in by turns (200)
  --count N      logins and resumes of one run (1500)
  --runs N       the median of so many is told (3)
  --profile DIR  writes a CPU profile of the gateway for each line`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    kinds: { type: 'string', default: 'embedded,cluster' },
    accounts: { type: 'string', default: '200' },
    count: { type: 'string', default: '1500' },
    runs: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
});

const CONNECTIONS_AT_ONCE = 16;
/** What a closed connection leaves to be done is part of its price. */
const SETTLE_MS = 500;

const buffer = new ReadBuffer();

type Act = (session: WireSession, account: Account, shared: SharedKeys) => Promise<unknown>;

const acts: Readonly<Record<string, Act>> = {
  'connect and hello only': () => Promise.resolve(),
  resume: (session, { token }, { keys }) => session.resume(token, keys),
  login: (session, { name }, { keys }) => session.login(name, keys),
};

interface Taken {
  readonly cpu: number;
  readonly perSecond: number;
}

async function measureRun(
  act: Act,
  gateway: { readonly url: string; readonly pid: number },
  accounts: readonly Account[],
  shared: SharedKeys,
): Promise<Taken> {
  const count = Number(values.count);
  const turns = Array.from({ length: count }, (_, turn) => turn);
  const begin = { at: monotonicMicros(), cpu: cpuMicros(gateway.pid) };
  await inTurns(turns, CONNECTIONS_AT_ONCE, async (turn) => {
    const account = accounts[turn % accounts.length];
    if (account === undefined) return;
    const session = await WireSession.open(gateway.url, buffer);
    await act(session, account, shared);
    session.socket.close(1000);
  });
  const seconds = (monotonicMicros() - begin.at) / 1_000_000;
  await pause(SETTLE_MS);
  return { cpu: (cpuMicros(gateway.pid) - begin.cpu) / count, perSecond: count / seconds };
}

async function measure(kind: Kind): Promise<void> {
  await using deployment = await deploy(kind);
  const gateway = await deployment.start({ MAX_SESSIONS_PER_USER: '1000' });
  const shared = await makeSharedKeys();
  const names = Array.from({ length: Number(values.accounts) }, (_, index) => `person${index}`);
  const accounts = await makeAccounts(gateway.url, buffer, shared.keys, names, () => Promise.resolve());
  const inspector = values.profile === undefined ? undefined : await Inspector.attach(gateway.pid);
  for (const [name, act] of Object.entries(acts)) {
    // Once to warm up.
    await measureRun(act, gateway, accounts, shared);
    await inspector?.startProfile();
    const runs: Taken[] = [];
    for (let run = 0; run < Number(values.runs); run += 1) {
      runs.push(await measureRun(act, gateway, accounts, shared));
    }
    await inspector?.saveProfile(
      join(values.profile ?? '', `${kind}-${name.replaceAll(' ', '-')}.cpuprofile`),
    );
    const cpu = median(runs.map((run) => run.cpu));
    console.log(
      `| ${kind} | ${name} | **${cpu.toFixed(0)} µs** (${runs.map((run) => run.cpu.toFixed(0)).join(' ')}) | ` +
        `${Math.round(1_000_000 / cpu)} | ${Math.round(median(runs.map((run) => run.perSecond)))} | ${loadNow()} |`,
    );
  }
  inspector?.close();
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  console.log(
    '| gateway | what | server CPU each | that is per core and second | reached with one client | load |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const kind of kindsOf(values.kinds)) await measure(kind);
}

await main();
