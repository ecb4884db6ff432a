import {
  type FileId,
  parseFileId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../protocol/ids.ts';
import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../protocol/names.ts';

/** Reading back what this adapter wrote. A value that does not parse was written by something else: a bug, so it throws. */
function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new TypeError(`the store holds a broken ${what}`);
  return value;
}

export const storedUserId = (value: unknown): UserId => known(parseUserId(value), 'user id');
export const storedRoomId = (value: unknown): RoomId => known(parseRoomId(value), 'room id');
export const storedUserName = (value: unknown): UserName => known(parseUserName(value), 'user name');
export const storedFileId = (value: unknown): FileId => known(parseFileId(value), 'file id');
export const storedRoomName = (value: unknown): RoomName => known(parseRoomName(value), 'room name');

/** What the driver gives are windows on a whole network message: a copy lets that go. */
export function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
