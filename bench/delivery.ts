/**
 * npx tsx bench/delivery.ts --help
 * What a delivery costs a gateway that only delivers, next to a bare loop that does the same in the same run.
 */
import { parseArgs } from 'node:util';
import { type Condition, type Entry, type Measured, runDelivery } from './support/delivery-run.ts';
import { type Deliverer, type DeliverySetup, setUpDelivery } from './support/delivery-setup.ts';
import { Inspector } from './support/inspector.ts';
import { median } from './support/median.ts';

const usage = `Measures CPU per delivery of one gateway and of a bare uWebSockets.js + ioredis loop.
  --members N       members of the room, each with one connection (200)
  --ciphertext N    bytes (300)
  --smooth LIST     deliveries a second, evenly spread (20000,75000,200000)
  --bursts LIST     deliveries a second, gathered to one burst each 20 ms (200000)
  --entry WHERE     gateway: sends enter by a second gateway; injector: envelopes go straight to Redis (injector)
  --most            also as many as can be carried, evenly spread and in bursts (always by the injector)
  --window N        for --most: messages under way at once (256)
  --only NAME       conclave or bare
  --runs N          the median of so many runs is told (3)
  --seconds N       of each run, after 1.5 s of warming up (4)
  --profile FILE    writes a CPU profile of the gateway over all of its runs
  --json            the runs one by one, as JSON lines`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    members: { type: 'string', default: '200' },
    ciphertext: { type: 'string', default: '300' },
    smooth: { type: 'string', default: '20000,75000,200000' },
    bursts: { type: 'string', default: '200000' },
    entry: { type: 'string', default: 'injector' },
    most: { type: 'boolean', default: false },
    window: { type: 'string', default: '256' },
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const BURST_MS = 20;
/** More than anything here can carry: the window decides. */
const BEYOND = 4_000_000;
const WARM_MS = 1_500;

function conditions(): Condition[] {
  const entry: Entry = values.entry === 'gateway' ? 'gateway' : 'injector';
  const rates = (list: string): number[] => list.split(',').filter(Boolean).map(Number);
  const shown = (rate: number): string => `${rate / 1_000} k/s`;
  const window = Number(values.window);
  const most: Condition[] = [
    { title: 'most, smooth', deliveriesPerSecond: BEYOND, burstMs: 0, entry: 'injector', window },
    { title: 'most, burst', deliveriesPerSecond: BEYOND, burstMs: BURST_MS, entry: 'injector', window },
  ];
  return [
    ...rates(values.smooth).map((rate) => ({
      title: `${shown(rate)} smooth`,
      deliveriesPerSecond: rate,
      burstMs: 0,
      entry,
    })),
    ...rates(values.bursts).map((rate) => ({
      title: `${shown(rate)} burst`,
      deliveriesPerSecond: rate,
      burstMs: BURST_MS,
      entry,
    })),
    ...(values.most ? most : []),
  ];
}

function deliverers(setup: DeliverySetup): Deliverer[] {
  const all = [setup.conclave, setup.bare];
  return values.only === undefined ? all : all.filter(({ name }) => name.startsWith(values.only ?? ''));
}

async function measureAll(setup: DeliverySetup): Promise<Map<string, Measured[]>> {
  const results = new Map<string, Measured[]>();
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const condition of conditions()) {
      for (const deliverer of deliverers(setup)) {
        // Nothing but a gateway takes sends: the bare loop always gets them from the injector.
        const entry = deliverer === setup.bare ? 'injector' : condition.entry;
        const options = { warmMs: WARM_MS, measuredMs: Number(values.seconds) * 1_000 };
        const measured = await runDelivery(setup, deliverer, { ...condition, entry }, options);
        const key = `${condition.title} | ${deliverer.name}`;
        results.set(key, [...(results.get(key) ?? []), measured]);
        if (values.json) console.log(JSON.stringify({ run, key, ...measured }));
        else console.error(`run ${run + 1}: ${key}: ${line(measured)}`);
      }
    }
  }
  return results;
}

function line(measured: Measured): string {
  const { cpuPerDelivery, perSecond, cpuShare, p50Ms, p99Ms, lost, outOfOrder, load } = measured;
  return (
    `${cpuPerDelivery.toFixed(2)} µs, ${Math.round(perSecond / 1_000)} k/s at ${(cpuShare * 100).toFixed(0)} % CPU, ` +
    `p50 ${p50Ms.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms, lost ${lost}, out of order ${outOfOrder}, load ${load}`
  );
}

function middle(runs: readonly Measured[], field: Exclude<keyof Measured, 'load'>): number {
  return median(runs.map((run) => run[field]));
}

function printTable(results: ReadonlyMap<string, Measured[]>): void {
  console.log(
    '| deliveries/s | by | µs CPU each | k/s reached | CPU of a core | per second of CPU | p50 ms | p99 ms | lost | load |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const [key, runs] of results) {
    const cpu = middle(runs, 'cpuPerDelivery');
    const spread = runs.map((run) => run.cpuPerDelivery.toFixed(2)).join(' ');
    const lost = runs.reduce((sum, run) => sum + run.lost + run.outOfOrder, 0);
    console.log(
      `| ${key} | **${cpu.toFixed(2)}** (${spread}) | ${Math.round(middle(runs, 'perSecond') / 1_000)} | ` +
        `${(middle(runs, 'cpuShare') * 100).toFixed(0)} % | ${(1 / cpu).toFixed(2)} M | ` +
        `${middle(runs, 'p50Ms').toFixed(1)} | ${middle(runs, 'p99Ms').toFixed(1)} | ${lost} | ` +
        `${runs.map(({ load }) => load).join(' ')} |`,
    );
  }
  for (const { title } of conditions()) {
    const ours = results.get(`${title} | conclave`);
    const bare = results.get(`${title} | bare loop`);
    if (ours === undefined || bare === undefined) continue;
    const ratio = middle(ours, 'cpuPerDelivery') / middle(bare, 'cpuPerDelivery');
    console.log(`${title}: ${ratio.toFixed(2)} × the bare loop`);
  }
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const options = { members: Number(values.members), ciphertextBytes: Number(values.ciphertext) };
  await using setup = await setUpDelivery(options);
  const inspector = values.profile === undefined ? undefined : await Inspector.attach(setup.gateway.pid);
  await inspector?.startProfile();
  const results = await measureAll(setup);
  if (values.profile !== undefined) await inspector?.saveProfile(values.profile);
  inspector?.close();
  const [first] = [...results.values()].flat();
  console.log(
    `members ${values.members}, deliver frame ${first?.frameBytes.toFixed(0)} bytes, entry ${values.entry}`,
  );
  printTable(results);
}

await main();
