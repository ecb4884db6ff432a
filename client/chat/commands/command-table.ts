import {
  type Argument,
  anyRoom,
  days,
  emoji,
  newRoom,
  oneOf,
  optional,
  ownRoom,
  prefix,
  required,
  text,
  topic,
  user,
} from './argument-kinds.ts';
import { type Command, type CommandUser, users } from './command.ts';

/** Every /command: the help, the documentation, the parser and the completion are made from this. */
export const commands = {
  join: {
    section: 'Rooms',
    about: 'join ROOM, or rejoin the room shown; asks for the password if there is one',
    who: 'anyone',
    args: { room: optional(anyRoom) },
    asksPassword: true,
  },
  leave: {
    section: 'Rooms',
    about: 'leave this room, or ROOM',
    who: 'anyone',
    args: { room: optional(ownRoom) },
  },
  create: {
    section: 'Rooms',
    about: 'create a room; optionally hidden, with a password (asked for), storing messages for DAYS',
    who: 'anyone',
    args: {
      room: required(newRoom),
      hidden: optional(oneOf('hidden')),
      password: optional(oneOf('password')),
      days: optional(days),
    },
    asksPassword: true,
    needsServer: true,
  },
  rooms: {
    section: 'Rooms',
    about: 'list the rooms that are not hidden',
    who: 'anyone',
    args: { prefix: optional(prefix) },
    needsServer: true,
  },
  members: {
    section: 'People',
    about: 'list the members of this room',
    who: 'member',
    args: {},
    needsServer: true,
  },
  who: {
    section: 'People',
    about: 'show who is online in this room, or what is known about USER',
    who: 'anyone',
    args: { user: optional(user) },
    needsServer: true,
  },
  verify: {
    section: 'People',
    about: 'show the safety number with USER, to compare it and mark USER as verified',
    who: 'anyone',
    args: { user: required(user) },
    needsServer: true,
  },
  trust: {
    section: 'People',
    about: 'accept the changed key of USER, so that sending can continue',
    who: 'anyone',
    args: { user: required(user) },
    needsServer: true,
  },
  keys: {
    section: 'People',
    about: 'show your keys, or those of USER',
    who: 'anyone',
    args: { user: optional(user) },
  },
  ignore: {
    section: 'People',
    about: 'hide the messages of USER, or show them again; without USER: list who is ignored',
    who: 'anyone',
    args: { user: optional(user) },
  },
  kick: {
    section: 'Owners and moderators',
    about: 'kick USER (may rejoin); USER and the members are told TEXT',
    who: 'moderator',
    args: { user: required(user), why: optional(text) },
    needsServer: true,
  },
  ban: {
    section: 'Owners and moderators',
    about: 'ban USER from the room, until /unban; TEXT as with /kick',
    who: 'moderator',
    args: { user: required(user), why: optional(text) },
    needsServer: true,
  },
  unban: {
    section: 'Owners and moderators',
    about: 'lift the ban on USER',
    who: 'moderator',
    args: { user: required(user) },
    needsServer: true,
  },
  grant: {
    section: 'Owners and moderators',
    about: 'make USER a moderator',
    who: 'owner',
    args: { user: required(user) },
    needsServer: true,
  },
  revoke: {
    section: 'Owners and moderators',
    about: 'make USER a plain member again',
    who: 'owner',
    args: { user: required(user) },
    needsServer: true,
  },
  owner: {
    section: 'Owners and moderators',
    about: 'hand the room over to USER',
    who: 'owner',
    args: { user: required(user) },
    needsServer: true,
  },
  rename: {
    section: 'Owners and moderators',
    about: 'rename this room',
    who: 'owner',
    args: { room: required(newRoom) },
    needsServer: true,
  },
  retention: {
    section: 'Owners and moderators',
    about: 'set how many days messages are stored',
    who: 'owner',
    args: { days: required(days) },
    needsServer: true,
  },
  password: {
    section: 'Owners and moderators',
    about: 'change the room password (asks for it), or remove it',
    who: 'owner',
    args: { none: optional(oneOf('none')) },
    asksPassword: true,
    needsServer: true,
  },
  header: {
    section: 'Owners and moderators',
    about: 'make messages record what their senders had seen; asks first, as older clients cannot read them',
    who: 'owner',
    args: {},
    needsServer: true,
  },
  hide: {
    section: 'Owners and moderators',
    about: 'hide this room from the list; off: list it again',
    who: 'owner',
    args: { state: optional(oneOf('on', 'off')) },
    needsServer: true,
  },
  delete: {
    section: 'Owners and moderators',
    about: 'delete this room and everything stored for it; asks first',
    who: 'owner',
    args: {},
    needsServer: true,
  },
  me: {
    section: 'Messages',
    about: 'send an action, such as /me waves',
    who: 'member',
    args: { text: required(text) },
  },
  reply: {
    section: 'Messages',
    about: 'answer the last message of somebody else',
    who: 'member',
    args: { text: required(text) },
  },
  edit: {
    section: 'Messages',
    about: 'replace the text of your last message; without TEXT: put it into the input, to change it there',
    who: 'member',
    args: { text: optional(text) },
    needsServer: true,
  },
  retract: {
    section: 'Messages',
    about: 'take back your last message; asks first',
    who: 'member',
    args: {},
    needsServer: true,
  },
  remove: {
    section: 'Messages',
    about: 'ask readers to fold up the last message of somebody else; TEXT says why; asks first',
    who: 'moderator',
    args: { why: optional(text) },
    needsServer: true,
  },
  removed: {
    section: 'Messages',
    about: 'show what the owner or moderators removed of what is loaded here',
    who: 'anyone',
    args: {},
  },
  react: {
    section: 'Messages',
    about: 'react to the last message of somebody else, or take that back',
    who: 'member',
    args: { emoji: required(emoji) },
    needsServer: true,
  },
  search: {
    section: 'Messages',
    about: 'search for TEXT in the messages kept on this machine',
    who: 'anyone',
    args: { text: required(text) },
  },
  links: {
    section: 'Messages',
    about: 'list the links in this room; choosing one copies it, if the config file allows it',
    who: 'anyone',
    args: {},
  },
  clear: {
    section: 'Messages',
    about: 'clear the screen; scroll up to see the messages again',
    who: 'member',
    args: {},
  },
  notify: {
    section: 'Client',
    about: 'show or set which messages of this room notify you: all, mentions or none',
    who: 'member',
    args: { level: optional({ ...oneOf('all', 'mentions', 'none'), shown: 'WHICH' }) },
  },
  help: {
    section: 'Client',
    about: 'show all keys and commands, or those that match WORDS',
    who: 'anyone',
    args: { topic: optional(topic) },
  },
  reconnect: {
    section: 'Client',
    about: 'connect now instead of waiting for the next attempt',
    who: 'anyone',
    args: {},
  },
  quit: { section: 'Client', about: 'quit; you stay a member of your rooms', who: 'anyone', args: {} },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof commands;

type ValueOf<A> =
  A extends Argument<infer T, infer Required> ? (Required extends true ? T : T | undefined) : never;

/** A command with its arguments, optional ones undefined when they were not given. */
export type CommandCall = {
  readonly [Name in CommandName]: { readonly name: Name } & {
    readonly [Arg in keyof (typeof commands)[Name]['args']]: ValueOf<(typeof commands)[Name]['args'][Arg]>;
  };
}[CommandName];

export const commandNames = Object.keys(commands).filter(isCommandName);

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** The row of the table, without the types of its arguments. */
export function commandOf(name: CommandName): Command {
  return commands[name];
}

/** `/create NAME [hidden] [password] [DAYS]` */
export function usageOf(name: CommandName): string {
  const args = Object.values(commandOf(name).args).map(({ kind, ...arg }) => {
    return arg.required ? kind.shown : `[${kind.shown}]`;
  });
  return [`/${name}`, ...args].join(' ');
}

export function mayUse(name: CommandName, who: CommandUser): boolean {
  return users.indexOf(who) >= users.indexOf(commandOf(name).who);
}
