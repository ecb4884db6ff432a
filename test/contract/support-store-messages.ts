import { expect } from 'vitest';
import type { PositionSpan } from '../../src/domain/position-span.ts';
import type { MessageStore, NewMessage, PositionRow } from '../../src/ports/message-store.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { anyMessage, dayMs, wrapOf } from './support-store.ts';

/** One position as a span. */
export const one = (seq: number): PositionSpan => ({ from: seq, through: seq });
export const soon = (): number => Date.now() + dayMs;
export const everything = {
  after: 0,
  through: Number.MAX_SAFE_INTEGER,
  order: 'ascending',
  limit: 1000,
} as const;

export function ownRow(message: NewMessage, reader: UserId): PositionRow {
  const { seq, at, sender, header, ciphertext } = message;
  return { seq, kind: 'own', at, sender, header, ciphertext, wrap: wrapOf(message, reader) };
}

export function duplicateOf(message: NewMessage): object {
  return { kind: 'duplicate', seq: message.seq, at: message.at, headerHash: message.headerHash };
}

export async function storeNumbered(
  store: MessageStore,
  room: RoomId,
  to: UserId,
  positions: readonly number[],
) {
  const messages = positions.map((seq) => anyMessage({ room, seq, to: [to] }));
  const outcomes = await store.append(messages);
  expect(outcomes).toEqual(messages.map(() => ({ kind: 'stored' })));
  return messages;
}
