import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findInPath } from '../../test/support/programs/find-in-path.ts';
import { runGo } from '../../test/support/programs/run-go.ts';

/** The version that the scripts are written for and tested with. */
export const K6_VERSION = '1.8.1';
const installFolder = join('.cache', 'k6');
const installed = resolve(installFolder, process.platform === 'win32' ? 'k6.exe' : 'k6');

export type K6Program =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string };

/**
 * k6 of that version: from an earlier installation, from the path, or installed by Go into .cache/. `say` gets a line per
 * step.
 */
export async function k6Program(say: (line: string) => void): Promise<K6Program> {
  const path = findK6();
  if (path !== undefined) return { ok: true, path };
  if (findInPath('go') === undefined) {
    return {
      ok: false,
      problem:
        `k6 ${K6_VERSION} is missing, and so is Go, which could install it: put k6 on the PATH ` +
        '(https://grafana.com/docs/k6/latest/set-up/install-k6), or install Go 1.25 or newer.',
    };
  }
  say(`Installing k6 ${K6_VERSION} into ${installFolder} (once, one to ten minutes)…`);
  mkdirSync(installFolder, { recursive: true });
  const env = { ...process.env, GOBIN: resolve(installFolder) };
  const problem = await runGo(['install', `go.k6.io/k6@v${K6_VERSION}`], { env }, say);
  if (problem !== undefined) return { ok: false, problem: `k6 could not be installed: ${problem}` };
  return { ok: true, path: installed };
}

/** Undefined: it has to be installed first. */
export function findK6(): string | undefined {
  const inPath = findInPath('k6');
  return [installed, ...(inPath === undefined ? [] : [inPath])].find(
    (path) => existsSync(path) && versionOf(path) === K6_VERSION,
  );
}

function versionOf(path: string): string | undefined {
  const { stdout } = spawnSync(path, ['version'], { encoding: 'utf8' });
  return /\bv?(\d+\.\d+\.\d+)\b/.exec(stdout ?? '')?.[1];
}
