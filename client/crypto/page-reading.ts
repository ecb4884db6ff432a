import type { IsRead } from './chain-ledger.ts';
import type { RoomPieces } from './chain-store.ts';
import { isReadBetween, withPage } from './read-pieces.ts';
import type { Reader, ReceivedCopy } from './suite.ts';

/** Remembers what the reader's page speaks for. */
export function notePage(
  read: RoomPieces,
  { page }: Pick<Reader, 'page'>,
  copies: readonly Pick<ReceivedCopy, 'seq' | 'at'>[],
): void {
  if (page === undefined) return;
  const known = read.get();
  const pieces = withPage(known, page, copies);
  if (pieces !== known) read.put(pieces);
}

/** What was read of a room so far. */
export function readingOf(
  read: RoomPieces,
  { page, readableAfter }: Pick<Reader, 'page' | 'readableAfter'>,
): IsRead {
  const known = page === undefined ? undefined : read.get();
  return (after, before) => {
    if (after <= readableAfter) return false;
    if (page === undefined) return true;
    return known !== undefined && isReadBetween(known, after, before, page.aliveAfter);
  };
}
