/**
 * Child process: the least that could do a gateway's work. Redis to WebSockets, corked per turn, with wraps carried along or the
 * same frame for all.
 */

import {
  App,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
  type WebSocket,
} from 'uWebSockets.js';
import { Redis } from 'ioredis';
import { numberIn, serveParent, textIn } from '../../loadtest/native/parent-and-child.ts';

const ID_BYTES = 16;
const WRAP_BYTES = 256;
const HEADER_BYTES = 28;
const FRAME_HEADER_BYTES = 4;
const CORK_BYTES_MAX = 16 * 1_024;

interface Message {
  /** Ends in room for a wrap. */
  readonly frame: Buffer;
  /** Undefined: the frame is everybody's. */
  readonly wraps: Buffer | undefined;
}

const TOPIC = 'all';

let way = 'wraps';
let topics: TemplatedApp | undefined;
const sockets: WebSocket<undefined>[] = [];
let pending: Message[] = [];
let writing: Message[] = [];
let from = 0;
let to = 0;
let index = 0;

function received(_channel: Buffer, envelope: Buffer): void {
  if (way !== 'wraps') {
    // At the end of the turn, as the library does with topics.
    if (topics !== undefined) topics.publish(TOPIC, envelope.subarray(HEADER_BYTES), true, false);
    else enqueue({ frame: envelope.subarray(HEADER_BYTES), wraps: undefined });
    return;
  }
  const prefixAt = HEADER_BYTES + envelope.readUInt32BE(4) * ID_BYTES;
  const prefixBytes = envelope.readUInt32BE(8);
  const wrapsAt = prefixAt + prefixBytes;
  const frame = Buffer.allocUnsafe(prefixBytes + WRAP_BYTES);
  envelope.copy(frame, 0, prefixAt, wrapsAt);
  enqueue({ frame, wraps: envelope.subarray(wrapsAt) });
}

function enqueue(message: Message): void {
  pending.push(message);
  if (pending.length === 1) setImmediate(flush);
}

function flush(): void {
  writing = pending;
  pending = [];
  const first = writing[0];
  if (first === undefined) return;
  const batch = Math.max(1, Math.floor(CORK_BYTES_MAX / (first.frame.length + FRAME_HEADER_BYTES)));
  for (index = 0; index < sockets.length; index += 1) {
    for (from = 0; from < writing.length; from = to) {
      to = Math.min(writing.length, from + batch);
      if (to - from === 1) write();
      else sockets[index]?.cork(write);
    }
  }
}

function write(): void {
  const socket = sockets[index];
  for (let i = from; i < to; i += 1) {
    const message = writing[i];
    if (message === undefined) continue;
    const { frame, wraps } = message;
    wraps?.copy(frame, frame.length - WRAP_BYTES, index * WRAP_BYTES, (index + 1) * WRAP_BYTES);
    socket?.send(frame, true, false);
  }
}

function listen(): Promise<number> {
  const app = App().ws<undefined>('/*', {
    maxBackpressure: 64 * 1_024 * 1_024,
    idleTimeout: 0,
    open: (socket) => {
      if (way === 'topics') socket.subscribe(TOPIC);
      else sockets.push(socket);
    },
  });
  if (way === 'topics') topics = app;
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket: us_listen_socket | false) => {
      if (socket === false) reject(new Error('no port is free'));
      else {
        process.once('exit', () => us_listen_socket_close(socket));
        resolve(us_socket_local_port(socket));
      }
    });
  });
}

serveParent({
  start: async (fields) => {
    way = textIn(fields, 'way');
    const redis = new Redis(numberIn(fields, 'redisPort'), '127.0.0.1', { protocol: 2 });
    redis.on('messageBuffer', received);
    await redis.subscribe(textIn(fields, 'channel'));
    return { url: `ws://127.0.0.1:${await listen()}` };
  },
});
