/** Child process: the least that could do a gateway's work. Redis to WebSockets, wraps carried along, corked per turn. */

import {
  App,
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
  readonly wraps: Buffer;
}

const sockets: WebSocket<undefined>[] = [];
let pending: Message[] = [];
let writing: Message[] = [];
let from = 0;
let to = 0;
let index = 0;

function received(_channel: Buffer, envelope: Buffer): void {
  const prefixAt = HEADER_BYTES + envelope.readUInt32BE(4) * ID_BYTES;
  const prefixBytes = envelope.readUInt32BE(8);
  const wrapsAt = prefixAt + prefixBytes;
  const frame = Buffer.allocUnsafe(prefixBytes + WRAP_BYTES);
  envelope.copy(frame, 0, prefixAt, wrapsAt);
  pending.push({ frame, wraps: envelope.subarray(wrapsAt) });
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
    wraps.copy(frame, frame.length - WRAP_BYTES, index * WRAP_BYTES, (index + 1) * WRAP_BYTES);
    socket?.send(frame, true, false);
  }
}

function listen(): Promise<number> {
  const app = App().ws<undefined>('/*', {
    maxBackpressure: 64 * 1_024 * 1_024,
    idleTimeout: 0,
    open: (socket) => {
      sockets.push(socket);
    },
  });
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
    const redis = new Redis(numberIn(fields, 'redisPort'), '127.0.0.1', { protocol: 2 });
    redis.on('messageBuffer', received);
    await redis.subscribe(textIn(fields, 'channel'));
    return { url: `ws://127.0.0.1:${await listen()}` };
  },
});
