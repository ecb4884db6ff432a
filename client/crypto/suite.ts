import type { ChainId, Fingerprint, MessageId, RoomId, UserId } from '../../src/protocol/ids.ts';
import type { Content, SentContent } from '../../src/protocol/layouts/content.ts';
import type { MessageHeader, Seen } from '../../src/protocol/layouts/message-header.ts';
import type { Recipient } from '../../src/protocol/layouts/message-inputs.ts';
import type { ChainStore } from './chain-store.ts';
import type { IdentityKeys } from './identity-keys.ts';
import type { FailureStatus, OpeningFailure } from './opening-failures.ts';
import type { ReadPage } from './read-pieces.ts';
import type { WebKey } from './web-crypto.ts';

/**
 * The group part of the cryptography: how a message is sealed for the members of a room, and opened by one of them.
 * A suite has a number that stands in every header. `Message` is what it seals: the parts that are the same in every suite, and for
 * whom.
 */
export interface Suite<Message extends Pick<MessageParts, 'messageId' | 'content'>> {
  readonly number: number;

  /**
   * Every call draws new keys. To prepare a message again for a changed roster, call it with the same id and
   * number and the new members; to send again what may have arrived, resend the same bytes instead.
   * Throws RangeError when the text is over 16 KiB, TypeError when a user is twice among the members.
   */
  seal(message: Message): Promise<SealedMessage>;

  /**
   * What each of these copies of one room holds, of whichever suite the reader knows enough, in their order: that of their positions. Checks in the order of
   * PROTOCOL.md, "Opening", and names the first failure. Records messages in `reader.chains` when they belong to their chains,
   * and only then: all of them in one step. Never throws for what a server sent; rejects when `reader` does.
   */
  open(copies: readonly ReceivedCopy[], reader: Reader): Promise<readonly OpenedMessage[]>;
}

/** A member as a message is sealed for it; take both from its VerifiedIdentity. */
export interface Member extends Recipient {
  readonly rsaEncrypt: WebKey;
}

/** What a message says in every suite. */
export interface MessageParts {
  readonly messageId: MessageId;
  readonly room: RoomId;
  readonly sender: UserId;
  readonly keys: IdentityKeys;
  /** Drawn once by each running client for each room. */
  readonly chain: ChainId;
  readonly number: number;
  /** What the reply to the `send` of number - 1 named; empty for number 0. */
  readonly previousHash: Uint8Array;
  readonly rosterVersion: number;
  /** 0 for a room without a password. */
  readonly passwordNumber: number;
  /** 32 bytes; undefined exactly when the number is 0. */
  readonly roomSecret: Uint8Array | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly sentAt: number;
  /** Given: the header has layout 2, and says this; else it has layout 1. */
  readonly seen?: Seen | undefined;
  readonly content: SentContent;
}

export interface OutgoingMessage extends MessageParts {
  /** All members at that version, the sender included, in any order. */
  readonly members: readonly Member[];
}

/** An epoch as messages are sealed and opened under it. */
export interface HeldEpoch {
  /** What the server's record says. */
  readonly number: number;
  readonly rosterVersion: number;
  readonly recipients: Uint8Array;
  readonly passwordNumber: number;
  /** H(record), 32 bytes. */
  readonly recordHash: Uint8Array;
  /** 32 bytes. Undefined: not held, or no longer. */
  readonly key: Uint8Array | undefined;
}

/** The byte strings of the request `send`. */
export interface SealedMessage {
  readonly header: Uint8Array;
  /** H(header), 32 bytes. */
  readonly headerHash: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** 256 bytes for each member, in ascending order of user id; empty in suite 2. */
  readonly wraps: Uint8Array;
}

/** A copy as the server handed it over; nothing of it is trusted. */
export interface ReceivedCopy {
  readonly room: RoomId;
  readonly seq: number;
  /**
   * It was certainly stored, so that an honest server gives its position only once; or certainly not, and the position may be
   * given again. Undefined: not known.
   */
  readonly stored?: boolean | undefined;
  /** The server's time, milliseconds since 1970 UTC. */
  readonly at: number;
  readonly from: UserId;
  readonly header: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly wrap: Uint8Array;
}

/** An identity of a user that this reader takes for that user's. */
export interface AcceptedIdentity {
  readonly fingerprint: Fingerprint;
  readonly ed25519Verify: WebKey;
  /** The first roster version of this room at which another identity of the user held; undefined while this one holds. */
  readonly replacedAt: number | undefined;
  /** The last position in this room at which something by this identity may stand; undefined while there is no such bound. */
  readonly lastPosition?: number | undefined;
}

/** What a reader knows. The lookups are asked in the order of the checks, and only when the checks before hold. */
export interface Reader {
  /** Current key first, then those it replaced. */
  readonly rsaDecrypt: readonly WebKey[];
  readonly chains: ChainStore;
  /** Position after which this reader may have copies; gaps are counted from there only. */
  readonly readableAfter: number;
  /** What the copies to open are the whole content of, for this reader. Undefined: of all positions between those that open. */
  readonly page?: ReadPage;
  /**
   * What is accepted for this user, replaced ones included; empty for a stranger. `claimed` is the one that a header names:
   * others need not be there. `no_member`: the user was certainly no member of the room at this roster version.
   */
  acceptedIdentities(
    user: UserId,
    claimed: Fingerprint,
    rosterVersion: number,
  ): Promise<readonly AcceptedIdentity[] | 'no_member'>;
  /** The secret of a password setting, 32 bytes; not asked for number 0. */
  roomSecret(passwordNumber: number): Promise<Uint8Array | undefined>;
  /** What is known of the room's epoch with this number. Without it, nothing of suite 2 opens. */
  epoch?(number: number): Promise<HeldEpoch | undefined>;
  /**
   * The content of a copy of exactly these bytes that opened for this reader before: unwrapping, decrypting and the check of the
   * signature gave what they would give again. All other checks are made.
   */
  recall?(copy: ReceivedCopy): Promise<Uint8Array | undefined>;
  /** recipientsHash of the members at this roster version. Undefined, when it can't be known, marks the message. */
  recipientsHash(rosterVersion: number): Promise<Uint8Array | undefined>;
}

/**
 * `late`: the sender's time and the server's are more than a day apart. `recipients_differ`: sealed for others than the members.
 * `order_contradicted`: its sender had seen another order of messages than was opened here.
 */
export type Mark = 'late' | 'recipients_differ' | 'order_contradicted';

export type OpenedMessage =
  | {
      readonly status: 'ok';
      readonly content: Content;
      /** The content as its sender wrote it, with what this release does not know of it. */
      readonly encoded: Uint8Array;
      readonly header: MessageHeader;
      readonly marks: readonly Mark[];
      /** It had been opened before, at this position. */
      readonly reread: boolean;
      /** Messages of this chain missing between this one and the one opened before it, at positions that were read. */
      readonly missing: number;
      /** Others may stand between the two, at positions that were not read. */
      readonly unread: boolean;
    }
  | {
      readonly status: FailureStatus;
      readonly reason: OpeningFailure;
      /** What the header claims, when it could be read: unproven. */
      readonly header: MessageHeader | undefined;
    };
