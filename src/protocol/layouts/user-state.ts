import { concatBytes, fromHex, sameBytes, toHex } from '../bytes.ts';
import { idBytes, parseRoomId, type RoomId, type UserId } from '../ids.ts';
import { USER_STATE_BYTES_MAX, USER_STATE_IGNORED_MAX, USER_STATE_ROOMS_MAX } from '../limits.ts';
import { decodeStrict, encode, isBytes, isCount } from '../message-pack.ts';
import { type FoldedName, foldName, parseUserName } from '../names.ts';
import type { Origin } from '../origin.ts';
import { listContext, rawContext } from './context.ts';
import { padTo, unpad } from './padding.ts';

/*
 * What the devices of a user share about reading: MessagePack, padded, sealed.
 *
 *     content   = [reads, levels, ignored, order]
 *     plaintext = content ‖ 0x80 ‖ zeros, up to 4, 8, 16, 32 or 64 KiB
 *     sealed    = layout 1 ‖ nonce 12 ‖ AES-256-GCM(key, nonce, associated data, plaintext) ‖ tag 16
 */

export const USER_STATE_LAYOUT = 1;
export const USER_STATE_NONCE_BYTES = 12;
const HEAD_BYTES: number = 1 + USER_STATE_NONCE_BYTES;
const TAG_BYTES = 16;
const SMALLEST_PLAINTEXT_BYTES = 4 * 1024;
const PLAINTEXT_BYTES_MAX: number = USER_STATE_BYTES_MAX - HEAD_BYTES - TAG_BYTES;
export const CHANGE_TAG_BYTES = 8;

/** Which messages of a room somebody is told of. */
export type NotifyLevel = 'all' | 'mentions' | 'none';
/** The place in this list is the number in the layout. */
export const notifyLevels = ['all', 'mentions', 'none'] as const satisfies readonly NotifyLevel[];

/** Of rooms whose level was never set. */
export const NOTIFY_DEFAULT: NotifyLevel = 'mentions';

/** A value and the change that set it: of two changes, the one with the higher counter counts, then the one with the higher tag. */
export interface Changed<T> {
  readonly value: T;
  /** 0: never changed. */
  readonly counter: number;
  /** 8 random bytes, in hexadecimal. */
  readonly tag: string;
}

export interface UserState {
  /** The last position that was read. */
  readonly reads: ReadonlyMap<RoomId, number>;
  readonly levels: ReadonlyMap<RoomId, Changed<NotifyLevel>>;
  /** Also of people who are not ignored any more. */
  readonly ignored: ReadonlyMap<FoldedName, Changed<boolean>>;
  /** Rooms in the order that the user gave them; others follow by name. */
  readonly order: Changed<readonly RoomId[]>;
}

/** Of the identity in force: what its state is sealed with is derived from its Ed25519 seed. */
export const userStateKeyInfo = (): Uint8Array<ArrayBuffer> => rawContext('state-key');

/** What a sealed state is bound to. */
export interface UserStatePlace {
  /** The address that the client dialled. */
  readonly origin: Origin;
  readonly user: UserId;
  readonly version: number;
}

/** Associated data. */
export function userStateContext({ origin, user, version }: UserStatePlace): Uint8Array<ArrayBuffer> {
  return listContext('state', [origin, idBytes(user), version, USER_STATE_LAYOUT]);
}

/** Entries ascend by room and by name, so equal states are equal bytes. */
export function encodeUserState({ reads, levels, ignored, order }: UserState): Uint8Array<ArrayBuffer> {
  return encode([
    ascending(reads).map(([room, seq]) => [idBytes(room), seq]),
    ascending(levels).map(([room, { value, ...change }]) => [
      ...[idBytes(room), notifyLevels.indexOf(value)],
      ...changeFields(change),
    ]),
    ascending(ignored).map(([name, { value, ...change }]) => [name, value, ...changeFields(change)]),
    [order.value.map(idBytes), ...changeFields(order)],
  ]);
}

