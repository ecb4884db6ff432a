import { closeSync, constants, openSync, readSync } from 'node:fs';

/** What the kernel keeps of a terminal's input at most. */
const TYPED_BYTES = 4_096;

/**
 * Discards typed input that has not been read. For a program that a signal ends while somebody types a secret or a message: the rest
 * would go to the shell, onto its screen and into its history.
 */
export function discardTyped(): void {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    const device = openSync('/dev/tty', O_RDONLY | O_NONBLOCK | O_NOCTTY);
    try {
      const bytes = Buffer.alloc(TYPED_BYTES);
      while (readSync(device, bytes) > 0) bytes.fill(0);
    } finally {
      closeSync(device);
    }
  } catch {
    // Nothing is left to read, or there is no terminal any more.
  }
}
