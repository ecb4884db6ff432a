import { fromHex, toHex } from './bytes.ts';
import { HASH_BYTES } from './limits.ts';

/**
 * Users, rooms, messages, chains and files are named by 16 random bytes. On the wire and in stores an id is its bytes; in memory
 * it is their lower-case hexadecimal, because that is a cheap key of a Map. Hexadecimal sorts as the bytes do.
 */
export const ID_BYTES = 16;

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Branded<'UserId'>;
export type RoomId = Branded<'RoomId'>;
export type MessageId = Branded<'MessageId'>;
export type ChainId = Branded<'ChainId'>;
export type FileId = Branded<'FileId'>;
export type AnyId = UserId | RoomId | MessageId | ChainId | FileId;

function parseId<Id extends AnyId>(value: unknown): Id | undefined {
  if (value instanceof Uint8Array) return value.length === ID_BYTES ? (toHex(value) as Id) : undefined;
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? (value as Id) : undefined;
}

/** Each takes 16 bytes or 32 lower-case hexadecimal digits; anything else gives undefined. */
export const parseUserId = (value: unknown): UserId | undefined => parseId<UserId>(value);
export const parseRoomId = (value: unknown): RoomId | undefined => parseId<RoomId>(value);
export const parseMessageId = (value: unknown): MessageId | undefined => parseId<MessageId>(value);
export const parseChainId = (value: unknown): ChainId | undefined => parseId<ChainId>(value);
export const parseFileId = (value: unknown): FileId | undefined => parseId<FileId>(value);

export function idBytes(id: AnyId): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(id);
  if (bytes === undefined || bytes.length !== ID_BYTES) throw new TypeError('an id is 32 hexadecimal digits');
  return bytes;
}

/** Two users, told apart by the order of their ids. */
export interface UserPair {
  readonly low: UserId;
  readonly high: UserId;
}

export function pairOf(one: UserId, other: UserId): UserPair {
  return one < other ? { low: one, high: other } : { low: other, high: one };
}

/** H of a user's two public keys: 32 bytes in layouts, 64 lower-case hexadecimal digits in memory and on screen. */
export type Fingerprint = Branded<'Fingerprint'>;

/** Takes 32 bytes or 64 lower-case hexadecimal digits; anything else gives undefined. */
export function parseFingerprint(value: unknown): Fingerprint | undefined {
  if (value instanceof Uint8Array)
    return value.length === HASH_BYTES ? (toHex(value) as Fingerprint) : undefined;
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? (value as Fingerprint) : undefined;
}

export function fingerprintBytes(fingerprint: Fingerprint): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(fingerprint);
  if (bytes === undefined || bytes.length !== HASH_BYTES)
    throw new TypeError('a fingerprint is 64 hexadecimal digits');
  return bytes;
}
