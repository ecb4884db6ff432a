/** Child process: a Socket.IO server with its Redis adapter, every connection of which is in one room. */

import { App, type us_listen_socket, us_socket_local_port } from 'uWebSockets.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server, type ServerOptions } from 'socket.io';
import msgpackParser from 'socket.io-msgpack-parser';
import { type Fields, numberIn, serveParent, textIn } from '../../loadtest/native/parent-and-child.ts';
import { WEBSOCKET_PATH } from '../../src/protocol/limits.ts';

/** Beyond what a run can make wait for one client, so that nothing is dropped. */
const CLIENT_BYTES_MAX = 64 * 1_024 * 1_024;

function options(fields: Fields): Partial<ServerOptions> {
  const redis = new Redis(numberIn(fields, 'redisPort'), '127.0.0.1', { protocol: 2 });
  return {
    adapter: createAdapter(redis, redis.duplicate(), { key: textIn(fields, 'key') }),
    transports: ['websocket'],
    perMessageDeflate: false,
    serveClient: false,
    // The receivers ask for this path, whatever they talk to.
    path: WEBSOCKET_PATH,
    addTrailingSlash: false,
    ...(fields['isText'] === false && { parser: msgpackParser }),
  };
}

async function listenOnWs(io: Server): Promise<number> {
  const server = createServer();
  io.attach(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

function listenOnUws(io: Server): Promise<number> {
  const app = App();
  const settings: Partial<ServerOptions> & { maxBackpressure: number } = {
    maxBackpressure: CLIENT_BYTES_MAX,
  };
  io.attachApp(app, settings);
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket: us_listen_socket | false) => {
      if (socket === false) reject(new Error('no port is free'));
      else resolve(us_socket_local_port(socket));
    });
  });
}

serveParent({
  start: async (fields) => {
    const io = new Server(options(fields));
    const port = await (fields['isOnUws'] === true ? listenOnUws(io) : listenOnWs(io));
    // The receivers have no query in their address.
    io.engine.use((request: object, _response: unknown, next: () => void) => {
      Object.assign(request, { _query: { EIO: '4', transport: 'websocket' } });
      next();
    });
    io.on('connection', (socket) => void socket.join(textIn(fields, 'room')));
    return { url: `ws://127.0.0.1:${port}` };
  },
});
