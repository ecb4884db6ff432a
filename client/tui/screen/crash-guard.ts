import { visibleText } from '../../terminal/visible-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';

/** What is open has this long to close after a crash. */
const CLOSE_MS_MAX = 5_000;

/**
 * Gives the terminal back by `leave`, and says what went wrong on it, when something fails that nobody catches. `end` then
 * has to close what is open and end the process: an exit in the middle of a transaction would wait for its thread for ever.
 * The result takes the guard away.
 */
export function guardAgainstCrashes(leave: () => void, end: () => void): () => void {
  let hasCrashed = false;
  const crashed = (error: unknown): void => {
    if (hasCrashed) return;
    hasCrashed = true;
    leave();
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${tuiTexts.dialogs.crashed(visibleText(what))}\n`);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_MS_MAX).unref();
    end();
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
