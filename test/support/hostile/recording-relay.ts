import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';

/** Carries frames between clients and a gateway and keeps a copy of each, as they are under WebSocket's masks. */
export class RecordingRelay implements AsyncDisposable {
  readonly #listener: WebSocketServer;
  readonly #target: string;
  readonly #frames: Buffer[] = [];

  private constructor(listener: WebSocketServer, target: string) {
    this.#listener = listener;
    this.#target = target;
    listener.on('connection', (client) => this.#accept(client));
  }

  /** `target`: of a gateway, such as ws://127.0.0.1:8080. */
  static async before(target: string): Promise<RecordingRelay> {
    const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(listener, 'listening');
    return new RecordingRelay(listener, target);
  }

  get url(): string {
    const address = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the relay is closed');
    return `ws://127.0.0.1:${address.port}`;
  }

  get recorded(): Buffer {
    return Buffer.concat(this.#frames);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const client of this.#listener.clients) client.terminate();
    await closed;
  }

  #accept(client: WebSocket): void {
    const gateway = new WebSocket(`${this.#target}${WEBSOCKET_PATH}`, SUBPROTOCOL);
    const early: { readonly data: Buffer; readonly binary: boolean }[] = [];
    client.on('message', (data, binary) => {
      const frame = this.#kept(data);
      if (gateway.readyState === WebSocket.OPEN) gateway.send(frame, { binary });
      else early.push({ data: frame, binary });
    });
    gateway.on('open', () => {
      for (const { data, binary } of early.splice(0)) gateway.send(data, { binary });
    });
    gateway.on('message', (data, binary) => client.send(this.#kept(data), { binary }));
    client.on('error', () => undefined);
    gateway.on('error', () => undefined);
    client.on('close', () => gateway.close());
    gateway.on('close', (code) => (code >= 3_000 && code < 5_000 ? client.close(code) : client.close()));
  }

  #kept(data: WebSocket.RawData): Buffer {
    if (!Buffer.isBuffer(data)) throw new TypeError('a frame comes as one buffer');
    this.#frames.push(data);
    return data;
  }
}
