import { type CopyLife, expiryAt } from '../../ports/message-store.ts';
import { removeCopies } from './message-copies.ts';
import { decodePosition, withExpiry } from './message-row.ts';
import { placeIn, removeSpanAt } from './settled-spans.ts';
import { keyOf, NOTHING } from './store-keys.ts';
import type { WriteView } from './write-lane.ts';

/** Removes a message, or the span that ends there, by its key (room, seq), from every table. */
export function removePosition(view: WriteView, key: Buffer): void {
  const { room, seq } = placeIn(key);
  const row = view.get('messages', key);
  if (row === undefined) {
    removeSpanAt(view, room, seq);
    return;
  }
  const stored = decodePosition(row);
  view.remove('messages', key);
  view.remove('message-expiry', keyOf(stored.expiresAt, room, seq));
  if (stored.kind === 'void') return;
  removeCopies(view, key, stored.isChunked);
  view.remove('message-ids', keyOf(room, stored.sender, stored.messageId));
}

/** Gives a message another life from when it was accepted; a void keeps its own. */
export function moveExpiry(view: WriteView, key: Buffer, row: Uint8Array, life: CopyLife): void {
  const stored = decodePosition(row);
  if (stored.kind === 'void') return;
  const { room, seq } = placeIn(key);
  const expiresAt = expiryAt(stored.at, life);
  if (expiresAt === stored.expiresAt) return;
  view.remove('message-expiry', keyOf(stored.expiresAt, room, seq));
  view.put('message-expiry', keyOf(expiresAt, room, seq), NOTHING);
  view.put('messages', key, withExpiry(row, expiresAt));
}
