import type { Echo } from '../../../client/chat/model/entry.ts';
import { activated, emptyModel, type Model, withOwnRooms } from '../../../client/chat/model/model.ts';
import type { Me } from '../../../client/sdk/api.ts';
import type { MessageAction, RoomMessage } from '../../../client/sdk/rooms/room-events.ts';
import {
  parseFileId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';

/** 12:00 on a Tuesday, wherever the test runs. */
export const NOON = new Date(2026, 2, 3, 12, 0).getTime();

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a constant of the tests does not parse');
  return value;
}

const hexId = (kind: string, number: number): string => `${kind}${number.toString(16)}`.padStart(32, '0');

export const userName = (name: string): UserName => given(parseUserName(name));
export const roomName = (name: string): RoomName => given(parseRoomName(name));
export const userIdOf = (number: number): UserId => given(parseUserId(hexId('a', number)));
export const roomIdOf = (number: number): RoomId => given(parseRoomId(hexId('b', number)));

export const ada: Me = {
  server: given(parseOrigin('ws://127.0.0.1:8080')),
  user: userName('ada'),
  id: userIdOf(0),
  fingerprint: '0'.repeat(64),
};

/** The key of each number opens another file. */
export function sampleFile(name: string, number = 0): SharedFile {
  const bytes = new Uint8Array(32).fill(number);
  const file = given(parseFileId(hexId('f', number)));
  return { file, key: bytes, name, type: 'application/pdf', size: 1_400_000, hash: bytes };
}

/** What Ada's client shows with these rooms, the first of them active. */
export function sampleModel(names: readonly string[] = ['Lobby'], head = 0): Model {
  const facts = names.map((name, at) => ({
    id: roomIdOf(at),
    name: roomName(name),
    role: 'member' as const,
    head,
    read: head,
  }));
  const model = withOwnRooms({ ...emptyModel(NOON), me: ada }, facts);
  return activated({ ...model, connection: { state: 'online', roundTripMs: 3 } }, roomIdOf(0));
}

/** A message of the user number `from` (0: Ada). */
export function messageOf(
  seq: number,
  text: string,
  {
    from = 1,
    at = NOON,
    ...other
  }: Partial<Omit<Extract<RoomMessage, { type: 'message' }>, 'from'>> & {
    readonly from?: number;
  } = {},
): Extract<RoomMessage, { type: 'message' }> {
  return {
    type: 'message',
    room: roomName('Lobby'),
    seq,
    id: given(parseMessageId(hexId('c', seq))),
    from: from === 0 ? ada.user : userName(from === 1 ? 'bob' : `user${from}`),
    user: userIdOf(from),
    at,
    status: 'ok',
    trust: 'pinned',
    text,
    ...other,
  };
}

/** What the user number `from` does at position `seq` to the message at `of`, without what it is. */
export function actionOn(of: number, seq: number, from = 1): Omit<MessageAction, 'type'> {
  const { room, id, user, from: name, at, trust } = messageOf(seq, '', { from });
  return { room, seq, id, user, from: name, at, trust, of: messageOf(of, '').id };
}

/** A message of Ada's that is on its way. */
export function echoOf(text: string): Echo {
  const facts = { key: 1, id: undefined, answers: undefined, from: ada.user, text, at: NOON };
  return { ...facts, state: 'pending', reason: undefined };
}

/** `count` messages of Bob that begin after position `after`. */
export function messagesAfter(after: number, count: number): readonly RoomMessage[] {
  return Array.from({ length: count }, (_, at) => messageOf(after + at + 1, `message ${after + at + 1}`));
}
