import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line of counts, and fails a run that left tests out when CI=true: a skip there
 * means that something which should have been proved was not.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      // Errors outside tests (imports, hooks) fail the run, so they are counted as well.
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped += 1;
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    if (skipped > 0 && process.env['CI'] === 'true') {
      process.exitCode = 1;
      console.error(`${skipped} skipped: with CI=true that is a failure.`);
    }
    const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
    // The last thing that the process prints, after the summary of the other reporters.
    process.once('exit', () => console.log(`${passed} passed, ${failed} failed${skippedPart}`));
  }
}
