import { randomBytes, randomInt } from 'node:crypto';
import type { RoomRecord, RosterMember } from '../../src/domain/roster.ts';
import type { StoreBackend } from '../../src/ports/backend.ts';
import type { Account } from '../../src/ports/identity-store.ts';
import type { NewMessage } from '../../src/ports/message-store.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import {
  ID_BYTES,
  idBytes,
  type MessageId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import {
  foldName,
  parseRoomName,
  parseUserName,
  type RoomName,
  type UserName,
} from '../../src/protocol/names.ts';

/** Two started handles on one new, empty store: two nodes on one service, or one embedded store twice. */
export interface StorePair extends AsyncDisposable {
  readonly a: StoreBackend;
  readonly b: StoreBackend;
}

export interface StoreLimits {
  readonly changesKeptMax?: number;
}

export type OpenStores = (limits?: StoreLimits) => Promise<StorePair>;

export const dayMs = 24 * 60 * 60 * 1000;

export function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('the test made something that does not parse');
  return value;
}

export const anyRoomId = (): RoomId => given(parseRoomId(randomBytes(ID_BYTES)));
export const anyUserId = (): UserId => given(parseUserId(randomBytes(ID_BYTES)));
export const anyMessageId = (): MessageId => given(parseMessageId(randomBytes(ID_BYTES)));

/** Different at every call; starts with `prefix`. */
export function anyRoomName(prefix = 'Room'): RoomName {
  return given(parseRoomName(prefix + anyLetters()));
}

export function anyUserName(prefix = 'User'): UserName {
  return given(parseUserName(prefix + anyLetters()));
}

/** Ten random letters, all of one case, so that names that differ also fold differently. */
export function anyLetters(): string {
  return Array.from({ length: 10 }, () => String.fromCharCode(97 + randomInt(26))).join('');
}

export function anyMember(fields: Partial<RosterMember> = {}): RosterMember {
  return { user: anyUserId(), role: 'member', identity: 1, joined: 0, since: 1, ...fields };
}

export function ascending(members: readonly RosterMember[]): readonly RosterMember[] {
  return [...members].sort((one, other) => (one.user < other.user ? -1 : 1));
}

export function anyAccount(fields: Partial<Omit<Account, 'folded'>> = {}): Account {
  const name = fields.name ?? anyUserName();
  return {
    user: anyUserId(),
    sequence: 1,
    identity: { document: bytes(300), signatures: bytes(320) },
    createdAt: Date.now(),
    closed: false,
    disabled: false,
    ...fields,
    name,
    folded: foldName(name),
  };
}

export function anyRecord(fields: Partial<Omit<RoomRecord, 'folded'>> = {}): RoomRecord {
  const name = fields.name ?? anyRoomName();
  return {
    room: anyRoomId(),
    hidden: false,
    retention: 30,
    password: { number: 0 },
    version: 1,
    floor: 1,
    members: [anyMember({ role: 'owner' })],
    bans: [],
    createdAt: Date.now(),
    seqCeiling: 0,
    settledThrough: 0,
    ...fields,
    name,
    folded: foldName(name),
  };
}

export interface MessageFields extends Partial<Omit<NewMessage, 'recipients' | 'wraps'>> {
  /** Who gets a copy; in any order. Default: one somebody. */
  readonly to?: readonly UserId[];
}

export function anyMessage(fields: MessageFields = {}): NewMessage {
  const { to, ...rest } = fields;
  const recipients = [...(to ?? [anyUserId()])].sort();
  return {
    room: anyRoomId(),
    seq: 1,
    at: Date.now(),
    sender: anyUserId(),
    messageId: anyMessageId(),
    header: bytes(200),
    headerHash: bytes(32),
    ciphertext: bytes(528),
    expiresAt: Date.now() + dayMs,
    ...rest,
    recipients: concatBytes(...recipients.map(idBytes)),
    wraps: bytes(recipients.length * WRAP_BYTES),
  };
}

/** What one recipient's copy of a message is. */
export function wrapOf(message: NewMessage, user: UserId): Uint8Array {
  const id = Buffer.from(idBytes(user));
  for (let index = 0; index * ID_BYTES < message.recipients.length; index += 1) {
    const recipient = message.recipients.subarray(index * ID_BYTES, (index + 1) * ID_BYTES);
    if (id.equals(recipient)) return message.wraps.subarray(index * WRAP_BYTES, (index + 1) * WRAP_BYTES);
  }
  throw new TypeError('the message has no copy for this user');
}

export function bytes(count: number): Uint8Array {
  return new Uint8Array(randomBytes(count));
}

/** Every byte array inside a value, however deep. */
export function byteArraysIn(value: unknown): readonly Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(byteArraysIn);
}
