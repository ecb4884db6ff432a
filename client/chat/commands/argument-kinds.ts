import {
  EXPIRES_MAX,
  EXPIRES_MIN,
  RETENTION_DAYS_MAX,
  RETENTION_HOURS_MAX,
  ROOM_NAME_CHARS_MAX,
  ROOM_NAME_CHARS_MIN,
  USER_NAME_CHARS_MAX,
  USER_NAME_CHARS_MIN,
} from '../../../src/protocol/limits.ts';
import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../../src/protocol/names.ts';
import { isReaction } from '../../sdk/rooms/message-content.ts';
import type { ShownRoomName } from '../../sdk/shown-room-name.ts';
import { parseShownRoomName } from '../../sdk/shown-room-name.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { lifeText, parseLife } from '../../texts/message-life.ts';

/** Where the words come from that complete an argument. */
export type CompletionSource = 'own-rooms' | 'all-rooms' | 'people' | 'commands' | 'emoji' | 'paths';

export interface ArgumentKind<T> {
  /** In usage lines: ROOM for what one fills in, a word in lower case for itself. */
  readonly shown: string;
  /** Completes the sentence "… is not …". */
  readonly allowed: string;
  /** The argument is all of the rest, spaces included. */
  readonly isRest?: true;
  /** Spaces in it are quoted, as in a shell. */
  readonly isQuoted?: true;
  readonly source?: CompletionSource;
  readonly words?: readonly string[];
  parse(text: string): T | undefined;
}

export interface Argument<T, Required extends boolean> {
  readonly kind: ArgumentKind<T>;
  readonly required: Required;
}

export function required<T>(kind: ArgumentKind<T>): Argument<T, true> {
  return { kind, required: true };
}

export function optional<T>(kind: ArgumentKind<T>): Argument<T, false> {
  return { kind, required: false };
}

const { allowed, argumentNames } = chatTexts;
const roomNames = allowed.room(ROOM_NAME_CHARS_MIN, ROOM_NAME_CHARS_MAX);
const newRoomNames = allowed.new_room(ROOM_NAME_CHARS_MIN, ROOM_NAME_CHARS_MAX);
const withoutMark = (text: string, mark: string): string => (text.startsWith(mark) ? text.slice(1) : text);

/** People write rooms as #name too. */
const parseRoom = (text: string): RoomName | undefined => parseRoomName(withoutMark(text, '#'));

export const anyRoom: ArgumentKind<ShownRoomName> = {
  shown: argumentNames.room,
  allowed: roomNames,
  source: 'all-rooms',
  parse: (text) => parseShownRoomName(withoutMark(text, '#')),
};
export const ownRoom: ArgumentKind<ShownRoomName> = { ...anyRoom, source: 'own-rooms' };
export const newRoom: ArgumentKind<RoomName> = {
  shown: argumentNames.new_room,
  allowed: newRoomNames,
  parse: parseRoom,
};

export const user: ArgumentKind<UserName> = {
  shown: argumentNames.user,
  allowed: allowed.user(USER_NAME_CHARS_MIN, USER_NAME_CHARS_MAX),
  source: 'people',
  parse: (text) => parseUserName(withoutMark(text, '@')),
};

export const prefix: ArgumentKind<string> = {
  shown: argumentNames.prefix,
  allowed: allowed.prefix(ROOM_NAME_CHARS_MAX),
  parse(text) {
    const name = withoutMark(text, '#');
    return /^[A-Za-z0-9]+$/.test(name) && name.length <= ROOM_NAME_CHARS_MAX ? name : undefined;
  },
};

/** Hours, written as days or, as in `12h`, as hours. */
export const keepTime: ArgumentKind<number> = {
  shown: argumentNames.days,
  allowed: allowed.days(RETENTION_DAYS_MAX),
  parse(text) {
    const [, digits, unit] = /^(\d{1,5})(h?)$/i.exec(text) ?? [];
    const hours = digits === undefined ? undefined : Number(digits) * (unit === '' ? 24 : 1);
    return hours !== undefined && hours <= RETENTION_HOURS_MAX ? hours : undefined;
  },
};

/** Seconds that a message is shown; 0 for `off`. */
export const life: ArgumentKind<number> = {
  shown: argumentNames.life,
  allowed: allowed.life(lifeText(EXPIRES_MIN), lifeText(EXPIRES_MAX)),
  words: ['off'],
  parse: (given) => (given.toLowerCase() === 'off' ? 0 : parseLife(given)),
};

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ArgumentKind<Word> {
  return {
    shown: words.join('|'),
    allowed: allowed.words(words),
    words,
    parse: (text) => words.find((word) => word === text.toLowerCase()),
  };
}

export const text: ArgumentKind<string> = {
  shown: argumentNames.text,
  allowed: allowed.text,
  isRest: true,
  parse: (given) => (given.trim() === '' ? undefined : given),
};

export const topic: ArgumentKind<string> = { ...text, shown: argumentNames.topic, source: 'commands' };

/** As somebody types it, or as a terminal pastes it. */
export const path: ArgumentKind<string> = {
  shown: argumentNames.path,
  allowed: allowed.path,
  isQuoted: true,
  source: 'paths',
  parse: (given) => unquoted(given) || undefined,
};

export const fileNumber: ArgumentKind<number> = {
  shown: argumentNames.number,
  allowed: allowed.number,
  parse: (given) => (/^[1-9]\d{0,5}$/.test(given) ? Number(given) : undefined),
};

/** In the list of rooms. */
export const roomPlace: ArgumentKind<number> = { ...fileNumber, allowed: allowed.place };

/** An emoji, or its short name: `:tada:`. */
export const emoji: ArgumentKind<string> = {
  shown: argumentNames.emoji,
  allowed: allowed.emoji,
  source: 'emoji',
  parse: (given) => (shortNameOf(given) !== undefined || isReaction(given) ? given : undefined),
};

/** The name in `:name:`. */
export function shortNameOf(given: string): string | undefined {
  return /^:([a-z0-9_+-]+):$/i.exec(given)?.[1]?.toLowerCase();
}

const QUOTED = /\\(.)|"([^"]*)"|'([^']*)'/gs;
const FIRST_QUOTED = /^(?:\\.|"[^"]*"|'[^']*'|\S)+/s;

/** The first word, whose spaces may be quoted. */
export function quotedWord(text: string): string {
  return FIRST_QUOTED.exec(text)?.[0] ?? text;
}

/** A word without its quotes. */
export function unquoted(word: string): string {
  return word.replace(QUOTED, (_, escaped = '', double = '', single = '') => escaped + double + single);
}

/** A text as one word. */
export function quoted(text: string): string {
  return text.replace(/[\s"'\\]/g, '\\$&');
}
