import { sameBytes } from '../../src/protocol/bytes.ts';
import type { MessageId } from '../../src/protocol/ids.ts';
import type { ChainRecord, ChainRecords } from './chain-store.ts';

/** What a message whose signature holds says about its place. */
export interface ChainEntry {
  /** The room's position, by the server. */
  readonly position: number;
  /** From the signed header. */
  readonly number: number;
  readonly messageId: MessageId;
  readonly headerHash: Uint8Array;
  readonly previousHash: Uint8Array;
}

export type ChainFault =
  /** The id was accepted at another position, or there with another header. */
  | 'message_id_reused'
  /** Another message of this chain was accepted at this position. */
  | 'position_reused'
  /** The number was accepted at another position. */
  | 'number_reused'
  /** Position and number don't rise together with those already accepted. */
  | 'out_of_order'
  /** At or below what was accepted once and has expired. */
  | 'expired'
  /** The neighbour by number is known, and the hash that links the two is another. */
  | 'link_differs';

export type Admission =
  | {
      readonly ok: true;
      /** It had been accepted before, at this position. */
      readonly reread: boolean;
      /** See missingBefore. */
      readonly missing: number;
    }
  | { readonly ok: false; readonly reason: ChainFault };

/**
 * Accepts a message into its chain, or says why not; a refused one leaves no trace. Run it inside one transaction.
 *
 * Positions (the server's order) and numbers (the sender's count) of a chain rise together. So a message must fit between
 * the nearest accepted ones on both sides, beyond the ends as well as between them, and when a neighbour's number is
 * directly the one before or after, the later header must name the earlier one's hash. The first message seen is the
 * baseline: it has no neighbours. What was accepted at a position is the only thing accepted there again.
 */
export function admit(records: ChainRecords, entry: ChainEntry, readableAfter: number): Admission {
  const known = records.at(entry.position);
  const bound = records.positionOf(entry.messageId);
  if (known !== undefined && sameBytes(known.headerHash, entry.headerHash)) {
    return {
      ok: true,
      reread: true,
      missing: missingBetween(records.below(entry.position), known, readableAfter),
    };
  }
  const fault = bound === undefined ? placeFault(records, entry, known) : 'message_id_reused';
  if (fault !== undefined) return { ok: false, reason: fault };
  const below = records.below(entry.position);
  const { position, number, headerHash, previousHash } = entry;
  const linked = number === 0 || below?.number === number - 1;
  const record: ChainRecord = linked
    ? { position, number, headerHash }
    : { position, number, headerHash, previousHash };
  records.add(record, entry.messageId);
  return { ok: true, reread: false, missing: missingBetween(below, record, readableAfter) };
}

/**
 * How many messages of the chain lie between the accepted one at this position and the accepted one before it, and have
 * not been accepted: never sent here, withheld, or refused. 0 when the one before is at or below `readableAfter`, the
 * position after which this reader may have copies (its joining position, or where expired ones end).
 */
export function missingBefore(records: ChainRecords, position: number, readableAfter: number): number {
  const record = records.at(position);
  return record === undefined ? 0 : missingBetween(records.below(position), record, readableAfter);
}

function missingBetween(below: ChainRecord | undefined, record: ChainRecord, readableAfter: number): number {
  return below === undefined || below.position <= readableAfter ? 0 : record.number - below.number - 1;
}

function placeFault(
  records: ChainRecords,
  entry: ChainEntry,
  known: ChainRecord | undefined,
): ChainFault | undefined {
  if (known !== undefined) return 'position_reused';
  const floor = records.floor();
  if (floor !== undefined && (entry.position <= floor.position || entry.number <= floor.number))
    return 'expired';
  const below = records.below(entry.position);
  const above = records.above(entry.position);
  if (below?.number === entry.number || above?.number === entry.number) return 'number_reused';
  if (below !== undefined && below.number > entry.number) return 'out_of_order';
  if (above !== undefined && above.number < entry.number) return 'out_of_order';
  if (below?.number === entry.number - 1 && !sameBytes(entry.previousHash, below.headerHash))
    return 'link_differs';
  if (above?.number !== entry.number + 1) return undefined;
  // A direct successor without a kept link can't be: it was recorded while this one was missing.
  const link = above.previousHash;
  return link !== undefined && sameBytes(link, entry.headerHash) ? undefined : 'link_differs';
}