/** Strict: the bytes must be exactly what encodeUserState makes of what they say. Undefined for everything else. Never throws. */
export function parseUserState(content: Uint8Array): UserState | undefined {
  const itemsMax = Math.max(USER_STATE_ROOMS_MAX, USER_STATE_IGNORED_MAX);
  const decoded = decodeStrict(content, { depthMax: 3, itemsMax, valuesMax: 16 * itemsMax });
  if (!decoded.ok) return undefined;
  const [reads, levels, ignored, order] = listOf(decoded.value);
  const state = {
    reads: entriesOf(reads, USER_STATE_ROOMS_MAX, parseRoomId, ([seq]) => (isCount(seq) ? seq : undefined)),
    levels: entriesOf(levels, USER_STATE_ROOMS_MAX, parseRoomId, ([level, ...change]) =>
      changedOf(isCount(level) ? notifyLevels[level] : undefined, change),
    ),
    ignored: entriesOf(ignored, USER_STATE_IGNORED_MAX, foldedName, ([value, ...change]) =>
      changedOf(typeof value === 'boolean' ? value : undefined, change),
    ),
    order: changedOf(roomsOf(listOf(order)[0]), listOf(order).slice(1)),
  };
  if (!isWhole(state)) return undefined;
  return sameBytes(encodeUserState(state), content) ? state : undefined;
}

/** Throws RangeError for more than a state has room for. */
export function padUserState(content: Uint8Array): Uint8Array<ArrayBuffer> {
  if (content.length >= PLAINTEXT_BYTES_MAX)
    throw new RangeError(`a state has less than ${PLAINTEXT_BYTES_MAX} bytes`);
  return padTo(paddedBytes(content.length), content);
}

/** Undefined when it is not what padUserState() makes. */
export function unpadUserState(padded: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return unpad(padded, paddedBytes);
}

export function joinSealedState(nonce: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(Uint8Array.of(USER_STATE_LAYOUT), nonce, ciphertext);
}

/** `newer`: its layout is one of a later release. Undefined: it is no sealed state at all. */
export function splitSealedState(
  sealed: Uint8Array,
): { readonly nonce: Uint8Array; readonly ciphertext: Uint8Array } | 'newer' | undefined {
  const [layout = 0] = sealed;
  if (layout > USER_STATE_LAYOUT) return 'newer';
  if (layout !== USER_STATE_LAYOUT || sealed.length < HEAD_BYTES + TAG_BYTES) return undefined;
  return { nonce: sealed.slice(1, HEAD_BYTES), ciphertext: sealed.slice(HEAD_BYTES) };
}

function paddedBytes(contentBytes: number): number {
  let length = SMALLEST_PLAINTEXT_BYTES;
  while (length <= contentBytes) length *= 2;
  return length;
}

function ascending<Key extends string, T>(entries: ReadonlyMap<Key, T>): readonly (readonly [Key, T])[] {
  return [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
}

function changeFields({ counter, tag }: Omit<Changed<unknown>, 'value'>): readonly [number, Uint8Array] {
  const bytes = fromHex(tag);
  if (bytes?.length !== CHANGE_TAG_BYTES) throw new TypeError('a tag is 16 hexadecimal digits');
  return [counter, bytes];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function foldedName(value: unknown): FoldedName | undefined {
  const name = parseUserName(value);
  return name === undefined ? undefined : foldName(name);
}

function roomsOf(value: unknown): readonly RoomId[] | undefined {
  if (!Array.isArray(value) || value.length > USER_STATE_ROOMS_MAX) return undefined;
  const rooms = value.flatMap((each) => parseRoomId(each) ?? []);
  return rooms.length === value.length && new Set(rooms).size === rooms.length ? rooms : undefined;
}

function changedOf<T>(value: T | undefined, [counter, tag]: readonly unknown[]): Changed<T> | undefined {
  if (value === undefined || !isCount(counter) || !isBytes(tag, CHANGE_TAG_BYTES)) return undefined;
  return { value, counter, tag: toHex(tag) };
}

function entriesOf<Key, T>(
  value: unknown,
  max: number,
  parseKey: (key: unknown) => Key | undefined,
  parseFields: (fields: readonly unknown[]) => T | undefined,
): ReadonlyMap<Key, T> | undefined {
  if (!Array.isArray(value) || value.length > max) return undefined;
  const entries = new Map<Key, T>();
  for (const each of value) {
    const [first, ...fields] = listOf(each);
    const [key, parsed] = [parseKey(first), parseFields(fields)];
    if (key === undefined || parsed === undefined) return undefined;
    entries.set(key, parsed);
  }
  return entries;
}

function isWhole(
  state: { readonly [Field in keyof UserState]: UserState[Field] | undefined },
): state is UserState {
  return Object.values(state).every((field) => field !== undefined);
}
