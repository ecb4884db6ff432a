import { once } from 'node:events';
import { expect } from 'vitest';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';
import { type FrameEnd, HostileServer, type Passage } from './hostile-server.ts';

/** A hostile server that clients reach over the loopback interface, as it reaches its gateway. */
export class ListeningServer extends HostileServer implements AsyncDisposable {
  readonly #listener: WebSocketServer;

  private constructor(listener: WebSocketServer, target: string) {
    const address = listener.address();
    super(
      typeof address === 'object' && address !== null
        ? `ws://127.0.0.1:${address.port}`
        : expect.unreachable(),
    );
    this.#listener = listener;
    listener.on('connection', (socket) => {
      const passage = this.accept(socket, (accepted) => dialled(target, accepted));
      socket.on('message', (data) => passage.fromClient(bytesOf(data)));
      socket.on('error', () => undefined);
      socket.on('close', (code) => passage.clientClosed(code));
    });
  }

  /** `target`: of a real gateway, such as ws://127.0.0.1:8080. */
  static async before(target: string): Promise<ListeningServer> {
    const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(listener, 'listening');
    return new ListeningServer(listener, target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cut();
    await closed;
  }
}

function dialled(target: string, passage: Passage): FrameEnd {
  const socket = new WebSocket(`${target}${WEBSOCKET_PATH}`, SUBPROTOCOL);
  socket.binaryType = 'nodebuffer';
  const early: Uint8Array[] = [];
  socket.on('open', () => {
    for (const frame of early.splice(0)) socket.send(frame);
  });
  socket.on('message', (data) => passage.fromGateway(bytesOf(data)));
  socket.on('error', () => undefined);
  socket.on('close', (code) => passage.gatewayClosed(code));
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.CONNECTING) early.push(frame);
      else socket.send(frame);
    },
    close: (code) => socket.close(code),
    terminate: () => socket.terminate(),
  };
}

function bytesOf(data: RawData): Uint8Array {
  return Buffer.isBuffer(data) ? new Uint8Array(data) : expect.unreachable();
}
