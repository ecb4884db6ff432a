import type { NewMessage, PositionRow } from '../../ports/message-store.ts';
import { concatBytes, fromHex, toHex } from '../../protocol/bytes.ts';
import { ID_BYTES, idBytes, type MessageId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { WRAP_BYTES } from '../../protocol/limits.ts';
import { copied, storedUserId } from './stored-value.ts';

export interface StoredMessage {
  readonly room: Uint8Array;
  readonly seq: number;
  readonly at: number;
  readonly sender: Uint8Array;
  readonly messageId: Uint8Array;
  readonly header: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** Wraps by user id in hexadecimal, so that a projection can pick one reader's. */
  readonly copies: Readonly<Record<string, Uint8Array>>;
  readonly expiresAt: Date;
}

/**
 * A position that will never hold a message. Its `messageId` is the position in 8 bytes, and so no real one: one plain
 * unique index on (room, sender, messageId) serves both, without a partial filter that every query would have to repeat.
 */
interface StoredVoid {
  readonly room: Uint8Array;
  readonly seq: number;
  readonly messageId: Uint8Array;
  readonly expiresAt: Date;
}

export type PositionDocument = StoredVoid & Partial<StoredMessage>;

/** What page() asks for of each position: `own` is there only where the reader has a copy that lives. */
export interface PageRow {
  readonly seq: number;
  readonly own?: Pick<StoredMessage, 'at' | 'sender' | 'header' | 'ciphertext'> & {
    readonly wrap: Uint8Array;
  };
}

export function messageDocument(message: NewMessage): StoredMessage {
  const { seq, at, header, headerHash, ciphertext, expiresAt } = message;
  return {
    room: idBytes(message.room),
    seq,
    at,
    sender: idBytes(message.sender),
    messageId: idBytes(message.messageId),
    header,
    headerHash,
    ciphertext,
    copies: copiesOf(message),
    expiresAt: new Date(expiresAt),
  };
}

export function voidDocument(room: RoomId, seq: number, expiresAt: number): StoredVoid {
  const messageId = new Uint8Array(8);
  new DataView(messageId.buffer).setFloat64(0, seq);
  return { room: idBytes(room), seq, messageId, expiresAt: new Date(expiresAt) };
}

export function messageOf(
  document: StoredMessage,
  id: { readonly room: RoomId; readonly sender: UserId; readonly messageId: MessageId },
): NewMessage {
  const users = Object.keys(document.copies).sort();
  return {
    ...id,
    seq: document.seq,
    at: document.at,
    header: copied(document.header),
    headerHash: copied(document.headerHash),
    ciphertext: copied(document.ciphertext),
    recipients: concatBytes(...users.map((user) => fromHex(user) ?? new Uint8Array())),
    wraps: concatBytes(...users.map((user) => document.copies[user] ?? new Uint8Array())),
    expiresAt: document.expiresAt.getTime(),
  };
}

/** Leaves everything but the position out where the reader has no living copy: no ciphertext travels for nothing. */
export function pageFields(reader: UserId, now: Date): object {
  const wrap = `$copies.${reader}`;
  const isOwn = { $and: [{ $gt: ['$expiresAt', now] }, { $eq: [{ $type: wrap }, 'binData'] }] };
  const own = { at: '$at', sender: '$sender', header: '$header', ciphertext: '$ciphertext', wrap };
  return { _id: 0, seq: 1, own: { $cond: [isOwn, own, '$$REMOVE'] } };
}

export function positionRowOf({ seq, own }: PageRow): PositionRow {
  if (own === undefined) return { seq, kind: 'nothing' };
  return {
    seq,
    kind: 'own',
    at: own.at,
    sender: storedUserId(own.sender),
    header: copied(own.header),
    ciphertext: copied(own.ciphertext),
    wrap: copied(own.wrap),
  };
}

function copiesOf({ recipients, wraps }: NewMessage): Record<string, Uint8Array> {
  const copies: Record<string, Uint8Array> = {};
  for (let index = 0; index * ID_BYTES < recipients.length; index += 1) {
    const user = toHex(recipients.subarray(index * ID_BYTES, (index + 1) * ID_BYTES));
    copies[user] = wraps.subarray(index * WRAP_BYTES, (index + 1) * WRAP_BYTES);
  }
  return copies;
}
