import type { Place } from './said.ts';

export interface RunningAgent extends Place {
  readonly process: number;
  readonly time: string;
}

/** What `conclave agent` says, and commands that meet an agent. Values: `user`, `path`, `size`, `process`, `version`. */
export const agent = {
  runs: ({ user, server, process, time }: RunningAgent): string =>
    `the agent of ${user} at ${server} runs until ${time} (process ${process})`,
  stopped: 'the agent of {user} was stopped',
  none: 'no agent of {user} is running',
  expired: 'the agent of {user} has ended: its time is up',
  idle: 'the agent of {user} has ended: no command used it',
  replaced: 'the agent of {user} has ended: its socket {path} was removed or replaced',
  running: 'an agent of {user} is running already (process {process}); conclave agent --stop ends it',
  in_the_way: '{path} is in the way: remove it, then start the agent again',
  path_too_long:
    '{path} is longer than {size} bytes, the limit for a socket: choose a shorter folder with --profile',
  no_passphrase: 'the keys of {user} have no passphrase: commands open them without an agent',
  no_sockets: 'there is no agent on this system: it has no sockets that only you can use',
  no_key: 'the key for the agent did not arrive',
  not_started: 'the agent could not be started',
  // Why a command goes on without it
  unsafe: 'agent not used: {path} is no socket that only you can use',
  silent: 'agent not used: what listens at {path} does not answer; resume its process, or end it',
  other_release: 'agent not used: it is of release {version}; run conclave agent --stop, then start it again',
  other_key:
    'agent not used: the keys of {user} have another passphrase now; run conclave agent --stop, then start it again',
} as const;
