import { randomBytes } from 'node:crypto';
import type { Place } from './publish-template.ts';

const MARK = 'Mark';
const MARK_BITS = Buffer.from(MARK).readUInt32BE();
const NUMBER_AT = MARK.length;
/** Enough for microseconds of a monotonic clock, and for any number of a message. */
const DIGITS = 16;

/** What a server carries for the bench: a mark to tell it by, its number, the time of its sending, and random content. */
export interface PayloadForm {
  /** Up to the end of the number. */
  readonly headBytes: number;
  /** What differs from message to message. */
  readonly places: readonly Place[];
  /** Of the payload that begins there; undefined: none does. */
  numberAt(bytes: Buffer, at: number): number | undefined;
  stampAt(bytes: Buffer, at: number, until: number): number | undefined;
}

export const binaryPayload: PayloadForm = {
  headBytes: NUMBER_AT + 4,
  places: [
    { at: NUMBER_AT, holds: 'number', as: 'uint32' },
    { at: NUMBER_AT + 4, holds: 'stamp', as: 'double' },
  ],
  numberAt: (bytes, at) => (isMarked(bytes, at) ? bytes.readUInt32BE(at + NUMBER_AT) : undefined),
  stampAt: (bytes, at, until) =>
    at + NUMBER_AT + 12 <= until ? bytes.readDoubleBE(at + NUMBER_AT + 4) : undefined,
};

export const textPayload: PayloadForm = {
  headBytes: NUMBER_AT + DIGITS,
  places: [
    { at: NUMBER_AT, holds: 'number', as: 'digits', digits: DIGITS },
    { at: NUMBER_AT + DIGITS, holds: 'stamp', as: 'digits', digits: DIGITS },
  ],
  numberAt: (bytes, at) => (isMarked(bytes, at) ? digitsAt(bytes, at + NUMBER_AT) : undefined),
  stampAt: (bytes, at, until) =>
    at + NUMBER_AT + 2 * DIGITS <= until ? digitsAt(bytes, at + NUMBER_AT + DIGITS) : undefined,
};

/** Content as incompressible as a ciphertext; `isText`: of printable letters, so that it may be a string. */
export function markedPayload(bytes: number, isText: boolean): Buffer {
  const content = isText
    ? Buffer.from(randomBytes(bytes).toString('base64url').slice(0, bytes))
    : randomBytes(bytes);
  content.write(MARK, 'latin1');
  return content;
}

function isMarked(bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === MARK_BITS;
}

function digitsAt(bytes: Buffer, at: number): number {
  let value = 0;
  for (let index = at; index < at + DIGITS; index += 1) value = value * 10 + (bytes[index] ?? 0) - 0x30;
  return value;
}
