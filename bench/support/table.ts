import { machineLine } from '../../loadtest/machine.ts';
import { loadNow } from '../../loadtest/native/process-accounting.ts';
import { median, quantile } from './median.ts';

/** The machine, and the head of a table in Markdown, as RESULTS.md has it. */
export function printHead(...titles: readonly string[]): void {
  console.log(`\n${machineLine()}\n`);
  console.log(`| ${[...titles, 'load'].join(' | ')} |\n|${'---|'.repeat(titles.length + 1)}`);
}

/** Ends in the load of this moment. */
export function printRow(...cells: readonly (string | number)[]): void {
  console.log(`| ${[...cells, loadNow()].join(' | ')} |`);
}

/** The median, and the runs that it is of. */
export function medianOfRuns(values: readonly number[], digits = 0): string {
  return `**${median(values).toFixed(digits)}** (${values.map((value) => value.toFixed(digits)).join(' ')})`;
}

/** The cells of p50, p99 and most. */
export function spreadCells(milliseconds: readonly number[]): readonly string[] {
  return [0.5, 0.99, 1].map((share) => quantile(milliseconds, share).toFixed(1));
}
