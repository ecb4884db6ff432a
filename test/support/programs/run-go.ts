import { type ProcessEnvOptions, spawn } from 'node:child_process';

const STILL_MS = 15_000;

/** Runs `go` with these arguments and says now and then that it still builds. Gives what went wrong. */
export function runGo(
  args: readonly string[],
  options: Pick<ProcessEnvOptions, 'cwd' | 'env'>,
  say: (line: string) => void,
): Promise<string | undefined> {
  const go = spawn('go', args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const startedAt = Date.now();
  const progress = setInterval(() => {
    say(`  still building, ${Math.round((Date.now() - startedAt) / 1_000)} s`);
  }, STILL_MS);
  let lastLine = '';
  go.stderr.on('data', (bytes: Buffer) => {
    lastLine = bytes.toString().trim().split('\n').at(-1) ?? lastLine;
  });
  const ended = new Promise<string | undefined>((done) => {
    go.once('error', (error) => done(error.message));
    go.once('close', (code) => done(code === 0 ? undefined : lastLine));
  });
  return ended.finally(() => clearInterval(progress));
}
