import { EXIT_DONE } from './exit-codes.ts';
import type { Edge } from './run-cli.ts';
import { packageVersion } from './version.ts';

/** The process around a command line: signals, readers that have enough, and the end after the last byte is out. */
export async function runProcess(run: (edge: Edge) => Promise<number>): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  // A reader that has enough (`| head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_DONE);
    throw error;
  });
  const exitCode = await run({
    argv: process.argv.slice(2),
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version: packageVersion(),
    interrupted: interrupt.signal,
  });
  // What was written to a pipe has to get there before the process ends, whatever else is still open.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}
