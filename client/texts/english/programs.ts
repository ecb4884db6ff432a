export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

const EXIT_CODE_COLUMNS = 5;

const afterHelp = (codes: readonly ExitCode[], title: string, examples: readonly string[]): string => `
Exit codes:
${codes.map(({ code, meaning }) => `  ${String(code).padEnd(EXIT_CODE_COLUMNS)}${meaning}`).join('\n')}

${title}:
${examples.map((line) => `  ${line}`).join('\n')}`;

/** The help of the programs themselves. */
export const programs = {
  conclave: {
    about: `Talk in end-to-end encrypted rooms from the terminal and from scripts.

Each setting comes from its option, else from the environment (CONCLAVE_SERVER,
CONCLAVE_USER, CONCLAVE_PROFILE, CONCLAVE_PASSPHRASE_FILE, CONCLAVE_CACHE=off),
else from the profile.`,
    groups: { room: 'manage a room as its owner or moderator' },
    options: {
      '--version': 'print the version',
      '--server': 'the server: ws://host:port or wss://host (default: the profile’s, or ws://127.0.0.1:8080)',
      '--user': 'which of your accounts to use (default: the first one created for the server)',
      '--profile': 'where to keep keys and state (default: $XDG_DATA_HOME/conclave)',
      '--passphrase-file': 'read the passphrase of your keys from a file',
      '--no-passphrase': 'keep your keys without a passphrase',
      '--no-agent': 'do not take the key from a running agent',
      '--timeout': 'stop after this time (default: 30; none for send, history, bot and tail --follow)',
      '--no-cache': 'neither store decrypted messages in the profile nor read them from it',
      '--json': 'print one JSON object per line to standard output',
      '--no-input': 'never ask; fail where an answer would be needed',
    },
    after: (codes: readonly ExitCode[], steps: readonly string[]): string =>
      afterHelp(codes, 'First steps', steps),
  },
  admin: {
    about: `Operate a cluster of Conclave gateways, through the admin port of any of them.

Each setting comes from its option, else from the environment
(CONCLAVE_ADMIN_URL, CONCLAVE_ADMIN_TOKEN_FILE or CONCLAVE_ADMIN_TOKEN). Without
either, the command talks to the gateway on this machine, at the gateway's own
CONCLAVE_ADMIN_HOST and CONCLAVE_ADMIN_PORT, with the token from the file
admin-token in its data directory (CONCLAVE_DATA_DIR, by default ./data).`,
    groups: {},
    options: {
      '--version': 'print the version',
      '--url':
        'the admin port of any gateway (default: http://127.0.0.1:9464, or as CONCLAVE_ADMIN_HOST and CONCLAVE_ADMIN_PORT say)',
      '--token-file': "read the gateway's admin token from a file",
      '--timeout': 'stop after this time (default: 30)',
      '--json': 'print one JSON object per line to standard output',
      '--no-input': 'never ask; fail where an answer would be needed',
    },
    after: (codes: readonly ExitCode[], examples: readonly string[]): string =>
      afterHelp(codes, 'Examples', examples),
  },
  /** By what the parser of command lines calls them. */
  titles: {
    'Usage:': 'Usage:',
    'Arguments:': 'Arguments:',
    'Options:': 'Options:',
    'Commands:': 'Commands:',
  },
  help: 'explain a command',
  help_of_command: 'explain this command',
  examples: 'Examples',
  /** By exit code. */
  exitCodes: {
    0: 'done',
    1: 'unexpected error',
    2: 'usage error',
    3: 'no connection',
    4: 'login refused',
    5: 'refused by the server',
    6: 'a key or trust problem',
    7: 'timed out',
    130: 'interrupted',
  },
  adminExitCodes: {
    0: 'done',
    1: 'unexpected error',
    2: 'usage error',
    3: 'no connection',
    4: 'token missing or wrong',
    5: 'refused',
    7: 'timed out or not confirmed',
    130: 'interrupted',
  },
  loadCompletion: `
To load it in every new shell:
  bash  echo 'eval "$(conclave completion bash)"' >> ~/.bashrc
  zsh   echo 'source <(conclave completion zsh)' >> ~/.zshrc  (after compinit)
  fish  conclave completion fish > ~/.config/fish/completions/conclave.fish`,
} as const;
