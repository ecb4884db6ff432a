import { visibleText } from '../../terminal/visible-text.ts';

/**
 * Runs `leave` before the process ends by what nobody catches: the terminal is given back, and what went wrong is readable
 * on it. The result takes the guard away.
 */
export function guardAgainstCrashes(leave: () => void): () => void {
  const crashed = (error: unknown): void => {
    leave();
    process.stderr.write(
      `conclave ended unexpectedly: ${visibleText(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    );
    process.exit(1);
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);
  process.on('exit', leave);
  return () => {
    process.off('uncaughtException', crashed);
    process.off('unhandledRejection', crashed);
    process.off('exit', leave);
  };
}
