import type { WebSocket } from 'uWebSockets.js';
import type { DeliverEnvelope } from '../src/domain/envelope.ts';
import { encodeDeliver } from '../src/domain/envelope.ts';
import { LocalRoom } from '../src/gateway/local-rooms.ts';
import { Flusher, Outbox } from '../src/gateway/outbound.ts';
import { RoomFeed } from '../src/gateway/room-feed.ts';
import type { Socket } from '../src/gateway/socket.ts';
import { idBytes, parseRoomId, parseUserId, type RoomId, type UserId } from '../src/protocol/ids.ts';
import { WRAP_BYTES } from '../src/protocol/limits.ts';
import { silentTelemetry } from './silent-telemetry.ts';

/** One message to all members; what a way of sending is measured by. */
export interface Sender {
  readonly name: string;
  send(payload: Uint8Array, envelope: DeliverEnvelope): void;
}

export const FRAME_BYTES = 556;

export function benchUsers(count: number): UserId[] {
  return Array.from({ length: count }, (_, i) => {
    const user = parseUserId((i + 1).toString(16).padStart(32, '0'));
    if (user === undefined) throw new Error('not an id');
    return user;
  });
}

export function benchRoom(): RoomId {
  const room = parseRoomId('ab'.repeat(16));
  if (room === undefined) throw new Error('not an id');
  return room;
}

/** What a node gets from the broker: an envelope whose `deliver` frames are FRAME_BYTES long. */
export function benchPayload(users: readonly UserId[], seq: number): Uint8Array {
  const recipients = Buffer.concat(users.map((user) => idBytes(user)));
  const wraps = new Uint8Array(users.length * WRAP_BYTES).fill(seq & 0xff);
  const prefix = new Uint8Array(FRAME_BYTES - WRAP_BYTES).fill(7);
  const publishedAt = performance.timeOrigin + performance.now();
  return encodeDeliver({ seq, publishedAt, recipients, wraps, prefix });
}

/** The gateway's own path: decoding, room, outboxes, flusher, metrics. */
export function gatewaySender(users: readonly UserId[], sockets: readonly Socket[]): Sender {
  const telemetry = silentTelemetry();
  const flusher = new Flusher(telemetry, 1 << 28);
  const room = new LocalRoom(benchRoom());
  users.forEach((user, i) => {
    const socket = sockets[i];
    if (socket === undefined) throw new Error('one socket for each user');
    const outbox = new Outbox(socket, flusher, { outboxOverflowed: () => process.exit(1) });
    room.add({ id: String(i), user, outbox, rooms: [room] });
  });
  const nobodyLeaves = (): never => {
    throw new Error('nobody leaves');
  };
  const rooms = { onPayload: () => undefined, userGone: nobodyLeaves, roomGone: nobodyLeaves };
  const feed = new RoomFeed(rooms, { note: () => undefined }, telemetry);
  return { name: 'gateway', send: (payload) => feed.payload(room, payload) };
}

function setPrefix(frame: Uint8Array, { prefixAndWraps, prefixBytes }: DeliverEnvelope): void {
  frame.set(prefixAndWraps.subarray(0, prefixBytes));
}

function setWrap(frame: Uint8Array, { prefixAndWraps, prefixBytes }: DeliverEnvelope, index: number): void {
  const from = prefixBytes + index * WRAP_BYTES;
  frame.set(prefixAndWraps.subarray(from, from + WRAP_BYTES), FRAME_BYTES - WRAP_BYTES);
}

/** The floor: frames assembled in a loop, one write each. */
export function bareSender(sockets: readonly WebSocket<unknown>[]): Sender {
  const frame = new Uint8Array(FRAME_BYTES);
  return {
    name: 'bare loop, a write each',
    send: (_payload, envelope) => {
      setPrefix(frame, envelope);
      sockets.forEach((socket, i) => {
        setWrap(frame, envelope, i);
        socket.send(frame, true);
      });
    },
  };
}

/** The same, corked into one write for each socket at the end of the turn. */
export function corkedSender(sockets: readonly WebSocket<unknown>[]): Sender {
  const frame = new Uint8Array(FRAME_BYTES);
  let waiting: DeliverEnvelope[] = [];
  const flush = (): void => {
    const messages = waiting;
    waiting = [];
    sockets.forEach((socket, i) => {
      socket.cork(() => {
        for (const message of messages) {
          setPrefix(frame, message);
          setWrap(frame, message, i);
          socket.send(frame, true);
        }
      });
    });
  };
  return {
    name: 'bare loop, corked per turn',
    send: (_payload, envelope) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(envelope);
    },
  };
}
