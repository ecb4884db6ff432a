import { type CopyLife, expiryAt } from '../../ports/message-store.ts';
import { parseRoomId } from '../../protocol/ids.ts';
import { decodePosition, withExpiry } from './message-row.ts';
import { keyOf, numberAt } from './store-keys.ts';
import { StoredRowFault } from './stored-rows.ts';
import type { WriteView } from './write-lane.ts';

const ROOM_BYTES = 16;
const NOTHING = Buffer.from([0]);

/** Removes a message or void, by its key (room, seq), from every table. */
export function removePosition(view: WriteView, key: Buffer): void {
  const row = view.get('messages', key);
  const room = parseRoomId(new Uint8Array(key.subarray(0, ROOM_BYTES)));
  if (row === undefined) return;
  if (room === undefined) throw new StoredRowFault('a message is in no room');
  const stored = decodePosition(row);
  view.remove('messages', key);
  view.remove('message-expiry', keyOf(stored.expiresAt, room, numberAt(key, ROOM_BYTES)));
  if (stored.kind === 'void') return;
  view.remove('copies', key);
  view.remove('message-ids', keyOf(room, stored.sender, stored.messageId));
}

/** Gives a message another life from when it was accepted; a void keeps its own. */
export function moveExpiry(view: WriteView, key: Buffer, row: Uint8Array, life: CopyLife): void {
  const room = parseRoomId(new Uint8Array(key.subarray(0, ROOM_BYTES)));
  if (room === undefined) throw new StoredRowFault('a message is in no room');
  const stored = decodePosition(row);
  if (stored.kind === 'void') return;
  const seq = numberAt(key, ROOM_BYTES);
  const expiresAt = expiryAt(stored.at, life);
  if (expiresAt === stored.expiresAt) return;
  view.remove('message-expiry', keyOf(stored.expiresAt, room, seq));
  view.put('message-expiry', keyOf(expiresAt, room, seq), NOTHING);
  view.put('messages', key, withExpiry(row, expiresAt));
}
