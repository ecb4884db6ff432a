import type { CommandText } from './command-text.ts';

/** The help of the commands for messages. */
export const messageCommands = {
  send: {
    does: 'send TEXT; without it, each line of standard input as a message; with -, all of it as one',
    arguments: {
      room: 'the name of a room that you are in',
      text: 'the message, in quotes; -: all of standard input as one message; left out: each line of it as a message',
    },
    options: {
      '--strict': 'refuse if somebody would read the room for the first time',
      '--reply': 'answer a message: the id that tail --ids prints, or "last"',
      '--disappear':
        'make readers’ clients forget it so long after they showed it, as in 30s, 5m, 1h or 7d, whatever the room says; off: never',
      '--file': 'send a file with it, up to 10 times; the text may then be left out',
    },
    examples: [
      'conclave send Lobby "hello everybody"',
      'conclave send Lobby "the minutes" --file minutes.pdf',
      'df -h | conclave send Lobby -',
      'tail -f build.log | conclave send Lobby',
      'conclave send Lobby -- "-5 degrees"',
      'conclave send Lobby "so do I" --reply last',
      'conclave send Lobby "the door code is 4711" --disappear 1h',
    ],
  },
  edit: {
    does: 'replace the text of a message of yours',
    arguments: {
      room: 'the name of a room that you are in',
      message: 'the id that tail --ids prints, or "last": your last message',
      text: 'the new text, in quotes',
    },
    examples: ['conclave edit Lobby last "hello everybody"'],
  },
  retract: {
    does: 'take back a message of yours; who has read it may have kept it',
    arguments: {
      room: 'the name of a room that you are in',
      message: 'the id that tail --ids prints, or "last": your last message',
    },
    examples: ['conclave retract Lobby 0123abcd'],
  },
  remove: {
    does: 'collapse a message for the readers of a room that you own or moderate; its files are deleted, its text can still be expanded',
    arguments: {
      room: 'the name of a room that you own or moderate',
      message: 'the id that tail --ids prints, or "last": the last message',
      reason: 'why, in quotes; encrypted like a message',
    },
    examples: ['conclave remove Lobby 0123abcd "off topic"'],
  },
  react: {
    does: 'react to a message with an emoji',
    arguments: {
      room: 'the name of a room that you are in',
      message: 'the id that tail --ids prints, or "last": the last message',
      emoji: 'one emoji',
    },
    options: {
      '--remove': 'take the reaction back',
    },
    examples: ['conclave react Lobby last 👍', 'conclave react Lobby 0123abcd 👍 --remove'],
  },
  search: {
    does: 'search the messages read on this machine before; the server is not asked',
    arguments: {
      text: 'the text to search for; case is ignored',
    },
    options: {
      '--room': 'search only this room',
      '--count': 'number of messages, newest first (default: 20)',
    },
    examples: ['conclave search lunch', 'conclave search "next week" --room Lobby -n 5'],
  },
  tail: {
    does: 'print the last stored messages of rooms, or those after a position',
    arguments: {
      room: 'names of rooms that you are in',
    },
    options: {
      '--since': 'SEQ: after that position; all: since you joined; now: nothing older',
      '--follow': 'keep printing new messages',
      '--count': 'number of messages (default: the last 20 stored)',
      '--ids': 'print the beginning of each id, for send --reply, edit, retract, remove, react and save',
      '--save-files': 'save the files of each message in this folder; no file is ever replaced',
    },
    examples: [
      'conclave tail Lobby -n 50',
      'conclave tail -f Lobby --save-files inbox',
      'conclave tail -f Lobby Alerts',
      'conclave --json tail Lobby --since 1200',
    ],
  },
  save: {
    does: 'save the files of a message; no file is ever replaced',
    arguments: {
      room: 'the name of a room that you are in',
      message: 'the id that tail --ids prints, or "last": the last message',
      path: 'a folder (default: this one), or a new name for a single file',
    },
    examples: ['conclave save Lobby last', 'conclave save Lobby 1f0c9a27 minutes.pdf'],
  },
  history: {
    does: 'print all stored messages of a room as they read now, with edits and reactions',
    arguments: {
      room: 'the name of a room that you are in',
    },
    options: {
      '--since': 'SEQ: after that position; all (default): since you joined',
      '--format': 'text, html, or jsonl: everything that was sent, as tail --json prints it',
    },
    examples: ['conclave history Lobby', 'conclave history Lobby --format html > lobby.html'],
  },
  bot: {
    does: 'run a program that reads messages and answers them, as lines of JSON',
    arguments: {
      room: 'rooms that you are in; then --, and the program with its arguments',
    },
    options: {
      '--own': 'give it your own messages, too',
      '--no-ack': 'acknowledge each message as soon as the program has been given it',
    },
    examples: ['conclave bot Lobby -- ./echo-bot.sh', 'conclave bot Lobby Alerts --no-ack -- python3 bot.py'],
  },
} as const satisfies Readonly<Record<string, CommandText>>;
