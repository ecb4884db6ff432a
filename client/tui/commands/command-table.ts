import {
  type Argument,
  anyRoom,
  days,
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

/** Who may use a command in the room that is shown; each may do what those before it may. */
export const users = ['anyone', 'member', 'moderator', 'owner'] as const;
export type CommandUser = (typeof users)[number];
export type CommandSection = 'Rooms' | 'People' | 'Owners and moderators' | 'Messages' | 'Client';

export interface Command {
  readonly section: CommandSection;
  /** Completes the sentence "This command …". */
  readonly about: string;
  readonly who: CommandUser;
  /** In the order in which they are written. */
  readonly args: Readonly<Record<string, Argument<unknown, boolean>>>;
  /** It asks for a password: what stands after it by mistake may be one, and is neither repeated nor remembered. */
  readonly asksPassword?: true;
  /** Refused at once while there is no connection. */
  readonly needsServer?: true;
}

/** Every /command: the help, the documentation, the parser and the completion are made from this. */
export const commands = {
  join: {
    section: 'Rooms',
    about: 'joins ROOM, or the room that is shown once more; asks for its password when it has one',
    who: 'anyone',
    args: { room: optional(anyRoom) },
    asksPassword: true,
  },
  leave: {
    section: 'Rooms',
    about: 'ends the membership in this room, or in ROOM',
    who: 'anyone',
    args: { room: optional(ownRoom) },
  },
  create: {
    section: 'Rooms',
    about: 'makes a room: hidden from the list, with a password that is asked for, stored for DAYS',
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
    about: 'lists the rooms that anyone may see',
    who: 'anyone',
    args: { prefix: optional(prefix) },
    needsServer: true,
  },
  members: {
    section: 'People',
    about: 'lists the members of this room',
    who: 'member',
    args: {},
    needsServer: true,
  },
  who: {
    section: 'People',
    about: 'says who is online in this room, or what is known of USER',
    who: 'anyone',
    args: { user: optional(user) },
    needsServer: true,
  },
  verify: {
    section: 'People',
    about: 'shows the safety number with USER, to compare and to mark as verified',
    who: 'anyone',
    args: { user: required(user) },
    needsServer: true,
  },
  trust: {
    section: 'People',
    about: 'accepts the changed key of USER, so that sending goes on',
    who: 'anyone',
    args: { user: required(user) },
    needsServer: true,
  },
  keys: {
    section: 'People',
    about: 'shows the own keys, or those of USER',
    who: 'anyone',
    args: { user: optional(user) },
  },
  ignore: {
    section: 'People',
    about: 'hides the messages of USER or shows them again; alone: says who is ignored',
    who: 'anyone',
    args: { user: optional(user) },
  },
  kick: {
    section: 'Owners and moderators',
    about: 'puts USER out of the room; may join again',
    who: 'moderator',
    args: { user: required(user) },
    needsServer: true,
  },
  ban: {
    section: 'Owners and moderators',
    about: 'puts USER out of the room for good',
    who: 'moderator',
    args: { user: required(user) },
    needsServer: true,
  },
  unban: {
    section: 'Owners and moderators',
    about: 'lets USER join again',
    who: 'moderator',
    args: { user: required(user) },
    needsServer: true,
  },
  grant: {
    section: 'Owners and moderators',
    about: 'makes USER a moderator',
    who: 'owner',
    args: { user: required(user) },
    needsServer: true,
  },
  revoke: {
    section: 'Owners and moderators',
    about: 'makes USER a plain member again',
    who: 'owner',
    args: { user: required(user) },
    needsServer: true,
  },
  owner: {
    section: 'Owners and moderators',
    about: 'hands the room over to USER',
    who: 'owner',
    args: { user: required(user) },
    needsServer: true,
  },
  rename: {
    section: 'Owners and moderators',
    about: 'gives the room another name',
    who: 'owner',
    args: { room: required(newRoom) },
    needsServer: true,
  },
  retention: {
    section: 'Owners and moderators',
    about: 'says for how many days messages are stored',
    who: 'owner',
    args: { days: required(days) },
    needsServer: true,
  },
  password: {
    section: 'Owners and moderators',
    about: 'asks for a new password of the room, or takes it away',
    who: 'owner',
    args: { none: optional(oneOf('none')) },
    asksPassword: true,
    needsServer: true,
  },
  header: {
    section: 'Owners and moderators',
    about: 'has messages say what their senders had seen, after a question: older clients cannot read them',
    who: 'owner',
    args: {},
    needsServer: true,
  },
  hide: {
    section: 'Owners and moderators',
    about: 'takes the room out of the list; off: puts it back',
    who: 'owner',
    args: { state: optional(oneOf('on', 'off')) },
    needsServer: true,
  },
  delete: {
    section: 'Owners and moderators',
    about: 'deletes the room and what is stored of it, after a question',
    who: 'owner',
    args: {},
    needsServer: true,
  },
  me: {
    section: 'Messages',
    about: 'says what one does',
    who: 'member',
    args: { text: required(text) },
  },
  search: {
    section: 'Messages',
    about: 'looks for TEXT in what this machine keeps of the messages',
    who: 'anyone',
    args: { text: required(text) },
  },
  links: {
    section: 'Messages',
    about: 'lists the links in this room; the one you choose is copied, if the config file allows it',
    who: 'anyone',
    args: {},
  },
  clear: {
    section: 'Messages',
    about: 'empties the screen; scrolling up brings the messages back',
    who: 'member',
    args: {},
  },
  notify: {
    section: 'Client',
    about: 'shows or sets which messages of this room notify you: all, mentions or none',
    who: 'member',
    args: { level: optional({ ...oneOf('all', 'mentions', 'none'), shown: 'WHICH' }) },
  },
  help: {
    section: 'Client',
    about: 'shows all keys and commands, or those with WORDS in them',
    who: 'anyone',
    args: { topic: optional(topic) },
  },
  reconnect: {
    section: 'Client',
    about: 'tries to connect now, without waiting for the next attempt',
    who: 'anyone',
    args: {},
  },
  quit: { section: 'Client', about: 'leaves; memberships stay', who: 'anyone', args: {} },
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
  const args = Object.values(commandOf(name).args).map(({ kind, required: isRequired }) =>
    isRequired ? kind.shown : `[${kind.shown}]`,
  );
  return [`/${name}`, ...args].join(' ');
}

export function mayUse(name: CommandName, who: CommandUser): boolean {
  return users.indexOf(who) >= users.indexOf(commandOf(name).who);
}
