import { shown } from '../numbers.ts';

/** Of the help, in its order. */
export const sections = {
  rooms: 'Rooms',
  people: 'People',
  moderation: 'Owners and moderators',
  messages: 'Messages',
  client: 'Client',
} as const;

/** What each /command does, in the imperative: "leave this room". */
export const commands = {
  join: 'join ROOM, or rejoin the room shown; asks for the password if there is one',
  leave: 'leave this room, or ROOM',
  create: 'create a room; optionally hidden, with a password (asked for), storing messages for DAYS',
  rooms: 'list the rooms that are not hidden',
  members: 'list the members of this room',
  who: 'show who is online in this room, or what is known about USER',
  verify: 'show the safety number with USER, to compare it and mark USER as verified',
  trust: 'accept the changed key of USER, so that sending can continue',
  keys: 'show your keys, or those of USER',
  ignore:
    'hide messages from USER on all of your devices, or show them again; without USER: list who is ignored',
  msg: 'write to USER directly, or go to where you do; creates the room for two when there is none',
  invite: 'invite USER to this room, or to ROOM; USER sees who invites, and with which key',
  invitations: 'list the invitations that wait for you, and answer one',
  decline: 'decline the invitation to ROOM, or to the direct room shown',
  block: 'take no invitations or direct messages from USER any more; asks first',
  unblock: 'take them from USER again',
  blocked: 'list whom you have blocked',
  kick: 'kick USER, who may rejoin; TEXT says why, to USER and the members',
  ban: 'ban USER from the room, until /unban; TEXT says why, as with /kick',
  unban: 'lift the ban on USER',
  grant: 'make USER a moderator',
  revoke: 'make USER a plain member again',
  owner: 'hand the room over to USER',
  rename: 'rename this room',
  retention: 'set how many days messages are stored, or hours, as in 12h',
  password: 'change the room password (asks for it), or remove it',
  header: 'make messages record what their senders had seen; asks first, as older clients cannot read them',
  hide: 'hide this room from the list; off: list it again',
  delete: 'delete this room and everything stored for it; asks first',
  me: 'send an action, such as /me waves',
  reply: 'answer the selected message, or the last one from somebody else',
  edit: 'replace the text of the selected message, or your last; without TEXT: put it into the input, to change it there',
  earlier: 'show what the selected message, or the last edited one, said before it was edited',
  retract: 'take back the selected message, or your last; asks first',
  remove:
    'ask readers to fold up the selected message, or the last one from somebody else; TEXT says why; asks first',
  removed: 'show which of the loaded messages the owner or moderators removed',
  react:
    'react to the selected message, or the last one from somebody else; again: take that back; without EMOJI: choose one',
  select:
    'select the newest message, or the next older or newer one; /reply, /edit and the like then act on it',
  copy: 'copy the text of the selected message, or of the last one, to the clipboard, if the config file allows it',
  answered: 'go to the message that the selected one answers',
  send: 'send a file, with TEXT if given; asks first; PATH may be quoted, ~ is your home folder; the page asks which file, and needs no PATH',
  save: 'save file N, or the files of the selected message, as PATH, in the folder PATH or in this one; replaces nothing',
  open: 'open file N, or the one of the selected message, with the program for its kind; asks first if it may be a program',
  disappear:
    'show or set how long after readers were shown it disappears what you write in this room: a time, as in 1h, or off; with room: what everybody writes, which only the owner can set',
  cancel: 'cancel the sending or saving of a file of this room, the last one first',
  search: 'search for TEXT in the messages kept on this machine',
  links:
    'list the links in the selected message, or in this room; the chosen one is shown, and can be opened or copied',
  clear: 'clear the screen; scroll up to see the messages again',
  move: 'move this room to place N of the list of rooms; without N: sort the list by name',
  notify: 'show or set which messages of this room notify you: all, mentions or none; on all of your devices',
  help: 'show all keys and commands, or those that match WORDS',
  sync: 'show whether your settings are the same on all of your devices, and what to do if the server has none that open',
  backup: 'show how the backup of your account stands, make a recovery code, or delete it',
  link: 'give your whole account to a new device that shows a code; asks for your passphrase',
  reconnect: 'connect now instead of waiting for the next attempt',
  quit: 'quit; you stay a member of your rooms',
} as const;

/** Arguments as usage lines show them: upper case is for what one fills in. */
export const argumentNames = {
  room: 'ROOM',
  new_room: 'NAME',
  user: 'USER',
  prefix: 'PREFIX',
  days: 'DAYS',
  life: 'TIME',
  text: 'TEXT',
  topic: 'WORDS',
  emoji: 'EMOJI',
  level: 'WHICH',
  path: 'PATH',
  number: 'N',
} as const;

/** Each completes the sentence "… is not …". */
export const allowed = {
  room: (min: number, max: number): string =>
    `a room name: ${min} to ${max} letters (A to Z) and digits, or @ and the name of a user`,
  new_room: (min: number, max: number): string => `a room name: ${min} to ${max} letters (A to Z) and digits`,
  user: (min: number, max: number): string => `a user name: ${min} to ${max} letters (A to Z) and digits`,
  prefix: (max: number): string => `the beginning of a room name: up to ${max} letters (A to Z) and digits`,
  days: (max: number): string =>
    `a number of days from 0 (nothing is stored) to ${shown(max)}, or of hours, as in 12h`,
  life: (least: string, most: string): string =>
    `"off", or a time from ${least} to ${most}, as in 30s, 5m, 1h or 7d`,
  words: (words: readonly string[]): string => words.map((word) => `"${word}"`).join(' or '),
  text: 'a text',
  path: 'a path',
  number: 'the number of a file',
  place: 'a place in the list of rooms, from 1 on',
  emoji: 'an emoji, or the name of one such as :tada:',
} as const;

/** What is wrong with something that was typed. */
export const input = {
  too_long: (bytes: number, max: number): string =>
    `The message has ${shown(bytes)} bytes; at most ${shown(max)} can be sent. Send it in parts.`,
  unknown_command: (given: string, advice: string): string =>
    `Unknown command ${given}. ${advice} To send it as text, type /${given}.`,
  meant: (command: string): string => `Did you mean ${command}?`,
  see_help: '/help lists the commands.',
  too_many_words: 'too many words',
  not_allowed: (given: string, allowed: readonly string[]): string =>
    `${given} is not ${allowed.join(', or ')}`,
  /** In the place of what may be a password. */
  what_follows: 'that',
  missing: (argument: string): string => `${argument} is missing`,
  wrong: (command: string, fault: string, usage: string, asksPassword: boolean): string =>
    `${command}: ${fault}. Usage: ${usage}${asksPassword ? ' (you are asked for the password)' : ''}`,
  only_owner: (room: string, command: string): string => `Only the owner of ${room} can use ${command}.`,
  only_moderators: (room: string, command: string): string =>
    `Only the owner and moderators of ${room} can use ${command}.`,
  not_connected: (what: string): string => `Not connected, so ${what} can't run now. /reconnect tries again.`,
  no_emoji: (name: string): string => `there is no emoji called :${name}:`,
} as const;
