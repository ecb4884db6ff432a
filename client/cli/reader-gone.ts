import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { type PipePoll, pipePoll } from './pipe-poll.ts';

const LOOK_MS = 500;
const NOTHING = new Uint8Array(0);

/**
 * Does the work until it is done or nobody reads the stream any more. Node tells of a reader that left only at the next
 * write, and a command that follows something may have nothing to write for days. Only pipes and sockets lose their reader.
 */
export async function whileRead(stream: Writable, work: Promise<void>): Promise<void> {
  const file = 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
  if (file === undefined || !isPipe(file)) return work;
  const poll = await pipePoll();
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      if (hasLostReader(file, poll)) resolve();
    }, LOOK_MS);
  });
  try {
    await Promise.race([work, gone]);
  } finally {
    clearInterval(timer);
  }
}

function isPipe(file: number): boolean {
  const found = fstatSync(file);
  return found.isFIFO() || found.isSocket();
}

/** A write of nothing meets the fault of a write, and writes nothing; only pipes of Linux take it from anyone. */
function hasLostReader(file: number, poll: PipePoll | undefined): boolean {
  try {
    writeSync(file, NOTHING);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPIPE';
  }
  return poll?.hasFault(file) === true;
}
