import { chatTexts } from '../../texts/chat-texts.ts';
import {
  type Argument,
  anyRoom,
  emoji,
  fileNumber,
  keepTime,
  life,
  newRoom,
  oneOf,
  optional,
  ownRoom,
  path,
  prefix,
  required,
  roomPlace,
  text,
  topic,
  user,
} from './argument-kinds.ts';
import { type Command, type CommandUser, users } from './command.ts';

/** Every /command: the help, the documentation, the parser and the completion are made from this. */
export const commands = {
  join: {
    section: 'rooms',
    who: 'anyone',
    args: { room: optional(anyRoom) },
    asksPassword: true,
  },
  leave: { section: 'rooms', who: 'anyone', args: { room: optional(ownRoom) } },
  create: {
    section: 'rooms',
    who: 'anyone',
    args: {
      room: required(newRoom),
      hidden: optional(oneOf('hidden')),
      password: optional(oneOf('password')),
      hours: optional(keepTime),
    },
    asksPassword: true,
    needsServer: true,
  },
  rooms: { section: 'rooms', who: 'anyone', args: { prefix: optional(prefix) }, needsServer: true },
  members: { section: 'people', who: 'member', args: {}, needsServer: true },
  who: { section: 'people', who: 'anyone', args: { user: optional(user) }, needsServer: true },
  verify: { section: 'people', who: 'anyone', args: { user: required(user) }, needsServer: true },
  trust: { section: 'people', who: 'anyone', args: { user: required(user) }, needsServer: true },
  keys: { section: 'people', who: 'anyone', args: { user: optional(user) } },
  ignore: { section: 'people', who: 'anyone', args: { user: optional(user) } },
  msg: {
    section: 'people',
    who: 'anyone',
    args: { user: required(user), text: optional(text) },
    needsServer: true,
  },
  invite: {
    section: 'people',
    who: 'anyone',
    args: { user: required(user), room: optional(ownRoom) },
    needsServer: true,
  },
  invitations: { section: 'people', who: 'anyone', args: {}, needsServer: true },
  decline: { section: 'people', who: 'anyone', args: { room: optional(anyRoom) }, needsServer: true },
  block: { section: 'people', who: 'anyone', args: { user: required(user) }, needsServer: true },
  unblock: { section: 'people', who: 'anyone', args: { user: required(user) }, needsServer: true },
  blocked: { section: 'people', who: 'anyone', args: {}, needsServer: true },
  kick: {
    section: 'moderation',
    who: 'moderator',
    args: { user: required(user), why: optional(text) },
    needsServer: true,
  },
  ban: {
    section: 'moderation',
    who: 'moderator',
    args: { user: required(user), why: optional(text) },
    needsServer: true,
  },
  unban: { section: 'moderation', who: 'moderator', args: { user: required(user) }, needsServer: true },
  grant: { section: 'moderation', who: 'owner', args: { user: required(user) }, needsServer: true },
  revoke: { section: 'moderation', who: 'owner', args: { user: required(user) }, needsServer: true },
  owner: { section: 'moderation', who: 'owner', args: { user: required(user) }, needsServer: true },
  rename: {
    section: 'moderation',
    who: 'owner',
    args: { room: required(newRoom) },
    needsServer: true,
  },
  retention: {
    section: 'moderation',
    who: 'owner',
    args: { hours: required(keepTime) },
    needsServer: true,
  },
  password: {
    section: 'moderation',
    who: 'owner',
    args: { none: optional(oneOf('none')) },
    asksPassword: true,
    needsServer: true,
  },
  header: { section: 'moderation', who: 'owner', args: {}, needsServer: true },
  hide: {
    section: 'moderation',
    who: 'owner',
    args: { state: optional(oneOf('on', 'off')) },
    needsServer: true,
  },
  delete: { section: 'moderation', who: 'owner', args: {}, needsServer: true },
  me: { section: 'messages', who: 'member', args: { text: required(text) } },
  reply: { section: 'messages', who: 'member', args: { text: required(text) } },
  edit: {
    section: 'messages',
    who: 'member',
    args: { text: optional(text) },
    needsServer: true,
  },
  earlier: { section: 'messages', who: 'anyone', args: {} },
  retract: { section: 'messages', who: 'member', args: {}, needsServer: true },
  remove: {
    section: 'messages',
    who: 'moderator',
    args: { why: optional(text) },
    needsServer: true,
  },
  removed: { section: 'messages', who: 'anyone', args: {} },
  react: {
    section: 'messages',
    who: 'member',
    args: { emoji: optional(emoji) },
    needsServer: true,
  },
  select: {
    section: 'messages',
    who: 'member',
    args: { which: optional(oneOf('older', 'newer')) },
  },
  copy: { section: 'messages', who: 'member', args: {} },
  answered: { section: 'messages', who: 'member', args: {} },
  send: {
    section: 'messages',
    who: 'member',
    args: { path: optional(path), text: optional(text) },
    needsServer: true,
  },
  save: { section: 'messages', who: 'member', args: { number: optional(fileNumber), path: optional(path) } },
  open: { section: 'messages', who: 'member', args: { number: optional(fileNumber) } },
  disappear: {
    section: 'messages',
    who: 'member',
    args: { whose: optional(oneOf('room')), life: optional(life) },
  },
  cancel: { section: 'messages', who: 'anyone', args: {} },
  search: { section: 'messages', who: 'anyone', args: { text: required(text) } },
  links: { section: 'messages', who: 'anyone', args: {} },
  clear: { section: 'messages', who: 'member', args: {} },
  move: { section: 'client', who: 'member', args: { place: optional(roomPlace) } },
  notify: {
    section: 'client',
    who: 'member',
    args: { level: optional({ ...oneOf('all', 'mentions', 'none'), shown: chatTexts.argumentNames.level }) },
  },
  backup: {
    section: 'client',
    who: 'anyone',
    args: { act: optional(oneOf('new', 'delete')) },
    needsServer: true,
  },
  link: { section: 'client', who: 'anyone', args: {}, needsServer: true },
  sync: { section: 'client', who: 'anyone', args: {}, needsServer: true },
  help: { section: 'client', who: 'anyone', args: { topic: optional(topic) } },
  reconnect: { section: 'client', who: 'anyone', args: {} },
  quit: { section: 'client', who: 'anyone', args: {} },
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

/** What it does, in the imperative. */
export function aboutOf(name: CommandName): string {
  return chatTexts.commands[name];
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
