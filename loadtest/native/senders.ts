/** Child process: members that send to their rooms through a gateway, at a pace. `openMax`: sends of one session under way at once. */
import { randomBytes } from 'node:crypto';
import { encodeRequest } from '../../src/protocol/client-codec.ts';
import { REPLY_ERROR } from '../../src/protocol/frames.ts';
import { ID_BYTES, type RoomId } from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { bytesOf, loadSharedKeys, toRoomId, toUserId } from '../wire/accounts.ts';
import { FIRST_COUNT, type HeaderEpoch, headerTemplate, renumber } from '../wire/message-template.ts';
import { binaryFrame, payloadAt, type RawWebSocket, ReadBuffer } from '../wire/raw-web-socket.ts';
import { WireSession } from '../wire/wire-session.ts';
import { Latencies } from './latencies.ts';
import { Pacer } from './pacing.ts';
import { type Fields, isFields, listIn, numberIn, serveParent, textIn } from './parent-and-child.ts';
import { monotonicMicros } from './process-accounting.ts';

const REQUEST_ID_AT = 3;

/** One session that sends the same message again and again, as a new one each time. */
class Sender {
  readonly #socket: RawWebSocket;
  readonly #slots: readonly Buffer[];
  readonly #headerAt: number;
  readonly #payloadAt: number;
  readonly #stampAt: number;
  readonly #sentAt: number[];
  /** After a refusal another one is begun: higher numbers of the same chain would be refused as well. */
  #chain = randomBytes(ID_BYTES);
  #sent = 0;
  answered = 0;
  refused = 0;

  constructor(
    socket: RawWebSocket,
    message: {
      readonly room: RoomId;
      readonly version: number;
      readonly header: Uint8Array;
      readonly ciphertext: Buffer;
      readonly members: number;
      readonly epoch: HeaderEpoch | undefined;
    },
    openMax: number,
  ) {
    const { room, version, header, ciphertext, members, epoch } = message;
    const wraps = randomBytes(epoch === undefined ? members * WRAP_BYTES : 0);
    const frame = binaryFrame(
      encodeRequest('send', FIRST_COUNT, { room, version, header, ciphertext, wraps }),
    );
    this.#socket = socket;
    this.#payloadAt = payloadAt(frame);
    this.#headerAt = frame.indexOf(header);
    this.#stampAt = frame.indexOf(ciphertext);
    this.#slots = Array.from({ length: openMax }, () => Buffer.from(frame));
    this.#sentAt = new Array<number>(openMax).fill(0);
    socket.onFrame = (payload) => this.#reply(payload);
    socket.onClose = () => {
      console.error('a sender was disconnected');
      process.exit(1);
    };
  }

  /** `stampMicros`: from when on its way is measured; by default from now. */
  send(stampMicros?: number): boolean {
    if (this.#sent - this.answered >= this.#slots.length) return false;
    const slot = this.#sent % this.#slots.length;
    const frame = this.#slots[slot];
    if (frame === undefined) return false;
    const number = FIRST_COUNT + this.#sent;
    frame.writeUInt32BE(number, this.#payloadAt + REQUEST_ID_AT);
    renumber(frame, this.#headerAt, this.#chain, number);
    const from = stampMicros ?? monotonicMicros();
    frame.writeDoubleBE(from, this.#stampAt);
    this.#sentAt[slot] = from;
    this.#sent += 1;
    this.#socket.sendFrame(frame);
    return true;
  }

  #reply(payload: Buffer): void {
    const first = payload[1];
    if (first !== REPLY_ERROR && first !== 0) return;
    this.answered += 1;
    const number = payload.readUInt32BE(REQUEST_ID_AT);
    const sentAt = this.#sentAt[(number - FIRST_COUNT) % this.#slots.length] ?? 0;
    latencies.add(monotonicMicros() - sentAt);
    if (first === REPLY_ERROR) {
      this.refused += 1;
      this.#chain = randomBytes(ID_BYTES);
    }
  }
}

const buffer = new ReadBuffer();
/** µs from a send to its reply, since they were last taken. */
const latencies = new Latencies();
let senders: readonly Sender[] = [];
let pacer: Pacer | undefined;

async function connect(fields: Fields): Promise<Fields> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  const connected: Sender[] = [];
  for (const member of listIn(fields, 'senders')) {
    if (!isFields(member)) throw new TypeError('not a sender');
    const url = textIn('url' in member ? member : fields, 'url');
    const session = await WireSession.open(url, buffer);
    await session.resume(bytesOf(textIn(member, 'token')), keys);
    const room = toRoomId(member['room']);
    if (member['enters'] === true) await session.request('enter', { rooms: [room] });
    const version = numberIn(member, 'version');
    const epoch = epochIn(member);
    const header = headerTemplate(room, toUserId(member['user']), keys.fingerprint, version, epoch);
    const ciphertext = randomBytes(numberIn(fields, 'ciphertextBytes'));
    const members = numberIn(member, 'members');
    const openMax = numberIn(fields, 'openMax');
    const message = { room, version, header, ciphertext, members, epoch };
    connected.push(new Sender(session.socket, message, openMax));
  }
  senders = connected;
  return {};
}

/** Of suite 2. */
function epochIn({ epoch }: Fields): HeaderEpoch | undefined {
  if (!isFields(epoch)) return undefined;
  return {
    number: numberIn(epoch, 'number'),
    recordHash: bytesOf(textIn(epoch, 'recordHash')),
    recipients: bytesOf(textIn(epoch, 'recipients')),
  };
}

function counts(): Fields {
  let answered = 0;
  let refused = 0;
  for (const sender of senders) {
    answered += sender.answered;
    refused += sender.refused;
  }
  const taken = latencies.take();
  const times = taken.count > 0 && {
    p50: taken.quantile(0.5),
    p99: taken.quantile(0.99),
    latencies: taken.toText(),
  };
  return { answered, refused, sent: pacer?.sent ?? 0, ...times };
}

serveParent({
  connect,
  run: (fields) => {
    let turn = 0;
    const isOpen = fields['isOpen'] === true;
    const pace = { perSecond: numberIn(fields, 'perSecond'), burstMs: numberIn(fields, 'burstMs'), isOpen };
    pacer = new Pacer(pace, (plannedAtMicros) => {
      for (let tried = 0; tried < senders.length; tried += 1) {
        turn = (turn + 1) % senders.length;
        if (senders[turn]?.send(isOpen ? plannedAtMicros : undefined) === true) return true;
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
