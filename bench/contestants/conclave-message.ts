import { randomBytes } from 'node:crypto';
import { FIRST_COUNT, headerTemplate } from '../../loadtest/wire/message-template.ts';
import { encodeDeliver, encodeShared } from '../../src/domain/envelope.ts';
import { randomId } from '../../src/lib/random-id.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import {
  type Fingerprint,
  ID_BYTES,
  idBytes,
  parseFingerprint,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { deliverPrefix } from '../../src/protocol/server-codec.ts';
import type { Place } from './publish-template.ts';

/** In an envelope, whose prefix has the wraps behind it. */
const SEQ_AT = 12;
const PUBLISHED_AT = 20;
const PREFIX_SEQ_AT = 21;
/** What MessagePack writes for a wrap of no bytes. */
const EMPTY_WRAP_BYTES = 2;
/** What MessagePack writes before a wrap. */
const WRAP_HEAD_BYTES = 3;

export interface ConclaveMessage {
  /** What nodes tell each other through Redis. */
  readonly envelope: Uint8Array;
  readonly places: readonly Place[];
  /** Of the `deliver` frame that a recipient gets. */
  readonly frameBytes: number;
  /** From the stamp to the end of that frame: it is the first thing in the ciphertext, which has only the wrap behind it. */
  readonly stampBeforeEnd: number;
}

export interface MessageRoom {
  readonly room: RoomId;
  readonly members: readonly UserId[];
  /** Of the first of them, who sends. */
  readonly fingerprint: Fingerprint;
  readonly version: number;
}

/** A message to all members of a room, with a wrap for each. */
export function conclaveMessage(
  { room, members, fingerprint, version }: MessageRoom,
  ciphertextBytes: number,
): ConclaveMessage {
  const [from] = members;
  if (from === undefined) throw new Error('a room has members');
  const header = headerTemplate(room, from, fingerprint, version);
  const recipients = concatBytes(...[...members].sort().map(idBytes));
  const ciphertext = randomBytes(ciphertextBytes);
  const prefix = deliverPrefix({ room, seq: FIRST_COUNT, at: Date.now(), from, header, ciphertext }, true);
  const wraps = randomBytes((recipients.length / ID_BYTES) * WRAP_BYTES);
  const envelope = encodeDeliver({ seq: 0, publishedAt: 0, recipients, wraps, prefix });
  const wrapsAt = envelope.length - wraps.length;
  return {
    envelope,
    places: [
      { at: SEQ_AT, holds: 'number', as: 'double' },
      { at: PUBLISHED_AT, holds: 'clock', as: 'double' },
      { at: wrapsAt - prefix.length + PREFIX_SEQ_AT, holds: 'number', as: 'uint32' },
      { at: wrapsAt - WRAP_HEAD_BYTES - ciphertextBytes, holds: 'stamp', as: 'double' },
    ],
    frameBytes: prefix.length + WRAP_BYTES,
    stampBeforeEnd: ciphertextBytes + WRAP_HEAD_BYTES + WRAP_BYTES,
  };
}

/** A message of suite 2: one frame for everybody. */
export function sharedMessage(
  { room, members, fingerprint, version }: MessageRoom,
  ciphertextBytes: number,
): ConclaveMessage {
  const [from] = members;
  if (from === undefined) throw new Error('a room has members');
  const epoch = { number: 1, recordHash: randomBytes(32), recipients: randomBytes(32) };
  const header = headerTemplate(room, from, fingerprint, version, epoch);
  const ciphertext = randomBytes(ciphertextBytes);
  const frame = deliverPrefix({ room, seq: FIRST_COUNT, at: Date.now(), from, header, ciphertext }, false);
  const envelope = encodeShared({ seq: 0, publishedAt: 0, epochVersion: version, frame });
  const stampBeforeEnd = ciphertextBytes + EMPTY_WRAP_BYTES;
  return {
    envelope,
    places: [
      { at: SEQ_AT, holds: 'number', as: 'double' },
      { at: PUBLISHED_AT, holds: 'clock', as: 'double' },
      { at: envelope.length - frame.length + PREFIX_SEQ_AT, holds: 'number', as: 'uint32' },
      { at: envelope.length - stampBeforeEnd, holds: 'stamp', as: 'double' },
    ],
    frameBytes: frame.length,
    stampBeforeEnd,
  };
}

/** For those who ask nobody who they are: a room that no gateway knows. */
export function strangersRoom(size: number): MessageRoom {
  const fingerprint = parseFingerprint(randomBytes(32));
  if (fingerprint === undefined) throw new Error('not a fingerprint');
  const members = Array.from({ length: size }, () => randomId(parseUserId));
  // A version for each who joined.
  return { room: randomId(parseRoomId), members, fingerprint, version: size };
}
