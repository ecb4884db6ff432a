import { concatBytes, sameBytes } from '../bytes.ts';
import {
  type Fingerprint,
  fingerprintBytes,
  idBytes,
  parseFingerprint,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../ids.ts';
import { ED25519_SIGNATURE_BYTES, EXPIRES_MAX, EXPIRES_MIN, ROOM_LIFE_BYTES_MAX } from '../limits.ts';
import { decodeStrict, encode, isCount } from '../message-pack.ts';
import { rawContext } from './context.ts';

const ROOM_LIFE_LAYOUT = 1;

/** How long messages of a room stay unless their sender says otherwise. MessagePack array, in this order after the layout. */
export interface RoomLife {
  readonly room: RoomId;
  /** The owner who set it. */
  readonly user: UserId;
  /** Of the identity that signs it. */
  readonly fingerprint: Fingerprint;
  /** Counts the settings of the room from 1, whoever makes them. */
  readonly number: number;
  /** After a reader was shown a message; 0: messages do not disappear. */
  readonly seconds: number;
}

/** As transmitted: `document` ‖ `signature`. */
export interface SignedRoomLife {
  readonly life: RoomLife;
  readonly document: Uint8Array;
  /** The owner's, Ed25519, over roomLifeSignatureInput: 64 bytes. */
  readonly signature: Uint8Array;
}

export function encodeRoomLife({
  room,
  user,
  fingerprint,
  number,
  seconds,
}: RoomLife): Uint8Array<ArrayBuffer> {
  const signer = fingerprintBytes(fingerprint);
  return encode([ROOM_LIFE_LAYOUT, idBytes(room), idBytes(user), signer, number, seconds]);
}

/** `documentHash`: H(document), 32 bytes. */
export function roomLifeSignatureInput(documentHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('room-life', documentHash);
}

export function joinRoomLife({ document, signature }: Omit<SignedRoomLife, 'life'>): Uint8Array<ArrayBuffer> {
  return concatBytes(document, signature);
}

/**
 * Strict: the document must be exactly what encodeRoomLife makes of its fields. Undefined for everything else. Never throws, and
 * checks no signature.
 */
export function parseRoomLife(bytes: Uint8Array): SignedRoomLife | undefined {
  const length = bytes.length - ED25519_SIGNATURE_BYTES;
  if (bytes.length > ROOM_LIFE_BYTES_MAX || length < 1) return undefined;
  const document = bytes.slice(0, length);
  const decoded = decodeStrict(document, { depthMax: 1, itemsMax: 16 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
  const life = fromFields(decoded.value);
  if (life === undefined || !sameBytes(encodeRoomLife(life), document)) return undefined;
  return { life, document, signature: bytes.slice(length) };
}

function fromFields(fields: readonly unknown[]): RoomLife | undefined {
  const [layout, roomField, userField, fingerprintField, number, seconds] = fields;
  const [room, user] = [parseRoomId(roomField), parseUserId(userField)];
  const fingerprint = parseFingerprint(fingerprintField);
  if (layout !== ROOM_LIFE_LAYOUT || fields.length !== 6) return undefined;
  if (room === undefined || user === undefined || fingerprint === undefined) return undefined;
  if (!isCount(number) || number < 1 || !isCount(seconds) || !isRoomLife(seconds)) return undefined;
  return { room, user, fingerprint, number, seconds };
}

/** Whether a room may have it. */
export function isRoomLife(seconds: number): boolean {
  return seconds === 0 || (Number.isInteger(seconds) && seconds >= EXPIRES_MIN && seconds <= EXPIRES_MAX);
}
