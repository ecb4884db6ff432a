import {
  ROOM_NAME_CHARS_MAX,
  ROOM_NAME_CHARS_MIN,
  USER_NAME_CHARS_MAX,
  USER_NAME_CHARS_MIN,
} from './limits.ts';

declare const brand: unique symbol;

/** As its owner wrote it: ASCII letters and digits only, so look-alikes, controls and bidirectional tricks can't occur. */
export type UserName = string & { readonly [brand]: 'UserName' };
export type RoomName = string & { readonly [brand]: 'RoomName' };
/** A name without regard to case: what uniqueness, pins and challenges go by. */
export type FoldedName = string & { readonly [brand]: 'FoldedName' };

const userName = new RegExp(`^[A-Za-z0-9]{${USER_NAME_CHARS_MIN},${USER_NAME_CHARS_MAX}}$`);
const roomName = new RegExp(`^[A-Za-z0-9]{${ROOM_NAME_CHARS_MIN},${ROOM_NAME_CHARS_MAX}}$`);

export function parseUserName(value: unknown): UserName | undefined {
  return typeof value === 'string' && userName.test(value) ? (value as UserName) : undefined;
}

export function parseRoomName(value: unknown): RoomName | undefined {
  return typeof value === 'string' && roomName.test(value) ? (value as RoomName) : undefined;
}

export function foldName(name: UserName | RoomName): FoldedName {
  return name.toLowerCase() as FoldedName;
}
