/**
 * npm run bench:delivery -- --help
 * What a delivery costs a gateway that only delivers, beside other servers that do the same in the same run.
 */
import { machineLine } from '../loadtest/machine.ts';
import type { Deliverer } from './contestants/contestant.ts';
import { contestants } from './contestants/contestants.ts';
import { type Condition, type Entry, type Measured, runDelivery } from './support/delivery-run.ts';
import { setUpDelivery } from './support/delivery-setup.ts';
import { deliveryTables, type Outcome } from './support/delivery-table.ts';
import { versionsLine } from './support/delivery-versions.ts';
import { Inspector } from './support/inspector.ts';
import { benchOptions } from './support/options.ts';

const values = benchOptions(
  'Measures CPU per delivery of one gateway and, in turns with it, of other servers on the same Redis.',
  {
    members: ['200', 'members of the room, each with one connection'],
    ciphertext: [
      '300',
      'bytes (300); with header and wrap they make the frame that a member of Conclave gets, and others carry as many bytes',
    ],
    smooth: ['20000,75000,200000', 'deliveries a second, evenly spread'],
    bursts: ['200000', 'deliveries a second, gathered to one burst each 20 ms'],
    entry: [
      'injector',
      'gateway: sends enter by a second gateway, of Conclave only; injector: messages go straight to Redis',
    ],
    most: [false, 'also as many as can be carried, evenly spread and in bursts (always by the injector)'],
    window: ['256', 'for --most: messages under way at once'],
    only: [
      '',
      `of those of these names, or else whose names begin so, separated by commas: ${contestants.map(({ name }) => name).join(', ')}`,
    ],
    runs: ['3', 'the median of so many runs is told'],
    seconds: ['4', 'of each run, after 1.5 s of warming up'],
    profile: [undefined, "writes a CPU profile over all runs of Conclave's gateway, the first chosen one"],
  },
);

const BURST_MS = 20;
/** More than anything here can carry: the window decides. */
const BEYOND = 4_000_000;
const WARM_MS = 1_500;
const members = Number(values.members);

function conditions(): Condition[] {
  const entry: Entry = values.entry === 'gateway' ? 'gateway' : 'injector';
  const rates = (list: string): number[] => list.split(',').filter(Boolean).map(Number);
  const asked = (rate: number, burstMs: number): Condition => ({
    title: `${rate / 1_000} k/s ${burstMs === 0 ? 'smooth' : 'burst'}`,
    deliveriesPerSecond: rate,
    isMost: false,
    burstMs,
    entry,
    // A second behind is too slow, and the queues of those who are need a limit.
    window: Math.max(Number(values.window), Math.ceil(rate / members)),
  });
  const most = (burstMs: number): Condition => ({
    title: `most, ${burstMs === 0 ? 'smooth' : 'burst'}`,
    deliveriesPerSecond: BEYOND,
    isMost: true,
    burstMs,
    entry: 'injector',
    window: Number(values.window),
  });
  return [
    ...rates(values.smooth).map((rate) => asked(rate, 0)),
    ...rates(values.bursts).map((rate) => asked(rate, BURST_MS)),
    ...(values.most ? [most(0), most(BURST_MS)] : []),
  ];
}

/** By turns, so that all of them meet the same moments of a shared machine. */
async function measureAll(deliverers: readonly Deliverer[]): Promise<Outcome[]> {
  const outcomes = conditions().flatMap((condition) =>
    deliverers.map((deliverer) => ({ condition, deliverer, runs: [] as Measured[] })),
  );
  const options = { members, warmMs: WARM_MS, measuredMs: Number(values.seconds) * 1_000 };
  for (let run = 1; run <= Number(values.runs); run += 1) {
    for (const { condition, deliverer, runs } of outcomes) {
      const key = `${condition.title} | ${deliverer.name}`;
      const measured = await runDelivery(deliverer, condition, options).catch((error: unknown) => {
        throw new Error(`${key} could not be measured`, { cause: error });
      });
      runs.push(measured);
      console.log(`run ${run}: ${key}: ${line(measured)}`);
    }
  }
  return outcomes.map(({ condition, deliverer, runs }) => ({ condition, name: deliverer.name, runs }));
}

function line(measured: Measured): string {
  const { cpuPerDelivery, perSecond, cpuShare, p50Ms, p99Ms, frameBytes, lost, outOfOrder, load } = measured;
  return (
    `${cpuPerDelivery.toFixed(2)} µs, ${Math.round(perSecond / 1_000)} k/s of ${frameBytes.toFixed(0)} bytes at ` +
    `${(cpuShare * 100).toFixed(0)} % CPU, p50 ${p50Ms.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms, lost ${lost}, ` +
    `out of order ${outOfOrder}, load ${load}`
  );
}

async function main(): Promise<void> {
  console.log(
    `npx tsx bench/delivery.ts ${process.argv.slice(2).join(' ')}\n${machineLine()}\n${versionsLine()}\n`,
  );
  const named = values.only.split(',').flatMap((start) => {
    const exact = contestants.filter(({ name }) => name === start);
    return exact.length > 0 ? exact : contestants.filter(({ name }) => name.startsWith(start));
  });
  const chosen = contestants.filter((contestant) => named.includes(contestant));
  if (chosen.length === 0) {
    console.error(`--only ${values.only}: nobody's name begins so.`);
    process.exitCode = 2;
    return;
  }
  await using setup = await setUpDelivery(chosen, {
    members,
    ciphertextBytes: Number(values.ciphertext),
    say: (text) => console.log(text),
  });
  const gateway = setup.deliverers.find(({ name }) => name.startsWith('conclave'));
  const isProfiled = values.profile !== undefined && gateway !== undefined;
  const inspector = isProfiled ? await Inspector.attach(gateway.pid) : undefined;
  await inspector?.startProfile();
  const outcomes = await measureAll(setup.deliverers);
  if (values.profile !== undefined) await inspector?.saveProfile(values.profile);
  inspector?.close();
  console.log(`\n${deliveryTables(outcomes)}`);
}

await main();
