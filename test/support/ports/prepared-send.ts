import type { Caller } from '../../../src/core/caller.ts';
import type { RoomView } from '../../../src/domain/roster.ts';
import { idFrom, randomId } from '../../../src/lib/random-id.ts';
import { isRefusal, type Refusal } from '../../../src/protocol/error-reply.ts';
import {
  ID_BYTES,
  idBytes,
  parseChainId,
  parseFingerprint,
  parseMessageId,
  type UserId,
} from '../../../src/protocol/ids.ts';
import { encodeMessageHeader, type MessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { WRAP_BYTES } from '../../../src/protocol/limits.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';

/** A chain of messages that the server takes, though nobody could open them. */
export class PreparedSends {
  readonly #sender: UserId;
  readonly #chain = randomId(parseChainId);
  #next = 0;

  constructor({ user }: Pick<Caller, 'user'>) {
    this.#sender = user;
  }

  /** The next one of the chain, or with `number` any. */
  prepare(
    view: Pick<RoomView, 'room' | 'version'> & { readonly members: { readonly length: number } },
    change: Partial<MessageHeader> = {},
  ): RequestBody<'send'> {
    const { room, version, members } = view;
    const number = change.number ?? this.#next;
    this.#next = Math.max(this.#next, number + 1);
    const header = encodeMessageHeader({
      messageId: randomId(parseMessageId),
      room,
      sender: this.#sender,
      senderFingerprint: idFrom(parseFingerprint, new Uint8Array(32)),
      chain: this.#chain,
      number,
      previousHash: new Uint8Array(number === 0 ? 0 : 32),
      rosterVersion: version,
      recipients: new Uint8Array(32),
      passwordNumber: 0,
      sentAt: 1,
      commitment: new Uint8Array(32),
      ...change,
    });
    // Each is made of the number of its recipient.
    const wraps = new Uint8Array(members.length * WRAP_BYTES).map((_, at) => at / WRAP_BYTES);
    return { room, version, header, ciphertext: new Uint8Array(64), wraps };
  }
}

/** Whether one of a message's copies is this reader's. `recipients`: ids one behind the other. */
export function hasCopyFor({ recipients }: { readonly recipients: Uint8Array }, reader: UserId): boolean {
  const id = Buffer.from(idBytes(reader));
  for (let at = 0; at < recipients.length; at += ID_BYTES)
    if (id.equals(recipients.subarray(at, at + ID_BYTES))) return true;
  return false;
}

/** The reply, or a failed test that names the code. */
export function accepted<T extends object>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused} ${outcome.message ?? ''}`);
  return outcome;
}
