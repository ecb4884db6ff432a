import type { CommandContext } from './command-context.ts';
import type { GlobalOptions } from './settings.ts';

/** What the command line asks for: the work, and how long it may take when --timeout is not given. */
export interface ChosenCommand {
  readonly run: (context: CommandContext) => Promise<void>;
  /** False: it goes on until its own end, through outages. */
  readonly oneShot: boolean;
  readonly options: GlobalOptions;
}

/** Registers a command whose action is handed to `choose`; parsing and running are two things. */
export type Choose = (
  run: (context: CommandContext) => Promise<void>,
  options?: { readonly oneShot: boolean },
) => void;
