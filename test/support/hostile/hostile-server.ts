import { once } from 'node:events';
import { expect } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { decodeServerFrame, encodeRequest, type ServerEvent } from '../../../src/protocol/client-codec.ts';
import { isRefusal, type Refusal } from '../../../src/protocol/error-reply.ts';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';
import {
  type ReplyBody,
  type RequestBody,
  type RequestName,
  requestNames,
} from '../../../src/protocol/requests.ts';
import {
  decodeRequest,
  deliverPrefix,
  encodeError,
  encodeEvent,
  encodeReply,
  type Request,
} from '../../../src/protocol/server-codec.ts';

/** What a test makes of a reply of the real gateway. Bytes go out as they are. */
type Rewrite<Name extends RequestName> = (
  reply: ReplyBody<Name>,
  request: RequestBody<Name>,
) => ReplyBody<Name> | Refusal | Uint8Array;

/** What a client gets instead of the real gateway's refusal. */
type Instead<Name extends RequestName> = (request: RequestBody<Name>) => ReplyBody<Name> | Refusal;

/** What a test makes of a request before the real gateway sees it. */
type Divert<Name extends RequestName> = (request: RequestBody<Name>) => RequestBody<Name>;

/**
 * A server that is hostile where a test says so and honest everywhere else: it stands between real clients and a real
 * gateway, and sees what a gateway sees.
 */
export class HostileServer implements AsyncDisposable {
  readonly #listener: WebSocketServer;
  readonly #target: string;
  readonly #clients = new Set<WebSocket>();
  readonly #replies: { [Name in RequestName]?: Rewrite<RequestName> } = {};
  readonly #refusals: { [Name in RequestName]?: Instead<RequestName> } = {};
  readonly #requests: { [Name in RequestName]?: Divert<RequestName> } = {};
  readonly #held = new Set<RequestName>();
  /** What clients asked for, oldest first. */
  readonly asked: Request[] = [];
  /** Each event of the gateway as the events that clients get instead. */
  onEvent: (event: ServerEvent) => readonly (ServerEvent | Uint8Array)[] = (event) => [event];

  private constructor(listener: WebSocketServer, target: string) {
    this.#listener = listener;
    this.#target = target;
    listener.on('connection', (client) => this.#accept(client));
  }

  /** `target`: of a real gateway, such as ws://127.0.0.1:8080. */
  static async before(target: string): Promise<HostileServer> {
    const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(listener, 'listening');
    return new HostileServer(listener, target);
  }

  get url(): string {
    const address = this.#listener.address();
    return typeof address === 'object' && address !== null
      ? `ws://127.0.0.1:${address.port}`
      : expect.unreachable();
  }

  /** From now on answers this request so. */
  reply<Name extends RequestName>(name: Name, rewrite: Rewrite<Name>): void {
    this.#replies[name] = rewrite as Rewrite<RequestName>;
  }

  /** From now on answers this request so where the gateway refuses it. */
  instead<Name extends RequestName>(name: Name, answer: Instead<Name>): void {
    this.#refusals[name] = answer as Instead<RequestName>;
  }

  /** From now on passes this request on so. */
  divert<Name extends RequestName>(name: Name, divert: Divert<Name>): void {
    this.#requests[name] = divert as Divert<RequestName>;
  }

  /** From now on never answers this request. */
  hold(name: RequestName): void {
    this.#held.add(name);
  }

  /** For the next test: honest, and nothing was asked yet. */
  begin(): void {
    this.honest();
    this.asked.length = 0;
  }

  honest(): void {
    for (const hooks of [this.#replies, this.#refusals, this.#requests])
      for (const name of requestNames) delete hooks[name];
    this.#held.clear();
    this.onEvent = (event) => [event];
  }

  count(name: RequestName): number {
    return this.asked.filter((request) => request.name === name).length;
  }

  /** An event or a frame of its own, to every client. */
  tell(event: ServerEvent | Uint8Array): void {
    for (const client of this.#clients) client.send(encoded(event));
  }

  /** Breaks every connection. */
  cut(): void {
    for (const client of this.#clients) client.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cut();
    await closed;
  }

  #accept(client: WebSocket): void {
    const gateway = new WebSocket(`${this.#target}${WEBSOCKET_PATH}`, SUBPROTOCOL);
    gateway.binaryType = 'nodebuffer';
    const open = new Map<number, Request>();
    const early: Uint8Array[] = [];
    this.#clients.add(client);
    client.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return expect.unreachable();
      const frame = this.#fromClient(new Uint8Array(data), open);
      if (gateway.readyState === WebSocket.OPEN) gateway.send(frame);
      else early.push(frame);
    });
    gateway.on('open', () => {
      for (const frame of early.splice(0)) gateway.send(frame);
    });
    gateway.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return expect.unreachable();
      for (const frame of this.#fromGateway(new Uint8Array(data), open)) client.send(frame);
    });
    client.on('error', () => undefined);
    gateway.on('error', () => undefined);
    client.on('close', () => {
      this.#clients.delete(client);
      gateway.terminate();
    });
    gateway.on('close', () => client.close());
  }

  #fromClient(frame: Uint8Array, open: Map<number, Request>): Uint8Array {
    const decoded = decodeRequest(frame);
    if (decoded.kind !== 'request') throw new Error(`the client sent ${JSON.stringify(decoded)}`);
    const { request } = decoded;
    this.asked.push(request);
    open.set(request.id, request);
    const divert = this.#requests[request.name];
    return divert === undefined ? frame : encodeRequest(request.name, request.id, divert(request.body));
  }

  #fromGateway(frame: Uint8Array, open: Map<number, Request>): readonly Uint8Array[] {
    const decoded = decodeServerFrame(frame, (id) => open.get(id)?.name);
    if (decoded.kind === 'event') return this.onEvent(decoded.event).map(encoded);
    if (decoded.kind !== 'reply' && decoded.kind !== 'error') return [frame];
    const request = open.get(decoded.id);
    if (request === undefined) return [frame];
    const { id, name, body } = request;
    if (this.#held.has(name)) return [];
    const answer =
      decoded.kind === 'reply' ? this.#replies[name]?.(decoded.body, body) : this.#refusals[name]?.(body);
    if (answer === undefined) return [frame];
    if (answer instanceof Uint8Array) return [answer];
    return [isRefusal(answer) ? encodeError(id, answer) : encodeReply(name, id, answer)];
  }
}

function encoded(event: ServerEvent | Uint8Array): Uint8Array {
  if (event instanceof Uint8Array) return event;
  if (event.name !== 'deliver') return encodeEvent(event.name, event.body);
  const { room, message } = event.body;
  const { wrap } = message;
  return Buffer.concat([deliverPrefix({ room, ...message }, wrap.length > 0), wrap]);
}
