import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../src/protocol/names.ts';

/** What people call a room: its name; a direct room `@` and the name of the other one. */
export type ShownRoomName = RoomName | `@${UserName}`;

/** The name in `@NAME`; undefined for everything else. */
export function directUserName(room: string): UserName | undefined {
  return room.startsWith('@') ? parseUserName(room.slice(1)) : undefined;
}

/** What people write for a room. Undefined: nothing can be called that. */
export function parseShownRoomName(given: unknown): ShownRoomName | undefined {
  const user = typeof given === 'string' ? directUserName(given) : undefined;
  return user === undefined ? parseRoomName(given) : `@${user}`;
}
