import type { CommandText } from './command-text.ts';

/** The help of `conclave room`. */
export const roomCommands = {
  'room rename': {
    does: 'rename a room; the old name becomes free',
    arguments: {
      room: 'the name of a room that you own',
      name: 'the new name',
    },
    examples: ['conclave room rename Lobby Hall'],
  },
  'room delete': {
    does: 'delete a room and all its stored messages, for everybody; asks first',
    arguments: {
      room: 'the name of a room that you own',
    },
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave room delete Lobby'],
  },
  'room password': {
    does: 'change the room password; lists who has to be told',
    arguments: {
      room: 'the name of a room that you own',
    },
    options: {
      '--password-file': 'read the password from a file',
      '--none': 'remove the password',
    },
    examples: ['conclave room password Board', 'conclave room password Board --none'],
  },
  'room retention': {
    does: 'set how many days or hours to store messages; 0: not at all. Applies to stored messages, too',
    arguments: {
      room: 'the name of a room that you own',
      time: 'days, from 0 to 3650; 0 stores nothing. Or hours, as in 12h',
    },
    options: {
      '--yes': 'do not ask, when a shorter time deletes messages',
    },
    examples: ['conclave room retention Lobby 90', 'conclave room retention Lobby 12h'],
  },
  'room disappear': {
    does: 'set how long after a reader was shown them messages disappear, unless their sender says otherwise; everybody is told. You sign it, so the server cannot change it',
    arguments: {
      room: 'the name of a room that you own',
      time: 'as in 30s, 5m, 1h or 7d, up to a year; off: messages stay',
    },
    examples: ['conclave room disappear Lobby 1d', 'conclave room disappear Lobby off'],
  },
  'room header': {
    does: 'raise the header layout to 2: messages record what their senders had seen; asks first',
    arguments: {
      room: 'the name of a room that you own',
      layout: '2',
    },
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave room header Lobby 2'],
  },
  'room suite': {
    does: 'raise the encryption to suite 2: one key for many messages, with forward secrecy; asks first',
    arguments: {
      room: 'the name of a room that you own',
      suite: '2',
    },
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave room suite Lobby 2'],
  },
  'room hide': {
    does: 'hide a room from the list of rooms',
    arguments: {
      room: 'the name of a room that you own',
    },
    examples: ['conclave room hide Board'],
  },
  'room show': {
    does: 'show a room in the list of rooms',
    arguments: {
      room: 'the name of a room that you own',
    },
    examples: ['conclave room show Board'],
  },
  'room trust': {
    does: 'accept that a room name leads to another room, that the room no longer has a password, or that the server showed two of its keys',
    arguments: {
      room: 'the name of a room',
    },
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave room trust Lobby'],
  },
  'room kick': {
    does: 'remove a member, who may join again',
    arguments: {
      room: 'the name of a room that you own or moderate',
      name: 'the name of a member of the room',
      reason: 'what the member and the others are told, in quotes; the server can read it',
    },
    examples: [
      'conclave room kick Lobby mallory',
      'conclave room kick Lobby mallory "no advertising, please"',
    ],
  },
  'room ban': {
    does: 'remove a user, or keep one out, until unban',
    arguments: {
      room: 'the name of a room that you own or moderate',
      name: 'the name of a user',
      reason: 'what the user and the members are told, in quotes; the server can read it',
    },
    examples: ['conclave room ban Lobby mallory'],
  },
  'room unban': {
    does: 'let a banned user join again',
    arguments: {
      room: 'the name of a room that you own or moderate',
      name: 'the name of a user',
    },
    examples: ['conclave room unban Lobby mallory'],
  },
  'room bans': {
    does: 'list the banned users',
    arguments: {
      room: 'the name of a room that you own or moderate',
    },
    examples: ['conclave room bans Lobby'],
  },
  'room grant': {
    does: 'make a member a moderator',
    arguments: {
      room: 'the name of a room that you own',
      name: 'the name of a member of the room',
    },
    examples: ['conclave room grant Lobby bob'],
  },
  'room revoke': {
    does: 'make a moderator a plain member',
    arguments: {
      room: 'the name of a room that you own',
      name: 'the name of a member of the room',
    },
    examples: ['conclave room revoke Lobby bob'],
  },
  'room owner': {
    does: 'hand a room over to a member; you become a moderator',
    arguments: {
      room: 'the name of a room that you own',
      name: 'the name of a member of the room',
    },
    examples: ['conclave room owner Lobby bob'],
  },
} as const satisfies Readonly<Record<string, CommandText>>;
