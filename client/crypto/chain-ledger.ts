import { sameBytes } from '../../src/protocol/bytes.ts';
import type { MessageId } from '../../src/protocol/ids.ts';
import type { ChainName, ChainRecord, ChainRecords, RoomChains } from './chain-store.ts';
import { chainBefore, FOLLOWING_CHAINS_MAX } from './following-chains.ts';

/** What a message whose signature holds says about its place. */
export interface ChainEntry {
  /** The room's position, by the server. */
  readonly position: number;
  /** From the signed header. */
  readonly number: number;
  readonly messageId: MessageId;
  readonly headerHash: Uint8Array;
  readonly previousHash: Uint8Array;
  /** The room stored nothing when this was sent: after a failover, an honest server gives positions again. */
  readonly unstored: boolean;
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

/** What is known of the messages between one of a chain and the accepted one before it. */
export interface Before {
  /** So many have not been accepted, of positions that were read: never sent here, withheld, or refused. */
  readonly missing: number;
  /** Some may stand at positions that were not read. */
  readonly unread: boolean;
}

/** Whether everything between a position and a higher one was read, and could be. */
export type IsRead = (after: number, before: number) => boolean;

export type Admission =
  | ({
      readonly ok: true;
      /** It had been accepted before, at this position. */
      readonly reread: boolean;
    } & Before)
  | { readonly ok: false; readonly reason: ChainFault };

/**
 * Accepts a message into its chain, or says why not; a refused one leaves no trace. Run it inside one transaction.
 *
 * Positions (the server's order) and numbers (the sender's count) of a chain rise together. So a message must fit between
 * the nearest accepted ones on both sides, beyond the ends as well as between them, and when a neighbour's number is
 * directly the one before or after, the later header must name the earlier one's hash. The first message seen is the
 * baseline: it has no neighbours. What was accepted at a position is the only thing accepted there again.
 *
 * A room that stores nothing may begin again at a lower position. There, a message with a higher number than all accepted ones of
 * its chain is none of those, so it begins the chain's positions anew; nothing up to the number before is accepted any more.
 */
export function admit(chains: RoomChains, name: ChainName, entry: ChainEntry, isRead: IsRead): Admission {
  const records = chains(name);
  const known = records.at(entry.position);
  const bound = records.positionOf(entry.messageId);
  if (known !== undefined && sameBytes(known.headerHash, entry.headerHash)) {
    return { ok: true, reread: true, ...beforeRecord(chains, name, known, isRead) };
  }
  if (bound !== undefined) return { ok: false, reason: 'message_id_reused' };
  const last = entry.unstored ? lastBeforeAgain(records, entry) : undefined;
  const fault = last === undefined ? placeFault(records, entry, known) : linkFault(entry, last);
  if (fault !== undefined) return { ok: false, reason: fault };
  if (last !== undefined) records.restart({ position: entry.position - 1, number: last.number });
  const below = records.below(entry.position);
  const { position, number, headerHash, previousHash } = entry;
  const linked = number === 0 || below?.number === number - 1;
  const record: ChainRecord = linked
    ? { position, number, headerHash }
    : { position, number, headerHash, previousHash };
  records.add(record, entry.messageId);
  return { ok: true, reread: false, ...beforeRecord(chains, name, record, isRead) };
}

/** The chain's highest record when this message continues after it at a position that was given before. */
function lastBeforeAgain(records: ChainRecords, { position, number }: ChainEntry): ChainRecord | undefined {
  const last = records.below(Number.POSITIVE_INFINITY);
  return last !== undefined && position <= last.position && number > last.number ? last : undefined;
}

function linkFault({ number, previousHash }: ChainEntry, before: ChainRecord): ChainFault | undefined {
  return number === before.number + 1 && !sameBytes(previousHash, before.headerHash)
    ? 'link_differs'
    : undefined;
}

/** The same for a message that was accepted at this position. */
export function beforeOf(chains: RoomChains, name: ChainName, position: number, isRead: IsRead): Before {
  const record = chains(name).at(position);
  return record === undefined ? { missing: 0, unread: false } : beforeRecord(chains, name, record, isRead);
}

function beforeRecord(chains: RoomChains, name: ChainName, record: ChainRecord, isRead: IsRead): Before {
  const { position, number } = record;
  const records = chains(name);
  const floor = records.floor();
  const below = records.below(position);
  const before =
    below !== undefined || floor !== undefined
      ? { last: below, since: below }
      : formerOf(chains, name, record);
  const lacking = number - (before.last?.number ?? floor?.number ?? -1) - 1;
  if (lacking <= 0) return { missing: 0, unread: false };
  const isCertain = before.since !== undefined && isRead(before.since.position, position);
  return { missing: isCertain ? lacking : 0, unread: !isCertain };
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
  const fault = below === undefined ? undefined : linkFault(entry, below);
  if (fault !== undefined) return fault;
  if (above?.number !== entry.number + 1) return undefined;
  // A direct successor without a kept link can't be: it was recorded while this one was missing.
  const link = above.previousHash;
  return link !== undefined && sameBytes(link, entry.headerHash) ? undefined : 'link_differs';
}

interface Former {
  /** From its number on is counted. */
  readonly last: ChainRecord | undefined;
  /** Everything that its sender sent on the chain that continues it was given a higher position. */
  readonly since: ChainRecord | undefined;
}

/**
 * What was accepted before the first message of a chain that continues one which was left with a message of unknown fate. If that
 * one, or a later one, is the last, it has this number or a higher one: what is missing was told before it.
 *
 * The message of unknown fate may have arrived late, above messages of the chain that continues its own. Only the last one of a chain can
 * be that, since a sender waits for each acknowledgement before it sends the next message, and not number 0, which nothing continues.
 */
function formerOf(
  chains: RoomChains,
  { sender, chain }: ChainName,
  { position, number }: Pick<ChainRecord, 'position' | 'number'>,
): Former {
  let former = chain;
  let last: ChainRecord | undefined;
  for (let step = 0; number > 0 && step < FOLLOWING_CHAINS_MAX; step += 1) {
    former = chainBefore(former);
    const records = chains({ sender, chain: former });
    const highest = records.below(position);
    if (highest === undefined) continue;
    last ??= highest;
    const since = highest.number === 0 ? highest : records.below(highest.position);
    if (since !== undefined) return { last, since };
  }
  return { last, since: undefined };
}
