import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findInPath } from '../../test/support/services/mongo-server.ts';

const STILL_MS = 15_000;

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
  const problem = await build(fileURLToPath(new URL(name, import.meta.url)), path, say);
  return problem === undefined
    ? { ok: true, path }
    : { ok: false, problem: `It could not be built: ${problem}` };
}

/** Gives what went wrong. */
function build(folder: string, output: string, say: (line: string) => void): Promise<string | undefined> {
  const go = spawn('go', ['build', '-o', output, '.'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const startedAt = Date.now();
  const progress = setInterval(() => {
    say(`  still building, ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  }, STILL_MS);
  let lastLine = '';
  go.stderr.on('data', (bytes: Buffer) => {
    lastLine = bytes.toString().trim().split('\n').at(-1) ?? lastLine;
  });
  return new Promise((done) => {
    go.once('error', (error) => done(error.message));
    go.once('close', (code) => {
      clearInterval(progress);
      done(code === 0 ? undefined : lastLine);
    });
  });
}
