import {
  type DecodedFrame,
  decodeServerMessage,
  type ErrorReplyReceived,
  encodeRequest,
  type ServerEvent,
} from '../../../src/protocol/client-codec.ts';
import { CLOSE_NORMAL } from '../../../src/protocol/codes.ts';
import type { FeatureName } from '../../../src/protocol/features.ts';
import type { ConnectionBinding } from '../../../src/protocol/layouts/session-proofs.ts';
import {
  INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN,
  NONCE_BYTES,
  OUTBOUND_FRAME_BYTES_MAX,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
  WEBSOCKET_PATH,
} from '../../../src/protocol/limits.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../../src/protocol/requests.ts';
import type { ConnectionFault } from '../../texts/connection-fault.ts';
import { texts } from '../../texts/texts.ts';
import { ConclaveError, errorOfReply, errorWith, localError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { ConnectionLost } from './connection-lost.ts';
import { featuresNeeded } from './features-needed.ts';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';

/** From the first packet to the reply to `hello`. */
const GREETING_MS_MAX = 10_000;
/** A server ends every request within half a second; one without an answer for this long means a dead connection. */
const REPLY_MS_MAX = 15_000;
/** How long a closing handshake may take. */
const CLOSING_MS_MAX = 1_000;
const REQUESTS_OPEN_MAX = 1_024;
/** Close code for a server that breaks the protocol; browsers allow clients 1000 and 3000–4999. */
const CLOSE_BAD_SERVER = 4000;

export interface ConnectionOptions {
  readonly origin: Origin;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** Name and version of the program, told to the server. */
  readonly program: string;
  readonly onEvent: (event: ServerEvent) => void;
  /** Gives up dialling and greeting at once. */
  readonly abort: AbortSignal;
}

interface OpenRequest {
  readonly name: RequestName;
  readonly body: object;
  readonly resolve: (body: ReplyBody<RequestName>) => void;
  readonly reject: (error: Error) => void;
  readonly sentAt: number;
}

/** One life of one WebSocket: greeting, requests and their replies in any order, events, and noticing a dead server. */
export class Connection {
  readonly clientNonce: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  /** Resolves with why it ended. */
  readonly ended: Promise<ConnectionLost>;
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocketLike;
  readonly #requests = new Map<number, OpenRequest>();
  #greeting: ReplyBody<'hello'> | undefined;
  #nextId = 1;
  #fault = '';
  #lost: ConnectionLost | undefined;
  #heardAt: number;
  #cancelTimer: () => void = () => undefined;
  #resolveEnded: (lost: ConnectionLost) => void = () => undefined;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#heardAt = options.clock.now();
    this.#socket = new options.webSocket(`${options.origin}${WEBSOCKET_PATH}`, SUBPROTOCOL);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', (event) => this.#receive(event.data));
    // A failed dial is told by `error`, then `close` with 1006 and no reason.
    this.#socket.addEventListener('error', (event) => {
      this.#fault = event.message ?? '';
    });
    this.#socket.addEventListener('close', (event) =>
      this.#lose(this.#ending(event.code, event.reason || this.#fault)),
    );
  }

  /** Dials and greets. Rejects with ConnectionLost, or with a ConclaveError when the server refuses the greeting. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options);
    try {
      await connection.#greet();
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Why it ended, once it did. */
  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** What a proof on this connection is bound to. The origin is the one that was dialled, never one that a server told. */
  get binding(): ConnectionBinding {
    return { origin: this.#options.origin, clientNonce: this.clientNonce, serverNonce: this.greeting.nonce };
  }

  /** The server's reply to `hello`. */
  get greeting(): ReplyBody<'hello'> {
    if (this.#greeting === undefined) throw new Error('the connection was not greeted');
    return this.#greeting;
  }

  /** Whether this gateway named the feature. Another one may answer the next dial. */
  has(feature: FeatureName): boolean {
    return this.#greeting?.features?.includes(feature) === true;
  }

  /**
   * Rejects with ConclaveError when the server refuses or lacks a feature that the request needs, ConnectionLost when the
   * outcome is unknown.
   */
  request<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    if (this.#requests.size >= REQUESTS_OPEN_MAX)
      return Promise.reject(new ConclaveError('usage', `more than ${REQUESTS_OPEN_MAX} requests at once`));
    const lacking = featuresNeeded(name, body).find((feature) => !this.has(feature));
    if (lacking !== undefined) return Promise.reject(errorWith('unsupported', texts.features[lacking]));
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    const frame = encodeRequest(name, id, body);
    const bytesMax = this.#greeting?.limits.frameBytes ?? INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN;
    if (frame.length > bytesMax)
      return Promise.reject(localError('too_large', 'request_too_large', { size: bytesMax }));
    return new Promise((resolve, reject) => {
      this.#requests.set(id, {
        ...{ name, body },
        // The codec parsed the body by the name that this id was opened with.
        resolve: (reply) => resolve(reply as ReplyBody<Name>),
        reject,
        sentAt: this.#options.clock.now(),
      });
      this.#socket.send(frame);
    });
  }

  /** Ends with code 1000. Resolves when the socket is closed, or after CLOSING_MS_MAX. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.schedule(CLOSING_MS_MAX, () =>
      this.#abandon(this.#ending(CLOSE_NORMAL, 'closed', 'lost')),
    );
    this.#socket.close(CLOSE_NORMAL);
    await this.ended;
  }

  async #greet(): Promise<void> {
    const { abort, clock } = this.#options;
    this.#cancelTimer = clock.schedule(GREETING_MS_MAX, () =>
      this.#abandon(this.#ending(1006, 'no greeting in time', 'no_answer')),
    );
    const giveUp = (): void => this.#abandon(this.#ending(CLOSE_NORMAL, 'closed', 'lost'));
    abort.addEventListener('abort', giveUp, { once: true });
    if (abort.aborted) giveUp();
    try {
      this.#greeting = await this.#greeted();
    } finally {
      // The signal outlives this connection: a client that dials for hours must not leave a listener for each attempt.
      abort.removeEventListener('abort', giveUp);
    }
    this.#watch();
  }

  async #greeted(): Promise<ReplyBody<'hello'>> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.addEventListener('open', resolve);
      void this.ended.then(reject);
    });
    const greeting = await this.request('hello', {
      client: this.#options.program,
      nonce: this.clientNonce,
      origin: this.#options.origin,
    });
    // Before any proof is shown: another version may mean something else by it.
    if (greeting.version !== PROTOCOL_VERSION)
      throw localError('unsupported_version', 'other_protocol', { version: greeting.version });
    return greeting;
  }

  #receive(data: unknown): void {
    this.#heardAt = this.#options.clock.now();
    if (this.#lost !== undefined) return;
    const requestOf = (id: number): RequestName | undefined => this.#requests.get(id)?.name;
    if (!(data instanceof ArrayBuffer)) this.#broken('text frame');
    else if (data.byteLength > OUTBOUND_FRAME_BYTES_MAX) this.#broken('frame over the limit');
    // A frame's listener may end the connection; the rest of the batch is then dropped.
    else
      for (const frame of decodeServerMessage(new Uint8Array(data), requestOf, this.has('batches')))
        if (this.#lost === undefined) this.#received(frame);
  }

  #broken(reason: string): void {
    this.#abandon(this.#ending(CLOSE_BAD_SERVER, reason, 'bad_server'));
  }

  #received(frame: DecodedFrame): void {
    switch (frame.kind) {
      case 'reply':
        this.#take(frame.id)?.resolve(frame.body);
        break;
      case 'error':
        this.#refused(frame.id, frame.error);
        break;
      case 'event':
        if (this.#greeting !== undefined) this.#options.onEvent(frame.event);
        break;
      case 'unknown':
        break;
      case 'malformed':
        this.#broken(`broken frame: ${frame.reason}`);
        break;
      default:
        frame satisfies never;
    }
  }

  #refused(id: number, error: ErrorReplyReceived): void {
    const request = this.#take(id);
    const connection = this.#greeting?.connection;
    if (request !== undefined)
      request.reject(errorOfReply(error, { request: request.name, body: request.body, connection }));
  }

  #take(id: number): OpenRequest | undefined {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }

  /** One timer looks now and then: asks for a sign of life after pingMs of silence, gives up after silenceMs. */
  #watch(): void {
    const { pingMs, silenceMs } = this.greeting;
    const everyMs = Math.max(Math.min(pingMs, REPLY_MS_MAX) / 2, 50);
    let asked = false;
    let dueAt = 0;
    const again = (): void => {
      dueAt = this.#options.clock.now() + everyMs;
      this.#cancelTimer = this.#options.clock.schedule(everyMs, look);
    };
    const look = (): void => {
      const now = this.#options.clock.now();
      // A look this late was asleep itself, and what came meanwhile may still wait to be read: it judges next time.
      const asleep = now - dueAt > everyMs;
      const silentMs = now - this.#heardAt;
      const oldest = this.#requests.values().next().value;
      const unanswered = oldest !== undefined && now - oldest.sentAt >= REPLY_MS_MAX;
      if (!asleep && (silentMs >= silenceMs || unanswered)) {
        const reason = unanswered ? 'a request was not answered' : 'nothing was heard';
        this.#abandon(this.#ending(1006, reason, 'went_silent'));
        return;
      }
      if (silentMs < pingMs) asked = false;
      else if (!asked) {
        asked = true;
        this.request('ping', {}).catch(() => undefined);
      }
      again();
    };
    this.#cancelTimer();
    again();
  }

  #ending(closeCode: number, raw: string, fault?: ConnectionFault): ConnectionLost {
    const known = { server: this.#options.origin, connection: this.#greeting?.connection };
    return new ConnectionLost(closeCode, raw, { ...known, ...(fault && { fault }) });
  }

  /** Ends without waiting for the other side. */
  #abandon(lost: ConnectionLost): void {
    this.#lose(lost);
    if (this.#socket.terminate !== undefined) this.#socket.terminate();
    else this.#socket.close(CLOSE_BAD_SERVER, '');
  }

  #lose(lost: ConnectionLost): void {
    if (this.#lost !== undefined) return;
    this.#lost = lost;
    this.#cancelTimer();
    for (const request of this.#requests.values()) request.reject(lost);
    this.#requests.clear();
    this.#resolveEnded(lost);
  }
}
