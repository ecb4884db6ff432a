import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGo } from '../../loadtest/run-go.ts';
import { findInPath } from '../../test/support/services/mongo-server.ts';

export type GoProgram =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string };

/** The Go program in that folder beside this file, built into .cache/ when it is not there or changed. */
export async function goProgram(name: string, say: (line: string) => void): Promise<GoProgram> {
  if (findInPath('go') === undefined) {
    return {
      ok: false,
      problem: 'Go is missing, which has to build it: install Go 1.26 or newer (https://go.dev/dl).',
    };
  }
  const path = resolve('.cache', 'bench', name);
  if (!existsSync(path)) say(`Building ${name} into .cache/bench (once, one to five minutes)…`);
  const folder = fileURLToPath(new URL(name, import.meta.url));
  const problem = await runGo(['build', '-o', path, '.'], { cwd: folder }, say);
  return problem === undefined
    ? { ok: true, path }
    : { ok: false, problem: `It could not be built: ${problem}` };
}
