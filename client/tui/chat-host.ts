import type { ReadStream, WriteStream } from 'node:tty';
import type { AccountHost } from '../chat/account/account-host.ts';

/** The command that opens the full-screen client, as the client sees it. */
export interface ChatHost extends AccountHost {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** `NO_COLOR`, `COLORFGBG` and the like; never secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly configFile: string;
  /** Aborted by SIGTERM, SIGINT or SIGHUP: the client closes and ends. */
  readonly interrupted: AbortSignal;
}
