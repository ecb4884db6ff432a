import { type File, startTests, type Task, type VitestRunner } from '@vitest/runner';
import type { Outcome } from './outcome.ts';

const TEST_MS = 600_000;

function outcomesOf(tasks: readonly Task[], before = ''): readonly Outcome[] {
  return tasks.flatMap((task) => {
    const title = before + task.name;
    const { errors = [], state } = task.result ?? {};
    const said = errors.map(({ message, stack }) => `${message}\n${stack}`).join('\n');
    const inside = task.type === 'suite' ? outcomesOf(task.tasks, `${title} > `) : [];
    // Of a suite, only that it failed outside of its tests.
    const isTold = task.type === 'test' || errors.length > 0;
    const fault = state === 'pass' ? undefined : `${state ?? 'never ran'} ${said}`;
    return isTold ? [{ title, fault }, ...inside] : inside;
  });
}

/** Runs the tests that `define` describes, and leaves their outcomes where whoever drives the browser looks. */
export function runInPage(name: string, define: () => void): void {
  const runner: VitestRunner = {
    config: {
      ...{ root: '/', setupFiles: [], name, passWithNoTests: false, testNamePattern: undefined },
      ...{ allowOnly: false, chaiConfig: undefined, maxConcurrency: 1, retry: 0, includeTaskLocation: false },
      ...{ testTimeout: TEST_MS, hookTimeout: TEST_MS, tags: [], tagsFilter: undefined, strictTags: false },
      sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
    },
    importFile: define,
  };
  const run = async (): Promise<readonly Outcome[]> => {
    const files: readonly File[] = await startTests([`/${name}`], runner);
    return files.flatMap((file) => outcomesOf([file]));
  };
  Object.assign(globalThis, { outcomes: run() });
}
