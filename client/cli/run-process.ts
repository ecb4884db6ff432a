import { isatty } from 'node:tty';
import { texts } from '../texts/texts.ts';
import { OutputEnded } from './command-end.ts';
import { EXIT_DONE, EXIT_UNEXPECTED } from './exit-codes.ts';
import type { Edge } from './run-cli.ts';
import { packageVersion } from './version.ts';

const endingSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
const standardFiles = [0, 1, 2] as const;

/** The process around a command line: signals, streams that fail, and the end after the last byte is out. */
export async function runProcess(run: (edge: Edge) => Promise<number>): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const terminals = standardFiles.filter((file) => isatty(file));
  const interrupt = new AbortController();
  let isHungUp = false;
  for (const signal of endingSignals)
    process.once(signal, () => {
      isHungUp ||= signal === 'SIGHUP';
      interrupt.abort();
    });
  // Without a listener each of these would end the process where it is, with a stack trace, and the profile open.
  const faults = new Map<NodeJS.WriteStream, NodeJS.ErrnoException>();
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (faults.has(stream)) return;
      faults.set(stream, error);
      if (stream === stdout) interrupt.abort(new OutputEnded());
    });
  stdin.on('error', () => {
    if (terminals.includes(0)) interrupt.abort();
  });
  const exitCode = await run({
    argv: process.argv.slice(2),
    environment: process.env,
    stdin,
    stdout,
    stderr,
    version: packageVersion(),
    interrupted: interrupt.signal,
    abandon: () => process.kill(process.pid, 'SIGKILL'),
  });
  await written(stdout);
  // Node aborts on its way out of a process whose terminal is gone, so that ends as any other program would.
  if (isHungUp || terminals.some((file) => !isatty(file))) return endByHangup();
  const outputFault = seriousFault(faults.get(stdout));
  if (outputFault !== undefined) stderr.write(`${outputText(outputFault)}\n`);
  await written(stderr);
  const isLost = outputFault !== undefined || seriousFault(faults.get(stderr)) !== undefined;
  process.exit(exitCode === EXIT_DONE && isLost ? EXIT_UNEXPECTED : exitCode);
}

/** What was written to a pipe has to get there before the process ends, whatever else is still open. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // The stream tells its fault a moment after the write that met it.
    const done = (): void => void setImmediate(resolve);
    if (stream.writableLength === 0) done();
    else stream.write('', done);
  });
}

/** A reader that has enough (`| head`) is none. */
function seriousFault(error: NodeJS.ErrnoException | undefined): NodeJS.ErrnoException | undefined {
  return error?.code === 'EPIPE' ? undefined : error;
}

function outputText({ code }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' || code === 'EDQUOT' ? texts.local.output_full : texts.local.output_failed;
}

function endByHangup(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
