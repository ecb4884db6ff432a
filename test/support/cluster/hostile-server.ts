import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { decodeServerFrame, encodeRequest } from '../../../src/protocol/client-codec.ts';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../../src/protocol/requests.ts';
import { decodeRequest, encodeReply } from '../../../src/protocol/server-codec.ts';

/** What a hostile server does with a victim that logs in. */
export interface Plot {
  /** The server's nonce in its reply to `hello`. */
  greet(hello: RequestBody<'hello'>): Promise<Uint8Array>;
  challenge(login: RequestBody<'login'>): Promise<ReplyBody<'login'>>;
}

/** Greets and challenges as it likes, and keeps what its victims sent. */
export class HostileServer implements AsyncDisposable {
  readonly heard: RequestName[] = [];
  readonly #server: WebSocketServer;
  readonly #plot: Plot;

  private constructor(server: WebSocketServer, plot: Plot) {
    this.#server = server;
    this.#plot = plot;
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        if (!Buffer.isBuffer(data)) return socket.terminate();
        this.#answer(socket, new Uint8Array(data)).catch(() => socket.terminate());
      });
    });
  }

  static async start(plot: Plot): Promise<HostileServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new HostileServer(server, plot);
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return `ws://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async #answer(socket: WebSocket, frame: Uint8Array): Promise<void> {
    const decoded = decodeRequest(frame);
    if (decoded.kind !== 'request') throw new Error('the victim sent something else than a request');
    const { request } = decoded;
    this.heard.push(request.name);
    if (request.name === 'hello') {
      const nonce = await this.#plot.greet(request.body);
      socket.send(encodeReply('hello', request.id, { ...greeting, nonce, time: Date.now() }));
    } else if (request.name === 'login') {
      socket.send(encodeReply('login', request.id, await this.#plot.challenge(request.body)));
    }
  }
}

/** Hands out bytes as a challenge that were made for something else. */
export function handOut(challenge: Uint8Array): Plot {
  return {
    greet: async () => new Uint8Array(randomBytes(32)),
    challenge: async () => ({ challenge, expires: Date.now() + 20_000 }),
  };
}

/** Stands in the middle: greets the real server in the victim's name, and passes its challenge on. */
export function relayTo(url: string): Plot & AsyncDisposable {
  const socket = new WebSocket(`${url}${WEBSOCKET_PATH}`, SUBPROTOCOL);
  const opened = once(socket, 'open');
  const ask = async <Name extends 'hello' | 'login'>(
    name: Name,
    body: RequestBody<Name>,
  ): Promise<ReplyBody<RequestName>> => {
    await opened;
    const answered = once(socket, 'message');
    socket.send(encodeRequest(name, 1, body));
    const [data]: unknown[] = await answered;
    if (!Buffer.isBuffer(data)) throw new Error('the real server sent no frame');
    const frame = decodeServerFrame(new Uint8Array(data), () => name);
    if (frame.kind !== 'reply') throw new Error(`the real server refused ${name}`);
    return frame.body;
  };
  return {
    greet: async (hello) => {
      const reply = await ask('hello', { ...hello, origin: parseOrigin(url) ?? '' });
      if (!('nonce' in reply)) throw new Error('that was no greeting');
      return reply.nonce;
    },
    challenge: async (login) => {
      const reply = await ask('login', login);
      if (!('challenge' in reply)) throw new Error('that was no challenge');
      return reply;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, 'close');
      socket.terminate();
      await closed;
    },
  };
}

const greeting = {
  server: 'hostile/1',
  version: 1,
  pingMs: 25_000,
  silenceMs: 60_000,
  limits: { frameBytes: 327_680, textBytes: 16_384, roomMembers: 256, roomsPerConnection: 100 },
};
