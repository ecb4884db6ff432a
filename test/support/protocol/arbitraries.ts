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

const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
/** Half of them controls and Latin letters. */
const character = fc
  .oneof(fc.nat(0x2ff), fc.nat(0x10_ffff - SURROGATES))
  .map((at) => String.fromCodePoint(at < SURROGATES_FROM ? at : at + SURROGATES));

/** Any characters at all. fast-check's unit `binary` makes a map of all of them first, which takes each process more than a second. */
export const anyText = (lengths: { readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ ...lengths, unit: character });
