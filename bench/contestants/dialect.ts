import {
  ciphertextAt,
  DELIVER_HEAD_BYTES_MAX,
  isDeliver,
  SEQ_AT,
  uintAt,
} from '../../loadtest/wire/deliver-head.ts';
import { binaryFrame } from '../../loadtest/wire/raw-web-socket.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { binaryPayload, type PayloadForm, textPayload } from './numbered-payload.ts';

const TEXT = 0x81;

/** What a receiver must know of a server's protocol: how to enter, and how to tell its deliveries by their heads alone. */
export interface Dialect {
  /** Said after the upgrade, and answered by a message that `isWelcome`. Undefined: a connection receives at once. */
  readonly entering?: Buffer;
  /** As much of a message as the functions below look at. */
  readonly headBytes: number;
  /** Bytes of the message that begins at `at`: several may share a frame. Undefined: it is all that is left of the frame. */
  bytesAt(bytes: Buffer, at: number): number | undefined;
  /** The number of the delivery that begins there; undefined: it is another message. */
  numberAt(bytes: Buffer, at: number): number | undefined;
  /** When the delivery in [at, end) went to Redis; undefined: not all of that lies before `until`. */
  stampAt(bytes: Buffer, at: number, end: number, until: number): number | undefined;
  isWelcome(bytes: Buffer, at: number): boolean;
  /** The answer to a message that asks whether the client is still there. */
  keepAlive(bytes: Buffer, at: number): Buffer | undefined;
}

const dialectNames = ['conclave', 'centrifuge', 'socket.io text', 'socket.io binary'] as const;
export type DialectName = (typeof dialectNames)[number];

/** `stampBeforeEnd`: where a `deliver` frame of Conclave has the stamp, which is in its ciphertext. */
export function dialectOf(name: DialectName, stampBeforeEnd: number): Dialect {
  if (name === 'conclave') return conclaveDialect(stampBeforeEnd);
  return name === 'centrifuge' ? centrifugeDialect() : socketIoDialect(name === 'socket.io text');
}

export function parseDialectName(value: unknown): DialectName | undefined {
  return dialectNames.find((name) => name === value);
}

/** Of a ciphertext of 256 bytes or more. */
const CIPHERTEXT_HEAD_BYTES = 3;

/** Entering takes a session, which is not the dialect's. */
function conclaveDialect(stampBeforeEnd: number): Dialect {
  return {
    headBytes: DELIVER_HEAD_BYTES_MAX,
    bytesAt: (bytes, at) =>
      isDeliver(bytes, at)
        ? ciphertextAt(bytes, at) + CIPHERTEXT_HEAD_BYTES + stampBeforeEnd - at
        : undefined,
    numberAt: (bytes, at) => (isDeliver(bytes, at) ? uintAt(bytes, at + SEQ_AT) : undefined),
    stampAt: (bytes, _at, end, until) =>
      end <= until ? bytes.readDoubleBE(end - stampBeforeEnd) : undefined,
    isWelcome: () => false,
    keepAlive: () => undefined,
  };
}

/** Centrifuge's own protocol in Protobuf. */
function centrifugeDialect(): Dialect {
  const connect = Buffer.from([
    4,
    // id: 1
    0x08, 1,
    // connect: an empty request
    0x22, 0,
  ]);
  const pong = binaryFrame(Buffer.from([0]));
  // The length; a push: of a channel called `bench`, a publication: its data. Lengths above 127 take two bytes.
  const payloadAt = 2 + 3 + (2 + CENTRIFUGE_CHANNEL.length) + 3 + 3;
  return {
    entering: binaryFrame(connect),
    bytesAt: delimitedBytes,
    isWelcome: (bytes, at) => {
      const reply = at + ((bytes[at] ?? 0) < 0x80 ? 1 : 2);
      return bytes[reply] === 0x08 && bytes[reply + 1] === 1;
    },
    keepAlive: (bytes, at) => (bytes[at] === 0 ? pong : undefined),
    ...payloadReader(binaryPayload, payloadAt),
  };
}

export const CENTRIFUGE_CHANNEL = 'bench';

/** Of a message behind its length (base 128, the low digits first), and of that length. */
function delimitedBytes(bytes: Buffer, at: number): number {
  let length = 0;
  for (let digit = 0; ; digit += 1) {
    const byte = bytes[at + digit] ?? 0;
    length += (byte & 0x7f) * 128 ** digit;
    if (byte < 0x80) return digit + 1 + length;
  }
}

/** Packets of Socket.IO in those of Engine.IO: as text with the default parser, else with the one for MessagePack. */
function socketIoDialect(isText: boolean): Dialect {
  const pong = textFrame('3');
  const textHeadBytes = '42["m","'.length;
  // A map of `type` (2), `data`: an array of the event's name and of bytes, whose length takes two; `nsp` follows.
  const binaryHeadBytes = 1 + 5 + 1 + 5 + 1 + 2 + 3;
  const typeAt = 6;
  return {
    entering: isText ? textFrame('40') : binaryFrame(encode({ type: 0, nsp: '/' })),
    bytesAt: () => undefined,
    isWelcome: (bytes, at) =>
      isText ? bytes[at] === 0x34 && bytes[at + 1] === 0x30 : bytes[at] === 0x83 && bytes[at + typeAt] === 0,
    keepAlive: (bytes, at) => (bytes[at] === 0x32 ? pong : undefined),
    ...(isText ? payloadReader(textPayload, textHeadBytes) : payloadReader(binaryPayload, binaryHeadBytes)),
  };
}

function payloadReader(
  form: PayloadForm,
  payloadAt: number,
): Pick<Dialect, 'headBytes' | 'numberAt' | 'stampAt'> {
  return {
    headBytes: payloadAt + form.headBytes,
    numberAt: (bytes, at) => form.numberAt(bytes, at + payloadAt),
    stampAt: (bytes, at, _end, until) => form.stampAt(bytes, at + payloadAt, until),
  };
}

function textFrame(text: string): Buffer {
  const frame = binaryFrame(Buffer.from(text));
  frame[0] = TEXT;
  return frame;
}
