/** The first start: questions before there is an account, and what goes on meanwhile. */
export const start = {
  // What goes on
  connecting: (server: string): string => `connecting to ${server} …`,
  loading_rooms: 'loading your rooms …',
  opening_keys: 'opening your keys …',
  making_keys: 'making your keys …',
  registering: (user: string, server: string): string => `registering ${user} at ${server} …`,
  not_yet: (server: string, reason: string): string => `no connection to ${server} yet: ${reason}`,
  trying: (server: string): string => `Trying ${server} …`,
  // What is settled, with its label
  welcome_label: 'Welcome',
  welcome: 'a chat that only its members can read',
  server_label: 'Server',
  name_label: 'Name',
  registered_label: 'Registered',
  registered: (user: string, server: string): string => `${user} at ${server}`,
  // Questions
  which_server: 'Which server?',
  which_server_about:
    'Its address, such as wss://chat.example.org, or ws://127.0.0.1:8080 for one on this machine.',
  bad_server: 'enter an address such as wss://chat.example.org or ws://127.0.0.1:8080',
  which_name: 'Choose a user name',
  which_name_about: '3 to 20 letters (A to Z) and digits. It cannot be changed later.',
  bad_name: 'a user name has 3 to 20 letters (A to Z) and digits',
  new_passphrase: (user: string): string => `Choose a passphrase for the keys of ${user}`,
  new_passphrase_about:
    'It protects your keys on this machine. You enter it at every start. Nobody can restore it.',
  repeat_passphrase: 'Repeat the passphrase',
  passphrases_differ: 'the passphrases differ: enter it again',
  weak_passphrase: 'Use this weak passphrase?',
  weak_passphrase_yes: 'use it anyway',
  no_passphrase: 'Keep your keys without a passphrase?',
  no_passphrase_about:
    'Anyone who can read the files of this account can act as you: a thief, another program, someone with a backup.',
  no_passphrase_yes: 'yes, without',
  passphrase: (user: string, server: string): string => `Passphrase of ${user} at ${server}`,
  wrong_passphrase: 'wrong passphrase',
  invite: 'Invitation code',
  invite_about: [
    'This server takes new accounts by invitation. A code admits one person, and is valid for a day.',
    'Your keys are kept: without a code, quit and come back when you have one.',
  ],
  bad_invite: 'a code is 16 letters and digits, such as K10M-PQRS-TVWX-YZ01',
  invite_refused: 'this code is unknown, used or expired',
  without_tls: (server: string): string => `Use ${server} without TLS?`,
  without_tls_about: [
    'It did not answer over TLS. Without TLS, anybody along the network path sees who talks with whom, but no messages.',
    'If this server should have TLS, somebody may be blocking it.',
  ],
  without_tls_yes: 'go on without TLS',
  // Refusals
  no_new_accounts: (server: string): string => `${server} takes no new accounts`,
  no_account_yet: (server: string, reason: string): string => `no account at ${server} yet: ${reason}`,
  server_fault: (server: string, fault: string): string => `${server}: ${fault}`,
  // The page at the end
  you_are: (user: string): string => `You are ${user}`,
  you_are_about: 'Your keys are made, and your account is registered. This is your fingerprint:',
  fingerprint_about:
    'It identifies your keys. People who compare it, or a safety number with /verify, know that nobody sits between you.',
  without_backup: 'go on without a backup',
  making_backup: 'making a backup …',
  no_backup: 'No backup was made',
  no_backup_about: 'Your account is there all the same. /backup tries again.',
} as const;

/** How hard a passphrase is to guess. */
export const passphrase = {
  empty: 'empty: anyone who can read the key file can use the keys',
  weak: (why: string | undefined): string => `weak${because(why)}: could be guessed within a day. ${ADVICE}`,
  fair: (why: string | undefined): string => `fair${because(why)}: could be guessed within a year. ${ADVICE}`,
  good: 'good: would take years to guess',
  strong: 'strong',
  /** What makes one easy. */
  reasons: {
    straightRow: 'a row of keys on the keyboard',
    keyPattern: 'a pattern on the keyboard',
    simpleRepeat: 'one character repeated',
    extendedRepeat: 'the same part repeated',
    sequences: 'a sequence like abc or 123',
    recentYears: 'a recent year',
    dates: 'a date',
    topTen: 'one of the ten most common passwords',
    topHundred: 'one of the hundred most common passwords',
    common: 'a common password',
    similarToCommon: 'like a common password',
    wordByItself: 'a single word',
  },
} as const;

const ADVICE = 'Try four unrelated words';

function because(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`;
}
