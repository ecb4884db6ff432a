import { type CommandFailure, EXIT_DONE, isPlainInterruption } from './exit-codes.ts';
import type { Output } from './output.ts';

/** Why a command was interrupted that has nowhere to write to: whoever watches the stream says what is wrong with it. */
export class OutputEnded extends Error {
  override readonly name = 'OutputEnded';
}

/** Says why a command failed; gives its exit code. */
export function failedCode(failure: CommandFailure, output: Output, interrupted: AbortSignal): number {
  if (interrupted.reason instanceof OutputEnded && isPlainInterruption(failure)) return EXIT_DONE;
  output.failure(failure);
  return failure.exitCode;
}
