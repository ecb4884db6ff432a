/** Child process: members that send to one room through a gateway, at a pace. */
import { randomBytes } from 'node:crypto';
import { encodeRequest } from '../src/protocol/client-codec.ts';
import { REPLY_ERROR } from '../src/protocol/frames.ts';
import type { RoomId } from '../src/protocol/ids.ts';
import { WRAP_BYTES } from '../src/protocol/limits.ts';
import { bytesOf, loadSharedKeys, toRoomId, toUserId } from './support/accounts.ts';
import { FIRST_COUNT, headerTemplate, renumber } from './support/message-template.ts';
import { Pacer } from './support/pacing.ts';
import { type Fields, isFields, listIn, numberIn, serveParent, textIn } from './support/parent-and-child.ts';
import { monotonicMicros } from './support/process-accounting.ts';
import { binaryFrame, payloadAt, type RawWebSocket, ReadBuffer } from './support/raw-web-socket.ts';
import { WireSession } from './support/wire-session.ts';

/** Sends of one session under way at once; more are held back. */
const OPEN_SENDS_MAX = 64;
const REQUEST_ID_AT = 3;

/** One session that sends the same message again and again, as a new one each time. */
class Sender {
  readonly #socket: RawWebSocket;
  readonly #slots: readonly Buffer[];
  readonly #headerAt: number;
  readonly #payloadAt: number;
  readonly #stampAt: number;
  #sent = 0;
  answered = 0;
  refused = 0;

  constructor(
    socket: RawWebSocket,
    message: { room: RoomId; version: number; header: Uint8Array; ciphertext: Buffer; members: number },
  ) {
    const { room, version, header, ciphertext, members } = message;
    const wraps = randomBytes(members * WRAP_BYTES);
    const frame = binaryFrame(
      encodeRequest('send', FIRST_COUNT, { room, version, header, ciphertext, wraps }),
    );
    this.#socket = socket;
    this.#payloadAt = payloadAt(frame);
    this.#headerAt = frame.indexOf(header);
    this.#stampAt = frame.indexOf(ciphertext);
    this.#slots = Array.from({ length: OPEN_SENDS_MAX }, () => Buffer.from(frame));
    socket.onFrame = (payload) => this.#reply(payload);
    socket.onClose = () => {
      console.error('a sender was disconnected');
      process.exit(1);
    };
  }

  send(): boolean {
    if (this.#sent - this.answered >= OPEN_SENDS_MAX) return false;
    const frame = this.#slots[this.#sent % OPEN_SENDS_MAX];
    if (frame === undefined) return false;
    const number = FIRST_COUNT + this.#sent;
    frame.writeUInt32BE(number, this.#payloadAt + REQUEST_ID_AT);
    renumber(frame, this.#headerAt, number);
    frame.writeDoubleBE(monotonicMicros(), this.#stampAt);
    this.#sent += 1;
    this.#socket.sendFrame(frame);
    return true;
  }

  #reply(payload: Buffer): void {
    const first = payload[1];
    if (first !== REPLY_ERROR && first !== 0) return;
    this.answered += 1;
    if (first === REPLY_ERROR) {
      this.refused += 1;
      if (this.refused === 1) console.error(`a send was refused: ${payload.toString('latin1')}`);
    }
  }
}

const buffer = new ReadBuffer();
let senders: readonly Sender[] = [];
let pacer: Pacer | undefined;

async function connect(fields: Fields): Promise<Fields> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  const connected: Sender[] = [];
  for (const member of listIn(fields, 'senders')) {
    if (!isFields(member)) throw new TypeError('not a sender');
    const session = await WireSession.open(textIn(fields, 'url'), buffer);
    await session.resume(bytesOf(textIn(member, 'token')), keys);
    const room = toRoomId(member['room']);
    if (member['enters'] === true) await session.request('enter', { rooms: [room] });
    const version = numberIn(member, 'version');
    const header = headerTemplate(room, toUserId(member['user']), keys.fingerprint, version);
    const ciphertext = randomBytes(numberIn(fields, 'ciphertextBytes'));
    const members = numberIn(member, 'members');
    connected.push(new Sender(session.socket, { room, version, header, ciphertext, members }));
  }
  senders = connected;
  return {};
}

function counts(): Fields {
  let answered = 0;
  let refused = 0;
  for (const sender of senders) {
    answered += sender.answered;
    refused += sender.refused;
  }
  return { answered, refused, sent: pacer?.sent ?? 0 };
}

serveParent({
  connect,
  run: (fields) => {
    let turn = 0;
    const pace = { perSecond: numberIn(fields, 'perSecond'), burstMs: numberIn(fields, 'burstMs') };
    pacer = new Pacer(pace, () => {
      for (let tried = 0; tried < senders.length; tried += 1) {
        turn = (turn + 1) % senders.length;
        if (senders[turn]?.send() === true) return true;
      }
      return false;
    });
    return {};
  },
  counts,
  stop: () => {
    pacer?.stop();
    return counts();
  },
});
