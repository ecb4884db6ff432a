import type { TestContext } from 'vitest';
import { findInPath } from './find-in-path.ts';

/** False where programs that Go builds can't be had. */
export const hasGo = (): boolean => findInPath('go') !== undefined;

/** Skips a test that needs a program which Go builds, on a machine without it. */
export function skipWithoutGo({ skip }: Pick<TestContext, 'skip'>, program: string): void {
  if (!hasGo()) skip(`Go is not installed, and builds ${program}`);
}
