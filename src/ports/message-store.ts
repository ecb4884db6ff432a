import type { MessageId, RoomId, UserId } from '../protocol/ids.ts';

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
  /** Milliseconds since 1970. Expired copies are no longer read; the store reclaims their space by itself. */
  readonly expiresAt: number;
}

export type AppendOutcome =
  | { readonly kind: 'stored' }
  /** This sender's message id is stored in this room already. */
  | { readonly kind: 'duplicate'; readonly seq: number; readonly at: number; readonly headerHash: Uint8Array }
  /** Another message, or a void, is at this position. */
  | { readonly kind: 'taken' };

/** What is at one position, for one reader. */
export type PositionRow =
  | {
      readonly seq: number;
      readonly kind: 'own';
      readonly at: number;
      readonly sender: UserId;
      readonly header: Uint8Array;
      readonly ciphertext: Uint8Array;
      readonly wrap: Uint8Array;
    }
  /** A message without a copy for this reader, a void, or one that expired. */
  | { readonly seq: number; readonly kind: 'nothing' };

export interface PageBounds {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly through: number;
  readonly order: 'ascending' | 'descending';
  /** Rows of either kind. */
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

/**
 * Stored copies. Unique on (room, seq) and on (room, sender, message id). Writes are durable (majority) when they
 * resolve; reads see every write that resolved, on any node. All throw Unavailable, after which a write may or may not
 * have happened.
 */
export interface MessageStore {
  /** One batch; the fate of one message does not touch the others. Same order as given. */
  append(messages: readonly NewMessage[]): Promise<readonly AppendOutcome[]>;
  /** The whole message with all its copies, for publishing it again. */
  find(room: RoomId, sender: UserId, messageId: MessageId): Promise<NewMessage | undefined>;
  /** What is stored between the bounds, in order. Positions that are missing in it hold nothing at this moment. */
  page(room: RoomId, reader: UserId, bounds: PageBounds): Promise<readonly PositionRow[]>;
  /**
   * Settles positions: after it resolves each holds a message or a void, and an append that comes later is `taken`.
   * A void is kept until `expiresAt`.
   */
  settle(room: RoomId, positions: readonly number[], expiresAt: number): Promise<void>;
  /**
   * Gives the messages at the next positions above `after`, at most a batch of them, another life. Answers the
   * last position looked at; undefined when there is none above. Copies that expired may be gone, and stay so; roster
   * changes that are still kept stay as long as the copies made under them.
   */
  reexpire(room: RoomId, life: CopyLife, after: number): Promise<number | undefined>;
  /** Removes all of a room that was deleted. */
  purge(room: RoomId): Promise<void>;
}
