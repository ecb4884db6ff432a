import type { Origin } from '../src/protocol/origin.ts';
import type { Parameters } from './parameters.ts';

/** What the preparation leaves for the k6 scripts: `cast.json`, and beside it `frames.txt`, one frame a line in base64. */
export interface Cast {
  readonly scenario: string;
  readonly parameters: Parameters;
  /** What is dialled. */
  readonly url: string;
  /** What the clients say that they dialled. */
  readonly origin: Origin;
  /** Where members dial that read slowly: a relay that throttles. */
  readonly slowUrl?: string;
  /** PKCS#8 of the RSA keys, hexadecimal. */
  readonly rsaKeys: readonly string[];
  readonly rooms: readonly CastRoom[];
}

export interface CastRoom {
  /** Hexadecimal. */
  readonly room: string;
  readonly members: readonly CastMember[];
  /** Lines of `frames.txt`: those of this room begin here, and are to be sent in their order, one after the other. */
  readonly firstFrame: number;
  readonly frames: number;
}

export interface CastMember {
  readonly name: string;
  /** Hexadecimal. */
  readonly user: string;
  /** Index in `rsaKeys`. */
  readonly key: number;
  readonly slow: boolean;
}

/** Message `index` of a room is by this one of its members. */
export function senderOf(index: number, senders: number): number {
  return index % senders;
}

/** The request id of message `index` of a room: above those of all other requests of a session. */
export function sendRequestId(index: number): number {
  return FIRST_SEND_REQUEST + index;
}

const FIRST_SEND_REQUEST = 1_000_000;

export function sendIndexOf(requestId: number): number | undefined {
  return requestId >= FIRST_SEND_REQUEST ? requestId - FIRST_SEND_REQUEST : undefined;
}

export const CAST_FILE = 'cast.json';
export const FRAMES_FILE = 'frames.txt';
