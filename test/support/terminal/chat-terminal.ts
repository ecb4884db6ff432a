import { type TerminalOptions, TmuxTerminal } from './tmux-terminal.ts';

export interface ChatOptions extends Omit<TerminalOptions, 'command'> {
  /** Undefined: the client asks. */
  readonly server?: string;
  /** The profile directory. */
  readonly profile: string;
  readonly user?: string;
  readonly room?: string;
  /** Global options of the command line; by default the keys are kept without a passphrase. */
  readonly options?: readonly string[];
}

/** `conclave chat`, from `dist`, in a terminal of its own. */
export function startChat({ server, profile, user, room, options, ...terminal }: ChatOptions): TmuxTerminal {
  const account = [...(user === undefined ? [] : ['--user', user]), ...(options ?? ['--no-passphrase'])];
  const global = [...(server === undefined ? [] : ['--server', server]), '--profile', profile, ...account];
  const command = [
    process.execPath,
    'dist/client/cli/main.js',
    ...global,
    'chat',
    ...(room === undefined ? [] : [room]),
  ];
  // No config file of whoever runs the tests.
  const env = { HOME: profile, XDG_CONFIG_HOME: `${profile}/config`, ...terminal.env };
  return TmuxTerminal.start({ ...terminal, env, command });
}

/** Registers `user` by the first run, and waits for the chat. */
export function startNewChat(options: ChatOptions & { readonly user: string }): Promise<TmuxTerminal> {
  return startChat(options).after(async (terminal) => {
    await terminal.shows(`You are ${options.user}`);
    await terminal.keys('Enter');
    await terminal.shows('● connected');
  });
}
