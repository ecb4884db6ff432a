import fc from 'fast-check';
import {
  type ChainId,
  type Fingerprint,
  type MessageId,
  parseChainId,
  parseFingerprint,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../../src/protocol/ids.ts';

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test is broken');
  return value;
}

/** So many bytes. */
export const raw = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));

export const user: fc.Arbitrary<UserId> = raw(16).map((bytes) => present(parseUserId(bytes)));
export const room: fc.Arbitrary<RoomId> = raw(16).map((bytes) => present(parseRoomId(bytes)));
export const messageId: fc.Arbitrary<MessageId> = raw(16).map((bytes) => present(parseMessageId(bytes)));
export const chain: fc.Arbitrary<ChainId> = raw(16).map((bytes) => present(parseChainId(bytes)));
export const fingerprint: fc.Arbitrary<Fingerprint> = raw(32).map((bytes) =>
  present(parseFingerprint(bytes)),
);
export const count: fc.Arbitrary<number> = fc.maxSafeNat();
