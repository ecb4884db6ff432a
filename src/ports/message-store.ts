import type { PositionSpan } from '../domain/position-span.ts';
import { ID_BYTES, type MessageId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';

export interface NewMessage {
  readonly room: RoomId;
  readonly seq: number;
  readonly at: number;
  readonly sender: UserId;
  readonly messageId: MessageId;
  readonly header: Uint8Array;
  readonly headerHash: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** Ids of those who get a copy, 16 bytes each, ascending; wraps in the same order, 256 bytes each. */
  readonly recipients: Uint8Array;
  readonly wraps: Uint8Array;
  /** Of a message of suite 2: the roster version of its epoch. It is everybody's copy, and recipients and wraps are empty. */
  readonly epochVersion?: number;
  /** Milliseconds since 1970. Expired copies are no longer read; the store reclaims their space by itself. */
  readonly expiresAt: number;
}

export type AppendOutcome =
  | { readonly kind: 'stored' }
  /** This sender's message id is stored in this room already. */
  | { readonly kind: 'duplicate'; readonly seq: number; readonly at: number; readonly headerHash: Uint8Array }
  /** Another message is at this position, or it lies in a settled span. */
  | { readonly kind: 'taken' };

/** What is at one position, or in a span without messages, for one reader. */
export type PositionRow =
  | {
      readonly seq: number;
      readonly kind: 'own';
      readonly at: number;
      readonly sender: UserId;
      readonly header: Uint8Array;
      readonly ciphertext: Uint8Array;
      /** Empty in a message of suite 2. */
      readonly wrap: Uint8Array;
      readonly epochVersion?: number;
    }
  /**
   * A settled span, which ends at `seq` and begins at `from` (left out: it is one position); or a message that expired or
   * has no copy for this reader.
   */
  | { readonly seq: number; readonly kind: 'nothing'; readonly from?: number };

export interface PageBounds {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly through: number;
  readonly order: 'ascending' | 'descending';
  /** Rows of either kind. A span is one row, however long. */
  readonly limit: number;
}

/** How long copies of a room live. */
export interface CopyLife {
  /** From when a message was accepted. */
  readonly lifeMs: number;
  /** Milliseconds since 1970: what was accepted up to then is over. */
  readonly goneThrough: number;
}

export function expiryAt(at: number, { lifeMs, goneThrough }: CopyLife): number {
  return at <= goneThrough ? at : at + lifeMs;
}

/** A reader who has no copies: its rows are positions without contents. Ids of people are random, and never this one. */
export const NOBODY: UserId = nobody();

function nobody(): UserId {
  const none = parseUserId('0'.repeat(2 * ID_BYTES));
  if (none === undefined) throw new TypeError('32 digits are an id');
  return none;
}

/**
 * Stored copies. Unique on (room, seq) and on (room, sender, message id). Writes are durable (majority) when they
 * resolve; reads see every write that resolved, on any node. All throw Unavailable, after which a write may or may not
 * have happened.
 *
 * Each position holds at most one thing for good: a message, or its place in a settled span. A span is one record, and
 * an append claims its position in the same unique key space as the span claims all of its own, so one of two that
 * meet fails whole, however long a node slept before it wrote. No clock, lease or transaction takes part in that.
 */
export interface MessageStore {
  /** One batch; the fate of one message does not touch the others. Same order as given. */
  append(messages: readonly NewMessage[]): Promise<readonly AppendOutcome[]>;
  /** The whole message with all its copies, for publishing it again. */
  find(room: RoomId, sender: UserId, messageId: MessageId): Promise<NewMessage | undefined>;
  /**
   * What is stored between the bounds, in order; a span that crosses a bound is clipped to it. Positions that are missing
   * hold nothing at this moment.
   */
  page(room: RoomId, reader: UserId, bounds: PageBounds): Promise<readonly PositionRow[]>;
  /**
   * Settles spans: after it resolves each position in them holds a message or lies in a settled span, and an append that
   * comes later is `taken`. Messages in a span stay, and cut it. A span is kept until `expiresAt`; a new life of the
   * room's messages leaves it alone. True: this call settled all of the spans, whole, so none of them holds a message.
   */
  settle(room: RoomId, spans: readonly PositionSpan[], expiresAt: number): Promise<boolean>;
  /**
   * Gives the messages at the next positions above `after`, at most a batch of them, another life. Answers the
   * last position looked at; undefined when there is none above. Copies that expired may be gone, and stay so; roster
   * changes that are still kept stay as long as the copies made under them.
   */
  reexpire(room: RoomId, life: CopyLife, after: number): Promise<number | undefined>;
  /** Removes all of a room that was deleted. */
  purge(room: RoomId): Promise<void>;
}
