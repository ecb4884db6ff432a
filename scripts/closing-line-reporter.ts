import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestResult } from 'vitest/node';
import { OPTIONAL } from '../test/support/programs/optional.ts';

/** A run with a filter on titles skips all others, without a reason. */
const WITHOUT_REASON = 'no reason given';
const SKIPS_TOLD_MAX = 100;

/** What a run came to. With TEST_COUNTS it is written as JSON into the file of that name. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Ends a run with what was skipped and why, and one plain line of counts. With CI=true a skipped test fails the run:
 * something that should have been proved was not. What is optional on a machine is counted and named all the same.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    let unproved = 0;
    /** Titles by file and reason. */
    const skips = new Map<string, string[]>();
    for (const module of modules) {
      // Errors outside tests (imports, hooks) fail the run, so they are counted as well.
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failed += 1;
        else {
          skipped += 1;
          if (!reasonOf(result).startsWith(OPTIONAL)) unproved += 1;
          const key = `${module.relativeModuleId}\n${reasonOf(result)}`;
          skips.set(key, [...(skips.get(key) ?? []), test.fullName]);
        }
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    if (unproved > 0 && process.env['CI'] === 'true') {
      process.exitCode = 1;
      console.error(`${unproved} skipped: with CI=true that is a failure.`);
    }
    const counts: TestCounts = { passed, failed, skipped };
    const file = process.env['TEST_COUNTS'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
    const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
    // The last thing that the process prints, after the summary of the other reporters.
    const lines = [...skipLines(skips), `${passed} passed, ${failed} failed${skippedPart}`];
    process.once('exit', () => console.log(lines.join('\n')));
  }
}

/** One line for each file and reason. */
function skipLines(skips: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const lines = [...skips].map(([key, titles]) => {
    const [file, reason] = key.split('\n');
    const what = titles.length === 1 ? ` › ${titles[0]}` : ` (${titles.length} tests)`;
    return `skipped ${file}${what}: ${reason}`;
  });
  const rest = lines.length - SKIPS_TOLD_MAX;
  return rest > 0 ? [...lines.slice(0, SKIPS_TOLD_MAX), `and of ${rest} more files or reasons`] : lines;
}

function reasonOf(result: TestResult): string {
  return (result.state === 'skipped' ? result.note : undefined) ?? WITHOUT_REASON;
}
