import { randomBytes } from 'node:crypto';
import {
  type Fingerprint,
  ID_BYTES,
  parseChainId,
  parseMessageId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';
import { encodeMessageHeader } from '../../src/protocol/layouts/message-header.ts';

/** From here on MessagePack writes a count in five bytes, so that it can be changed in place. */
export const FIRST_COUNT = 70_000;
/** MessagePack writes the head of a list of more than fifteen, which a header of suite 2 is, in two bytes more. */
const LONG_LIST = 0xdc;
const LONG_LIST_BYTES_MORE = 2;
/** In a header of suite 1: version and suite, and the head of the first id. */
const MESSAGE_ID_AT = 5;
/** Behind the ids of message, room and sender, and the fingerprint. */
const CHAIN_AT = 3 + 18 + 18 + 18 + 34 + 2;
const NUMBER_AT = CHAIN_AT + ID_BYTES + 1;

/** An epoch as a server compares it with the headers of messages under it. */
export interface HeaderEpoch {
  readonly number: number;
  readonly recordHash: Uint8Array;
  readonly recipients: Uint8Array;
}

/** A header that a server accepts, from `sender` in `room`; of suite 2 if it has an epoch. What only recipients check is random. */
export function headerTemplate(
  room: RoomId,
  sender: UserId,
  senderFingerprint: Fingerprint,
  rosterVersion: number,
  epoch?: HeaderEpoch,
): Uint8Array {
  const messageId = parseMessageId(randomBytes(16));
  const chain = parseChainId(randomBytes(16));
  if (messageId === undefined || chain === undefined) throw new Error('not an id');
  return encodeMessageHeader({
    messageId,
    room,
    sender,
    senderFingerprint,
    chain,
    number: FIRST_COUNT,
    previousHash: randomBytes(32),
    rosterVersion,
    recipients: epoch?.recipients ?? randomBytes(32),
    passwordNumber: 0,
    sentAt: Date.now(),
    ...(epoch !== undefined && {
      seen: { position: FIRST_COUNT, headerHash: randomBytes(32) },
      epoch: { number: epoch.number, recordHash: epoch.recordHash, salt: randomBytes(32) },
    }),
    commitment: randomBytes(32),
  });
}

/** Makes the header that lies at `headerAt` in `frame` that of another message, with its number in a chain. */
export function renumber(frame: Buffer, headerAt: number, chain: Uint8Array, number: number): void {
  const at = headerAt + (frame[headerAt] === LONG_LIST ? LONG_LIST_BYTES_MORE : 0);
  frame.set(chain, at + CHAIN_AT);
  frame.writeUInt32BE(number, at + NUMBER_AT);
  // The number alone makes it unique within the chain's sender; the rest of the id stays random.
  frame.writeUInt32BE(number, at + MESSAGE_ID_AT);
}
