import type { RoomRecord, RosterChange } from '../../domain/roster.ts';
import type { Account } from '../../ports/identity-store.ts';
import type { OwnRoom, RoomJob, RoomSummary } from '../../ports/room-store.ts';
import type { StoredSecrets } from '../../ports/secret-store.ts';
import { concatBytes } from '../../protocol/bytes.ts';
import {
  role,
  roomLife,
  roomName,
  type SignedIdentity,
  signedIdentity,
  userId,
  userName,
} from '../../protocol/entities.ts';
import { ID_BYTES, idBytes, type RoomId } from '../../protocol/ids.ts';
import {
  HASH_BYTES,
  RETENTION_DAYS_MAX,
  ROOM_BANS_MAX,
  ROOM_MEMBERS_MAX,
  SALT_BYTES,
} from '../../protocol/limits.ts';
import { decodeOwn, encode } from '../../protocol/message-pack.ts';
import { foldName } from '../../protocol/names.ts';
import {
  bool,
  bytes,
  bytesUpTo,
  Fault,
  list,
  map,
  oneOf,
  optional,
  type Parsed,
  type Shape,
  uint,
} from '../../protocol/shape.ts';

import { decodeIds, decodeRoster, encodeRoster, MEMBER_BYTES } from './roster-bytes.ts';

/** What is on the disk is not what this gateway writes: the file is damaged, or there is a bug. */
export class StoredRowFault extends Error {
  override readonly name = 'StoredRowFault';
}

/** A kind of row: MessagePack on the disk, parsed back into its type on the way out. */
export interface RowKind<T> {
  encode(value: T): Buffer;
  /** Throws StoredRowFault. What it gives shares no bytes with the row. */
  decode(row: Uint8Array): T;
}

const caps = { itemsMax: 2 * ROOM_MEMBERS_MAX } as const;

export function rowKind<T>(shape: Shape<T>): RowKind<T> {
  return {
    encode(value) {
      const { buffer, byteOffset, byteLength } = encode(shape.pack(value));
      return Buffer.from(buffer, byteOffset, byteLength);
    },
    decode(row) {
      const decoded = decodeOwn(row, caps);
      if (!decoded.ok) throw new StoredRowFault(`a stored row is ${decoded.reason}`);
      const parsed = shape.parse(decoded.value, 'lenient');
      if (parsed instanceof Fault) throw new StoredRowFault(`a stored row: ${parsed}`);
      return parsed;
    },
  };
}

/** One kind of row in terms of another. */
function mapped<Stored, T>(
  kind: RowKind<Stored>,
  to: (stored: Stored) => T,
  from: (value: T) => Stored,
): RowKind<T> {
  return { encode: (value) => kind.encode(from(value)), decode: (row) => to(kind.decode(row)) };
}

const account = map({
  user: userId,
  name: userName,
  sequence: uint(),
  identity: signedIdentity,
  createdAt: uint(),
  closed: bool,
  behindSince: optional(uint()),
  /** Absent in accounts that never were. */
  disabled: optional(bool),
});
export const accountRow: RowKind<Account> = mapped(
  rowKind(account),
  (stored) => ({ ...stored, disabled: stored.disabled ?? false, folded: foldName(stored.name) }),
  (value) => value,
);
export const identityRow: RowKind<SignedIdentity> = rowKind(signedIdentity);

const member = map({ user: userId, role, identity: uint(), joined: uint(), since: uint() });
const change = map({
  version: uint(),
  kind: oneOf('joined', 'left', 'kicked', 'banned', 'role', 'identity', 'settings'),
  before: optional(member),
  after: optional(member),
  formerOwner: optional(member),
  at: uint(),
});
export const changeRow: RowKind<RosterChange> = rowKind(change);

const direct = map({ low: userId, high: userId, generation: uint() });

const room = map({
  name: roomName,
  hidden: bool,
  retention: uint(RETENTION_DAYS_MAX),
  retentionHours: optional(uint()),
  goneThrough: optional(uint()),
  password: map({
    number: uint(),
    last: optional(uint()),
    salt: optional(bytes(SALT_BYTES)),
    proofHash: optional(bytes(HASH_BYTES)),
  }),
  header: optional(uint()),
  suite: optional(uint()),
  direct: optional(direct),
  life: optional(roomLife),
  version: uint(),
  floor: uint(),
  members: bytesUpTo(ROOM_MEMBERS_MAX * MEMBER_BYTES),
  /** 16 bytes each, ascending; absent: nobody. */
  bans: optional(bytesUpTo(ROOM_BANS_MAX * ID_BYTES)),
  createdAt: uint(),
});
/** A record without what its key and the room's marks say. */
export type StoredRoom = Omit<RoomRecord, 'room' | 'folded' | 'seqCeiling' | 'settledThrough'>;
export const roomRow: RowKind<StoredRoom> = mapped(
  rowKind(room),
  (stored) => {
    const members = decodeRoster(stored.members);
    const bans = decodeIds(stored.bans ?? new Uint8Array(0));
    if (members === undefined || bans === undefined) throw new StoredRowFault('a stored roster is cut');
    return { ...stored, members, bans };
  },
  (value) => ({
    ...value,
    members: encodeRoster(value.members),
    bans: concatBytes(...value.bans.map(idBytes)),
  }),
);

const job = map({ version: uint(), kind: oneOf('retention', 'deleted'), after: uint() });
export const jobRow: RowKind<Omit<RoomJob, 'room'>> = rowKind(job);

const marks = map({ seqCeiling: uint(), settledThrough: uint() });
export type RoomMarks = Parsed<typeof marks>;
export const marksRow: RowKind<RoomMarks> = rowKind(marks);

const summary = map({
  name: roomName,
  members: uint(),
  hasPassword: bool,
  hidden: bool,
  suite: optional(uint()),
  direct: optional(direct),
});
export type StoredSummary = Parsed<typeof summary>;
export const summaryRow: RowKind<StoredSummary> = rowKind(summary);
export function summaryOf(id: RoomId, { direct: _direct, ...stored }: StoredSummary): RoomSummary {
  return { ...stored, room: id, folded: foldName(stored.name) };
}

const membership = map({ role, joined: uint() });
export const membershipRow: RowKind<Pick<OwnRoom, 'role' | 'joined'>> = rowKind(membership);

const SECRET_BYTES_MAX = 1024;
const secrets = map({
  tokenSecrets: list(
    map({ number: uint(), secret: bytesUpTo(SECRET_BYTES_MAX), acceptedUntil: optional(uint()) }),
    64,
  ),
  decoySecret: bytesUpTo(SECRET_BYTES_MAX),
  decoyKeys: list(bytesUpTo(SECRET_BYTES_MAX), 1024),
});
export const secretsRow: RowKind<StoredSecrets> = rowKind(secrets);

const invite = map({ expiresAt: uint(), claimant: optional(bytes(HASH_BYTES)) });
export const inviteRow: RowKind<Parsed<typeof invite>> = rowKind(invite);
