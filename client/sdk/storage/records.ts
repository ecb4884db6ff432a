import { directRoom, role, roomId, roomLife, roomName, userId } from '../../../src/protocol/entities.ts';
import { ID_BYTES } from '../../../src/protocol/ids.ts';
import { ROOM_SECRET_BYTES } from '../../../src/protocol/layouts/room-password.ts';
import { FILE_KEY_BYTES, HASH_BYTES, TOKEN_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { decodeStrict, encode } from '../../../src/protocol/message-pack.ts';
import {
  bool,
  bytes,
  bytesUpTo,
  Fault,
  list,
  type MapShape,
  map,
  optional,
  type Parsed,
  text,
  uint,
} from '../../../src/protocol/shape.ts';
import type { StateStore, StateTable } from './state-store.ts';

/** The forms of the records in a StateStore. Fields may be added as optional ones; unknown ones are skipped. */

/** `session/token` */
export const tokenRecord = map({ token: bytesUpTo(TOKEN_BYTES_MAX), until: uint() });
/** `session/me`: the id that the server gave this account. */
export const meRecord = map({ user: userId });
/** `session/prekeys`: whose keys signed the prekeys that this profile published, up to which of their weeks, and when. */
export const prekeysRecord = map({
  fingerprint: bytes(HASH_BYTES),
  through: uint(),
  /** Milliseconds since 1970. Absent: an earlier release published them. */
  at: optional(uint()),
});
/** `session/closed`: when the user closed this account, in milliseconds since 1970. */
export const closedRecord = map({ at: uint() });
/** How long messages of a room stay by default, and the whole of what an owner signed about it. */
const pinnedLife = map({ number: uint(), seconds: uint(), signed: roomLife });
export type PinnedLife = Parsed<typeof pinnedLife>;
/** `rooms/ROOM-ID`: the rooms that the user is a member of. */
export const roomRecord = map({
  name: roomName,
  role,
  joined: uint(),
  head: uint(),
  direct: optional(directRoom),
});
export type RoomRecord = Parsed<typeof roomRecord>;
/** `room-names/FOLDED-NAME`, `room-names/#ROOM-ID` and `room-names/@USER-ID`: see RoomPins. */
export const roomPinRecord = map({
  room: roomId,
  /** The room had a password. */
  locked: bool,
  /** Under a name: the room has this one now, and this one is its former name. */
  renamed: optional(roomName),
  /** Under an id: the highest number of a password, and the highest roster version, that anything was sealed under. */
  password: optional(uint()),
  roster: optional(uint()),
  /** Under an id: the highest layout of headers. */
  header: optional(uint()),
  /** Under an id: the highest suite that was told. */
  suite: optional(uint()),
  /** Under an id: where the membership began, as the server told it last. */
  joined: optional(uint()),
  /** Under an id: the life of its messages with the highest number, as an owner signed it. */
  life: optional(pinnedLife),
  /** Under a user's id: the highest generation of direct rooms with that user. */
  generation: optional(uint()),
});
export type RoomPin = Parsed<typeof roomPinRecord>;
/** `reads/ROOM-ID` */
export const readRecord = map({ seq: uint() });
/** `secrets/ROOM-ID.NUMBER`: the room secret of one password setting. */
export const secretRecord = map({ secret: bytes(ROOM_SECRET_BYTES) });
/** `uploads/FILE-ID`: an upload that is not finished. `hash` is the SHA-256 of what it holds, `at` when it began. */
export const uploadRecord = map({
  room: roomId,
  hash: bytes(HASH_BYTES),
  key: bytes(FILE_KEY_BYTES),
  at: uint(),
});
/** Chains of one room that are kept: so many processes may send in it at the same moment and go on later. */
export const SENDER_CHAINS_MAX = 16;
/** `sender-chains/ROOM-ID`: see SenderChains. The chain that was used last stands last. */
export const senderChainsRecord = map({
  /** Of Sharing. */
  copy: text(64),
  /** When one was used last. */
  at: uint(),
  chains: list(
    map({
      chain: bytes(ID_BYTES),
      number: uint(),
      previousHash: bytesUpTo(HASH_BYTES),
      checked: uint(),
      holder: optional(text(64)),
    }),
    SENDER_CHAINS_MAX,
  ),
});

export function packRecord<T>(shape: MapShape<T>, value: T): Uint8Array {
  return encode(shape.pack(value));
}

/** Undefined for what no version of this client wrote. */
export function parseRecord<T>(shape: MapShape<T>, value: Uint8Array | undefined): T | undefined {
  if (value === undefined) return undefined;
  const decoded = decodeStrict(value, { depthMax: 6, itemsMax: 1024 });
  const parsed = decoded.ok ? shape.parse(decoded.value, 'lenient') : undefined;
  return parsed instanceof Fault ? undefined : parsed;
}

export async function getRecord<T>(
  state: StateStore,
  table: StateTable,
  key: string,
  shape: MapShape<T>,
): Promise<T | undefined> {
  return parseRecord(shape, await state.get(table, key));
}

export async function putRecord<T>(
  state: StateStore,
  table: StateTable,
  key: string,
  shape: MapShape<T>,
  value: T,
): Promise<void> {
  await state.update(table, key, () => ({ value: packRecord(shape, value), result: undefined }));
}

export async function deleteRecord(state: StateStore, table: StateTable, key: string): Promise<void> {
  await state.update(table, key, () => ({ value: 'deleted', result: undefined }));
}
