import type { Reporter, SerializedError, TestModule, TestResult } from 'vitest/node';

/** A run with a filter on titles skips all others. */
const REASONS_MAX = 20;

/**
 * Ends a run with the reason of each skip and one plain line of counts. With CI=true a skipped test fails the run:
 * something that should have been proved was not.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skips: string[] = [];
    for (const module of modules) {
      // Errors outside tests (imports, hooks) fail the run, so they are counted as well.
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failed += 1;
        else skips.push(`${module.relativeModuleId} › ${test.fullName}: ${noteOf(result)}`);
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    const skipped = skips.length;
    if (skipped > 0 && process.env['CI'] === 'true') {
      process.exitCode = 1;
      console.error(`${skipped} skipped: with CI=true that is a failure.`);
    }
    const reasons = skips.slice(0, REASONS_MAX).map((skip) => `skipped ${skip}`);
    if (skipped > REASONS_MAX) reasons.push(`and ${skipped - REASONS_MAX} more`);
    const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
    // The last thing that the process prints, after the summary of the other reporters.
    const lines = [...reasons, `${passed} passed, ${failed} failed${skippedPart}`];
    process.once('exit', () => console.log(lines.join('\n')));
  }
}

function noteOf(result: TestResult): string {
  return (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
}
