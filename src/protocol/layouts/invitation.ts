import { concatBytes, sameBytes } from '../bytes.ts';
import { idBytes, parseRoomId, parseUserId, type RoomId, type UserId } from '../ids.ts';
import { ED25519_SIGNATURE_BYTES, INVITATION_LETTER_BYTES_MAX } from '../limits.ts';
import { decodeStrict, encode, isCount } from '../message-pack.ts';
import { parseRoomName, type RoomName } from '../names.ts';
import { rawContext } from './context.ts';

const INVITATION_LAYOUT = 1;

/** Who invites whom to which room. MessagePack array, in this order after the layout. */
export interface Invitation {
  readonly from: UserId;
  readonly to: UserId;
  readonly room: RoomId;
  /** As the inviter knows the room. */
  readonly name: RoomName;
  /** Milliseconds since 1970 UTC, by the inviter's clock. */
  readonly at: number;
}

/** As transmitted: `document` ‖ `signature`. */
export interface SignedInvitation {
  readonly invitation: Invitation;
  readonly document: Uint8Array;
  /** The inviter's, Ed25519, over invitationSignatureInput: 64 bytes. */
  readonly signature: Uint8Array;
}

export function encodeInvitation({ from, to, room, name, at }: Invitation): Uint8Array<ArrayBuffer> {
  return encode([INVITATION_LAYOUT, idBytes(from), idBytes(to), idBytes(room), name, at]);
}

/** `documentHash`: H(document), 32 bytes. */
export function invitationSignatureInput(documentHash: Uint8Array): Uint8Array<ArrayBuffer> {
  return rawContext('invitation', documentHash);
}

export function joinInvitation({
  document,
  signature,
}: Omit<SignedInvitation, 'invitation'>): Uint8Array<ArrayBuffer> {
  return concatBytes(document, signature);
}

/**
 * Strict: the document must be exactly what encodeInvitation makes of its fields. Undefined for everything else. Never throws, and
 * checks no signature.
 */
export function parseInvitation(letter: Uint8Array): SignedInvitation | undefined {
  const length = letter.length - ED25519_SIGNATURE_BYTES;
  if (letter.length > INVITATION_LETTER_BYTES_MAX || length < 1) return undefined;
  const document = letter.slice(0, length);
  const decoded = decodeStrict(document, { depthMax: 1, itemsMax: 16 });
  if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
  const invitation = fromFields(decoded.value);
  if (invitation === undefined || !sameBytes(encodeInvitation(invitation), document)) return undefined;
  return { invitation, document, signature: letter.slice(length) };
}

function fromFields(fields: readonly unknown[]): Invitation | undefined {
  const [layout, fromField, toField, roomField, nameField, at] = fields;
  const [from, to, room] = [parseUserId(fromField), parseUserId(toField), parseRoomId(roomField)];
  const name = parseRoomName(nameField);
  if (layout !== INVITATION_LAYOUT || fields.length !== 6) return undefined;
  if (from === undefined || to === undefined || room === undefined || name === undefined) return undefined;
  return isCount(at) ? { from, to, room, name, at } : undefined;
}
