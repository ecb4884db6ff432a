import type { Values } from '../texts/filled.ts';
import type { CommandContext } from './command-context.ts';
import type { GlobalOptions } from './settings.ts';

/** What the command line asks for: the work, and how long it may take when --timeout is not given. */
export interface ChosenCommand {
  readonly run: (context: CommandContext) => Promise<void>;
  /** False: it goes on until its own end, through outages. */
  readonly oneShot: boolean;
  /** After an interrupt it has this long to end by itself. Default: just long enough to say what is lost. */
  readonly graceMs?: number;
  /** It hands over, replaces or ends the whole account: it takes the passphrase, even while an agent runs. */
  readonly givesAway?: boolean;
  readonly options: GlobalOptions;
  /** The arguments that errors may name: `room`, `user`. */
  readonly about: Values;
}

/**
 * Takes what the action of a command would do; parsing and running are two things. `load` gives the module of the command,
 * which is imported once it was chosen: every command starts without the others.
 */
export type Choose = <Commands>(
  load: () => Promise<Commands>,
  run: (commands: Commands, context: CommandContext) => Promise<void>,
  options?: Pick<ChosenCommand, 'oneShot' | 'graceMs' | 'givesAway'>,
) => void;
