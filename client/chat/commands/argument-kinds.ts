import {
  RETENTION_DAYS_MAX,
  ROOM_NAME_CHARS_MAX,
  ROOM_NAME_CHARS_MIN,
  USER_NAME_CHARS_MAX,
  USER_NAME_CHARS_MIN,
} from '../../../src/protocol/limits.ts';
import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../../src/protocol/names.ts';
import { isReaction } from '../../sdk/rooms/message-content.ts';

/** Where the words come from that complete an argument. */
export type CompletionSource = 'own-rooms' | 'all-rooms' | 'people' | 'commands' | 'emoji';

export interface ArgumentKind<T> {
  /** In usage lines: ROOM for what one fills in, a word in lower case for itself. */
  readonly shown: string;
  /** Completes the sentence "… is not …". */
  readonly allowed: string;
  /** The argument is all of the rest, spaces included. */
  readonly isRest?: true;
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

const roomNames = `a room name: ${ROOM_NAME_CHARS_MIN} to ${ROOM_NAME_CHARS_MAX} ASCII letters and digits`;
const withoutMark = (text: string, mark: string): string => (text.startsWith(mark) ? text.slice(1) : text);

/** People write rooms as #name too. */
const parseRoom = (text: string): RoomName | undefined => parseRoomName(withoutMark(text, '#'));

export const anyRoom: ArgumentKind<RoomName> = {
  shown: 'ROOM',
  allowed: roomNames,
  source: 'all-rooms',
  parse: parseRoom,
};
export const ownRoom: ArgumentKind<RoomName> = { ...anyRoom, source: 'own-rooms' };
export const newRoom: ArgumentKind<RoomName> = { shown: 'NAME', allowed: roomNames, parse: parseRoom };

export const user: ArgumentKind<UserName> = {
  shown: 'USER',
  allowed: `a user name: ${USER_NAME_CHARS_MIN} to ${USER_NAME_CHARS_MAX} ASCII letters and digits`,
  source: 'people',
  parse: (text) => parseUserName(withoutMark(text, '@')),
};

export const prefix: ArgumentKind<string> = {
  shown: 'PREFIX',
  allowed: `the beginning of a room name: up to ${ROOM_NAME_CHARS_MAX} ASCII letters and digits`,
  parse(text) {
    const name = withoutMark(text, '#');
    return /^[A-Za-z0-9]+$/.test(name) && name.length <= ROOM_NAME_CHARS_MAX ? name : undefined;
  },
};

export const days: ArgumentKind<number> = {
  shown: 'DAYS',
  allowed: `a number of days from 0 (nothing is stored) to ${RETENTION_DAYS_MAX}`,
  parse: (text) => (/^\d{1,4}$/.test(text) && Number(text) <= RETENTION_DAYS_MAX ? Number(text) : undefined),
};

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ArgumentKind<Word> {
  return {
    shown: words.join('|'),
    allowed: words.map((word) => `"${word}"`).join(' or '),
    words,
    parse: (text) => words.find((word) => word === text.toLowerCase()),
  };
}

export const text: ArgumentKind<string> = {
  shown: 'TEXT',
  allowed: 'a text',
  isRest: true,
  parse: (given) => (given.trim() === '' ? undefined : given),
};

export const topic: ArgumentKind<string> = { ...text, shown: 'WORDS', source: 'commands' };

/** An emoji, or its short name: `:tada:`. */
export const emoji: ArgumentKind<string> = {
  shown: 'EMOJI',
  allowed: 'an emoji, or the name of one such as :tada:',
  source: 'emoji',
  parse: (given) => (shortNameOf(given) !== undefined || isReaction(given) ? given : undefined),
};

/** The name in `:name:`. */
export function shortNameOf(given: string): string | undefined {
  return /^:([a-z0-9_+-]+):$/i.exec(given)?.[1]?.toLowerCase();
}
