import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { findInPath } from './find-in-path.ts';
import { runGo } from './run-go.ts';

export type GoProgram =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string };

/**
 * The Go program in that folder, built into .cache/go/ when it is not there or changed; named as the folder is. `source`: a package
 * that the folder's go.mod names as a tool.
 */
export async function goProgram(
  folder: string,
  say: (line: string) => void,
  source = '.',
): Promise<GoProgram> {
  const name = basename(folder);
  if (findInPath('go') === undefined) {
    return {
      ok: false,
      problem: `Go is missing, which has to build ${name}: install Go 1.26 or newer (https://go.dev/dl).`,
    };
  }
  const path = resolve('.cache', 'go', name);
  if (!existsSync(path)) say(`Building ${name} into .cache/go (once, one to five minutes)…`);
  const problem = await runGo(['build', '-o', path, source], { cwd: folder }, say);
  return problem === undefined
    ? { ok: true, path }
    : { ok: false, problem: `${name} could not be built: ${problem}` };
}
