/**
 * Child process: publishes node-to-node envelopes straight to a room's Redis channel, for rates that a sending gateway
 * could not carry beside the measured one on the same two cores.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Pacer } from '../loadtest/native/pacing.ts';
import { type Fields, numberIn, serveParent, textIn } from '../loadtest/native/parent-and-child.ts';
import { monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { bytesOf, toRoomId, toUserId } from '../loadtest/wire/accounts.ts';
import { FIRST_COUNT } from '../loadtest/wire/message-template.ts';
import { encodeDeliver } from '../src/domain/envelope.ts';
import { ID_BYTES } from '../src/protocol/ids.ts';
import { WRAP_BYTES } from '../src/protocol/limits.ts';
import { deliverPrefix } from '../src/protocol/server-codec.ts';

/** Commands that may be on their way at once; each keeps its own memory until it was written. */
const SLOTS = 384;
/** Above this Redis is behind: the injector waits, so that no slot is overwritten before it went out. */
const WAITING_BYTES_MAX = 8 * 1_024 * 1_024;
const SEQ_AT = 12;
const PUBLISHED_AT = 20;
const PREFIX_SEQ_AT = 21;

/** Where in a command the things are that differ from message to message. */
interface Layout {
  readonly envelopeAt: number;
  readonly prefixAt: number;
  readonly stampAt: number;
}

class Injector {
  readonly #socket: Socket;
  readonly #slots: readonly Buffer[];
  readonly #layout: Layout;
  #count = 0;

  constructor(fields: Fields) {
    const { command, layout } = publishCommand(fields);
    this.#layout = layout;
    this.#slots = Array.from({ length: SLOTS }, () => Buffer.from(command));
    this.#socket = connect({ host: '127.0.0.1', port: numberIn(fields, 'redisPort'), noDelay: true });
    this.#socket.resume();
  }

  inject(): boolean {
    if (this.#socket.writableLength > WAITING_BYTES_MAX) return false;
    const command = this.#slots[this.#count % SLOTS];
    if (command === undefined) return false;
    const { envelopeAt, prefixAt, stampAt } = this.#layout;
    const seq = FIRST_COUNT + this.#count;
    command.writeDoubleBE(seq, envelopeAt + SEQ_AT);
    command.writeDoubleBE(Date.now(), envelopeAt + PUBLISHED_AT);
    command.writeUInt32BE(seq, prefixAt + PREFIX_SEQ_AT);
    command.writeDoubleBE(monotonicMicros(), stampAt);
    this.#count += 1;
    this.#socket.write(command);
    return true;
  }
}

function publishCommand(fields: Fields): { command: Buffer; layout: Layout } {
  const channel = textIn(fields, 'channel');
  const recipients = bytesOf(textIn(fields, 'recipients'));
  const ciphertext = randomBytes(numberIn(fields, 'ciphertextBytes'));
  const prefix = deliverPrefix(
    {
      room: toRoomId(fields['room']),
      seq: FIRST_COUNT,
      at: Date.now(),
      from: toUserId(fields['sender']),
      header: bytesOf(textIn(fields, 'header')),
      ciphertext,
    },
    true,
  );
  const wraps = randomBytes((recipients.length / ID_BYTES) * WRAP_BYTES);
  const envelope = encodeDeliver({ seq: 0, publishedAt: 0, recipients, wraps, prefix });
  const head = Buffer.from(
    `*3\r\n$7\r\nPUBLISH\r\n$${channel.length}\r\n${channel}\r\n$${envelope.length}\r\n`,
    'latin1',
  );
  const prefixAt = head.length + envelope.length - wraps.length - prefix.length;
  const wrapHeadBytes = 3;
  return {
    command: Buffer.concat([head, envelope, Buffer.from('\r\n')]),
    layout: {
      envelopeAt: head.length,
      prefixAt,
      stampAt: prefixAt + prefix.length - wrapHeadBytes - ciphertext.length,
    },
  };
}

let injector: Injector | undefined;
let pacer: Pacer | undefined;
/** How many messages the receivers have got, as last heard; the window is how many may be on their way. */
let arrived = 0;
let window = Number.POSITIVE_INFINITY;

serveParent({
  start: (fields) => {
    injector = new Injector(fields);
    return {};
  },
  run: (fields) => {
    const pace = { perSecond: numberIn(fields, 'perSecond'), burstMs: numberIn(fields, 'burstMs') };
    arrived = 0;
    window = numberIn(fields, 'window');
    const running: Pacer = new Pacer(pace, () => {
      return running.sent - arrived < window && injector?.inject() === true;
    });
    pacer = running;
    return {};
  },
  arrived: (fields) => {
    arrived = numberIn(fields, 'messages');
    return {};
  },
  stop: () => {
    pacer?.stop();
    return { sent: pacer?.sent ?? 0 };
  },
});
