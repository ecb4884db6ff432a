import { spawn } from 'node:child_process';

export interface PromtoolOutcome {
  readonly code: number;
  readonly output: string;
}

/** Runs Prometheus' own checker in `cwd`. */
export function promtool(
  args: readonly string[],
  { cwd = process.cwd(), input = '' }: { readonly cwd?: string; readonly input?: string } = {},
): Promise<PromtoolOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('promtool', args, { cwd });
    let output = '';
    const keep = (bytes: Buffer): void => {
      output += bytes.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (cause) => {
      reject(
        new Error('promtool is missing: it comes with Prometheus (apt-get install prometheus)', { cause }),
      );
    });
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
    // It reads none where all of it is in files, and may have ended by now.
    child.stdin.on('error', () => undefined).end(input);
  });
}
