import type { WallClock } from '../core/core-parts.ts';
import type { Publisher } from '../core/publisher.ts';
import { encodeDeliver } from '../domain/envelope.ts';
import { roomChannel } from '../ports/broker.ts';
import type { MessageStore, NewMessage } from '../ports/message-store.ts';
import type { MessageId, RoomId, UserId } from '../protocol/ids.ts';
import { deliverPrefix } from '../protocol/server-codec.ts';

/** A message that has its position. */
export type PlacedMessage = Omit<NewMessage, 'messageId' | 'headerHash' | 'expiresAt'>;

/** Puts placed messages on their rooms' channels: encoded once, whatever the number of recipients. */
export class MessagePublishing {
  readonly #publisher: Publisher;
  readonly #messages: MessageStore;
  readonly #clock: WallClock;

  constructor(publisher: Publisher, messages: MessageStore, clock: WallClock) {
    this.#publisher = publisher;
    this.#messages = messages;
    this.#clock = clock;
  }

  /** The bytes are handed to the broker before this returns; resolves after one attempt, never rejects. */
  publish(message: PlacedMessage): Promise<void> {
    const { room, seq, at, sender, header, ciphertext, recipients, wraps } = message;
    const prefix = deliverPrefix({ room, seq, at, from: sender, header, ciphertext }, true);
    const envelope = encodeDeliver({ seq, publishedAt: this.#clock.nowMs(), recipients, wraps, prefix });
    return this.#publisher.publish(roomChannel(room), envelope);
  }

  /** Publishes what is stored under this id again: its first publisher may have died. Undefined: nothing is stored. Throws Unavailable. */
  async publishStored(room: RoomId, sender: UserId, messageId: MessageId): Promise<NewMessage | undefined> {
    const stored = await this.#messages.find(room, sender, messageId);
    if (stored !== undefined) await this.publish(stored);
    return stored;
  }
}
