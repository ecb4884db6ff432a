import type { CommandText } from './command-text.ts';

import { contactCommands } from './contact-commands.ts';
import { messageCommands } from './message-commands.ts';
import { roomCommands } from './room-commands.ts';

/** The help of `conclave`, by the words that lead to a command. */
export const commands = {
  register: {
    does: 'create keys and an account on the server',
    arguments: {
      name: 'your user name: 3 to 20 letters and digits',
    },
    options: {
      '--rsa-key': 'use an RSA-2048 private key (PEM) as the encryption key',
      '--invite-file': 'read the invitation code from a file, if the server requires one',
      '--backup': 'make a backup and print its recovery code; the default on a terminal',
      '--no-backup': 'make no backup',
    },
    examples: [
      'conclave register alice',
      'conclave --server wss://chat.example.org register alice --invite-file code',
    ],
  },
  whoami: {
    does: 'show the account that commands use',
    examples: ['conclave whoami'],
  },
  keys: {
    does: 'list your keys, oldest first',
    examples: ['conclave keys'],
  },
  use: {
    does: 'make another of your accounts on this server the default',
    arguments: {
      name: 'the user name of an account in this profile',
    },
    examples: ['conclave use alice'],
  },
  recover: {
    does: 'start over without the state of a profile, when it is missing or damaged',
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave recover'],
  },
  doctor: {
    does: 'check connection, clock, files and the encryption of rooms, and report what is wrong',
    examples: ['conclave doctor', 'conclave --server wss://chat.example.org --passphrase-file p doctor'],
  },
  agent: {
    does: 'keep your key in memory for a while, so that commands need no passphrase',
    options: {
      '--for': 'end after this time, such as 30m, 8h or 7d (default: 8h)',
      '--idle': 'end when no command has used it for this time',
      '--foreground': 'do not go to the background',
      '--stop': 'end the agent that runs',
    },
    examples: ['conclave agent', 'conclave agent --for 2h --idle 15m', 'conclave agent --stop'],
  },
  verify: {
    does: 'compare safety numbers with a user and mark the user as verified',
    arguments: {
      name: 'the name of a user',
    },
    options: {
      '--fingerprint': 'compare with this fingerprint instead of asking',
      '--no-qr': 'do not show the number as a QR code',
    },
    examples: ['conclave verify bob'],
  },
  trust: {
    does: "accept a user's changed key after you confirm its fingerprint",
    arguments: {
      name: 'the name of a user',
    },
    options: {
      '--fingerprint': 'accept exactly this key instead of asking',
    },
    examples: ['conclave trust bob'],
  },
  export: {
    does: 'write your keys, and whose keys you trust, to a file with its own passphrase',
    arguments: {
      file: 'the file to write; it must not exist yet',
    },
    examples: ['conclave export alice.keys'],
  },
  import: {
    does: 'import an exported account, or its newer keys, for the server given by --server',
    arguments: {
      file: 'a file that conclave export wrote',
    },
    examples: ['conclave --server wss://chat.example.org import alice.keys'],
  },
  backup: {
    does: 'show the state of your backup, make one with a new recovery code, or delete it',
    options: {
      '--new-code': 'make a backup and print its code; earlier codes stop working',
      '--delete': 'delete the backup from the server',
      '--yes': 'do not ask before deleting it',
      '--no-qr': 'do not show the code as a QR code',
    },
    examples: ['conclave backup', 'conclave backup --new-code', 'conclave backup --delete'],
  },
  restore: {
    does: 'restore an account from its backup with the recovery code, which is asked for',
    arguments: {
      name: 'the user name of the account',
    },
    options: {
      '--code-file': 'read the recovery code from a file; -: from standard input',
      '--fingerprint': 'restore only keys with this fingerprint, instead of asking',
      '--yes': 'do not ask whether the date and fingerprint are those on the sheet',
    },
    examples: [
      'conclave --server wss://chat.example.org restore alice',
      'conclave --server wss://chat.example.org restore alice --code-file code --yes',
    ],
  },
  link: {
    does: 'receive your account on a new machine, from another device that runs link --give',
    options: {
      '--give': 'hand over your whole account to a new device that shows a code',
      '--code-file': 'with --give: read the text of the QR code from a file; -: from standard input',
      '--fingerprint': 'on the new device: accept only keys with this fingerprint, instead of asking',
      '--yes': 'on the new device: do not ask whether the account is yours',
      '--no-qr': 'do not show the code as a QR code',
    },
    examples: ['conclave --server wss://chat.example.org link', 'conclave link --give'],
  },
  rotate: {
    does: 'replace your keys with new ones; old messages stay readable',
    examples: ['conclave rotate'],
  },
  logout: {
    does: 'end the session kept in the profile',
    options: {
      '--everywhere': 'end all sessions of the account, on every machine',
    },
    examples: ['conclave logout', 'conclave logout --everywhere'],
  },
  'close-account': {
    does: 'close the account for good; its name is never reused',
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave --user alice close-account'],
  },
  chat: {
    does: 'open the full-screen client; the first start creates an account',
    arguments: {
      room: 'the room to show first',
    },
    options: {
      '--print-config': 'print a config file with all defaults and exit',
    },
    examples: ['conclave chat', 'conclave chat Lobby'],
  },
  web: {
    does: 'serve the web client of this package on this machine, for a server elsewhere, until interrupted',
    options: {
      '--port':
        'the port to listen at on 127.0.0.1 (default: 7433; 0: any); browsers keep accounts by address',
    },
    examples: ['conclave web', 'conclave --server wss://chat.example.org web'],
  },
  rooms: {
    does: 'list the rooms that are not hidden, most users online first',
    options: {
      '--prefix': 'only rooms whose name starts with this text',
    },
    examples: ['conclave rooms', 'conclave rooms --prefix dev'],
  },
  members: {
    does: 'list the members of a room that you are in',
    arguments: {
      room: 'the name of a room that you are in',
    },
    examples: ['conclave members Lobby'],
  },
  create: {
    does: 'create a room that you own',
    arguments: {
      room: 'the name of the new room: 3 to 30 letters and digits',
    },
    options: {
      '--hidden': 'hide it from the list of rooms',
      '--password': 'protect it with a password, which is asked for',
      '--password-file': 'protect it with the password in a file',
      '--retention': 'how many days to store messages, or hours, as in 12h; 0: not at all (default: 30)',
      '--suite': 'encryption; with 2, one key serves many messages, with forward secrecy (default: 1)',
      '--header': 'header layout; with 2, messages record what their senders had seen (default: 1)',
    },
    examples: ['conclave create Lobby', 'conclave create Board --hidden --password --retention 7'],
  },
  join: {
    does: 'join a room',
    arguments: {
      room: 'the name of a room',
    },
    options: {
      '--password-file': 'read the room password from a file',
    },
    examples: ['conclave join Lobby', 'conclave join Board --password-file secret'],
  },
  leave: {
    does: 'leave a room; it is deleted when its last member leaves',
    arguments: {
      room: 'the name of a room that you are in',
    },
    examples: ['conclave leave Lobby'],
  },
  ...contactCommands,
  ...messageCommands,
  ...roomCommands,
  completion: {
    does: 'print a completion script for a shell',
    arguments: {
      shell: 'bash, zsh or fish',
    },
    examples: ['conclave completion bash'],
  },
  help: {
    does: 'explain a command, or all of them',
    arguments: {
      command: 'the words of a command',
    },
    examples: ['conclave help send', 'conclave help room kick'],
  },
} as const satisfies Readonly<Record<string, CommandText>>;
