import { sameBytes } from '../../src/protocol/bytes.ts';
import type { Seen } from '../../src/protocol/layouts/message-header.ts';
import type { OpenedHeaders } from './chain-store.ts';

/** A message that is being opened, as far as the room's order is concerned. */
export interface OrderClaim {
  readonly position: number;
  readonly headerHash: Uint8Array;
  /** What its sender says that it had seen; undefined in layout 1. */
  readonly seen: Seen | undefined;
  /** It was stored for certain: see ReceivedCopy. */
  readonly stored: boolean;
}

/**
 * Remembers what stands at its position, if that is certain; answers whether its sender was shown another order: another message
 * at a position that was opened here too, or this message's own position, or a later one, before it sealed it. Anything else
 * proves nothing: the claimed position may be for others, expired, or not read yet. Run it inside one transaction.
 */
export function isContradicted(
  opened: OpenedHeaders,
  { position, headerHash, seen, stored }: OrderClaim,
): boolean {
  if (!stored) return false;
  opened.add(position, headerHash);
  if (seen === undefined || seen.position === 0) return false;
  if (seen.position >= position) return true;
  const known = opened.at(seen.position);
  return known !== undefined && !sameBytes(known, seen.headerHash);
}
