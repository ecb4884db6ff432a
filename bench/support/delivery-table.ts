import type { Condition, Measured } from './delivery-run.ts';
import { median } from './median.ts';

/** Below this share of the rate that was asked for, the cost per delivery is that of another rate. */
const REACHED_SHARE_MIN = 0.98;

/** What Conclave may cost at most, as a share of another's cost, at rates evenly spread. */
const ratioTargets: readonly (readonly [nameStart: string, ratio: number])[] = [
  ['centrifuge', 0.75],
  ['socket.io', 0.7],
  ['bare loop', 1.25],
];
const TARGETS_FROM_PER_SECOND = 20_000;
const TARGETS_TO_PER_SECOND = 200_000;

/** All runs of one contestant under one condition. */
export interface Outcome {
  readonly condition: Condition;
  readonly name: string;
  readonly runs: readonly Measured[];
}

/** Cost, ratios, and latency with losses, as the Markdown of RESULTS.md; medians of the runs. */
export function deliveryTables(outcomes: readonly Outcome[]): string {
  const rows = [...new Set(outcomes.map(({ condition }) => condition))];
  const names = [...new Set(outcomes.map(({ name }) => name))];
  const others = names.filter((name) => name !== 'conclave');
  const table = (
    title: string,
    columns: readonly string[],
    cell: (outcome: Outcome, ours: Outcome | undefined) => string,
  ): string[] => [
    `| ${[title, ...columns, 'load'].join(' | ')} |`,
    `|${'---|'.repeat(columns.length + 2)}`,
    ...rows.map((row) => {
      const here = outcomes.filter(({ condition }) => condition === row);
      const find = (name: string): Outcome | undefined => here.find((outcome) => outcome.name === name);
      const cells = columns.map((name) => {
        const outcome = find(name);
        return outcome === undefined ? '–' : cell(outcome, find('conclave'));
      });
      return `| ${[row.title, ...cells, loadsOf(here)].join(' | ')} |`;
    }),
    '',
  ];
  return [
    ...table('µs of CPU per delivery', names, costCell),
    ...(others.length > 0 && names.length > others.length
      ? table('conclave, as a share of', others, ratioCell)
      : []),
    ...table('p50 / p99 ms', names, latencyCell),
  ].join('\n');
}

function costCell({ condition, runs }: Outcome): string {
  const costs = `**${middle(runs, 'cpuPerDelivery').toFixed(2)}** (${each(runs, 'cpuPerDelivery', 2)})`;
  const reached = thousands(middle(runs, 'perSecond'));
  if (condition.isMost) return `${costs} at ${reached} k/s`;
  return isReached(condition, runs) ? costs : `not reached: ${reached} k/s, at ${costs}`;
}

function ratioCell({ condition, name, runs }: Outcome, ours: Outcome | undefined): string {
  if (ours === undefined) return '–';
  if (!isReached(condition, ours.runs)) return 'not reached by conclave';
  if (!isReached(condition, runs)) return 'not reached';
  const ratio = middle(ours.runs, 'cpuPerDelivery') / middle(runs, 'cpuPerDelivery');
  const target = targetOf(condition, name);
  const verdict = target === undefined ? '' : ` (≤ ${target}${ratio > target ? ', missed' : ''})`;
  return `**${ratio.toFixed(2)}**${verdict}`;
}

function latencyCell({ runs }: Outcome): string {
  const times = `${middle(runs, 'p50Ms').toFixed(1)} / ${middle(runs, 'p99Ms').toFixed(1)}`;
  const [lost, outOfOrder] = [sum(runs, 'lost'), sum(runs, 'outOfOrder')];
  return lost + outOfOrder === 0 ? times : `${times}, **${lost} lost, ${outOfOrder} out of order**`;
}

function targetOf({ burstMs, isMost, deliveriesPerSecond }: Condition, name: string): number | undefined {
  const isAimedAt =
    burstMs === 0 &&
    !isMost &&
    deliveriesPerSecond >= TARGETS_FROM_PER_SECOND &&
    deliveriesPerSecond <= TARGETS_TO_PER_SECOND;
  return isAimedAt ? ratioTargets.find(([start]) => name.startsWith(start))?.[1] : undefined;
}

function isReached({ isMost, deliveriesPerSecond }: Condition, runs: readonly Measured[]): boolean {
  return isMost || middle(runs, 'perSecond') >= REACHED_SHARE_MIN * deliveriesPerSecond;
}

type Figure = Exclude<keyof Measured, 'load'>;

function middle(runs: readonly Measured[], figure: Figure): number {
  return median(runs.map((run) => run[figure]));
}

function sum(runs: readonly Measured[], figure: Figure): number {
  return runs.reduce((total, run) => total + run[figure], 0);
}

function each(runs: readonly Measured[], figure: Figure, digits: number): string {
  return runs.map((run) => run[figure].toFixed(digits)).join(' ');
}

function thousands(value: number): string {
  return Math.round(value / 1_000).toLocaleString('en');
}

/** From the least to the most. */
function loadsOf(outcomes: readonly Outcome[]): string {
  const loads = outcomes.flatMap(({ runs }) => runs.map(({ load }) => Number(load))).sort((a, b) => a - b);
  const [least, most] = [loads.at(0), loads.at(-1)];
  return least === most ? `${least}` : `${least}–${most}`;
}
