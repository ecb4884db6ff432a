import { answerChallenge } from '../../client/crypto/connection-proofs.ts';
import { randomBytes, type WebKey } from '../../client/crypto/web-crypto.ts';
import { type DecodedFrame, decodeServerFrame, encodeRequest } from '../../src/protocol/client-codec.ts';
import { events } from '../../src/protocol/events.ts';
import type { ConnectionBinding } from '../../src/protocol/layouts/session-proofs.ts';
import { NONCE_BYTES, SUBPROTOCOL, WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import { foldName, type UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../src/protocol/requests.ts';
import { sendIndexOf } from '../cast.ts';
import { type DeliverHead, deliverHead, eventOperation } from '../wire/deliver-head.ts';
import { dial, type K6Message, type K6Socket, OPEN } from './k6-socket.ts';

type ErrorFrame = Extract<DecodedFrame, { readonly kind: 'error' }>;

/** What a prepared send was answered; `index` is that of its frame in the room. */
export type SendAnswer =
  | { readonly index: number; readonly reply: ReplyBody<'send'> }
  | { readonly index: number; readonly error: ErrorFrame['error'] };

export interface SessionListener {
  answered(answer: SendAnswer): void;
  /** `readAt`: milliseconds since 1970. */
  delivered(head: DeliverHead, frame: Uint8Array, readAt: number): void;
  /** Something may have been missed. */
  resync(): void;
  /** Once. `code` is 1006 when the connection ended without one. */
  closed(code: number): void;
}

/** A request was refused, or its connection ended. */
export class RequestFailed extends Error {
  readonly code: string;

  constructor(request: string, code: string) {
    super(`${request}: ${code}`);
    this.code = code;
  }
}

interface Waiting {
  readonly name: RequestName;
  resolve(body: ReplyBody<RequestName>): void;
  reject(reason: RequestFailed): void;
}

const CLOSED_WITHOUT_CODE = 1006;

/** One connection of k6 that speaks the protocol. */
export class K6Session {
  readonly #socket: K6Socket;
  readonly #listener: SessionListener;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #binding: ConnectionBinding | undefined;
  #closed = false;
  #onOpen: () => void = () => undefined;

  private constructor(url: string, listener: SessionListener) {
    this.#listener = listener;
    this.#socket = dial(`${url}${WEBSOCKET_PATH}`, SUBPROTOCOL);
    this.#socket.onopen = () => this.#onOpen();
    this.#socket.onmessage = (message) => this.#message(message);
    // What is wrong is told by the close event that follows.
    this.#socket.onerror = () => undefined;
    this.#socket.onclose = ({ code }) => this.#ended(code ?? CLOSED_WITHOUT_CODE);
  }

  /** Connected and greeted. Rejects with RequestFailed; then the listener was told as well. */
  static async open(url: string, origin: Origin, listener: SessionListener): Promise<K6Session> {
    const session = new K6Session(url, listener);
    await new Promise<void>((resolve, reject) => {
      session.#onOpen = resolve;
      session.#waiting.set(0, { name: 'hello', resolve: () => undefined, reject });
    });
    session.#waiting.delete(0);
    const clientNonce = randomBytes(NONCE_BYTES);
    const { nonce } = await session.request('hello', { client: 'conclave-k6', nonce: clientNonce, origin });
    session.#binding = { origin, clientNonce, serverNonce: nonce };
    return session;
  }

  async login(username: UserName, rsaDecrypt: WebKey): Promise<void> {
    const binding = this.#binding;
    if (binding === undefined) throw new RequestFailed('login', 'not greeted');
    const { challenge, expires } = await this.request('login', { username });
    const fields = { ...binding, username: foldName(username), expires };
    const answer = await answerChallenge({ rsaDecrypt }, fields, challenge);
    if (!answer.ok) throw new RequestFailed('login', answer.reason);
    await this.request('answer', { mac: answer.mac });
  }

  request<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    this.#requests += 1;
    const id = this.#requests;
    return new Promise<ReplyBody<Name>>((resolve, reject) => {
      if (this.#closed) {
        reject(new RequestFailed(name, 'closed'));
        return;
      }
      // The reply is decoded by the name that is kept here, so it is of this name's type.
      this.#waiting.set(id, { name, resolve: (reply) => resolve(reply as ReplyBody<Name>), reject });
      this.#write(encodeRequest(name, id, body));
    });
  }

  /** A prepared request `send`; its answer goes to the listener, unless the connection ends before. */
  sendPrepared(frame: ArrayBuffer): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(frame);
  }

  close(code: number): void {
    if (this.#socket.readyState === OPEN) this.#socket.close(code);
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.readyState !== OPEN) return;
    const { buffer, byteOffset, byteLength } = bytes;
    if (buffer instanceof ArrayBuffer) this.#socket.send(buffer.slice(byteOffset, byteOffset + byteLength));
  }

  #message({ data, timestamp }: K6Message): void {
    const bytes = new Uint8Array(data);
    const head = deliverHead(bytes);
    if (head !== undefined) {
      this.#listener.delivered(head, bytes, timestamp);
      return;
    }
    const operation = eventOperation(bytes);
    if (operation !== undefined) {
      // Who is online, and who came and went, would only cost k6 its time.
      if (operation === events.resync.op) this.#listener.resync();
      return;
    }
    const frame = decodeServerFrame(bytes, (id) =>
      sendIndexOf(id) === undefined ? this.#waiting.get(id)?.name : 'send',
    );
    if (frame.kind === 'reply' || frame.kind === 'error') this.#reply(frame);
    else if (frame.kind === 'malformed')
      throw new Error(`the server sent a malformed frame: ${frame.reason}`);
  }

  #reply(frame: Extract<DecodedFrame, { readonly kind: 'reply' | 'error' }>): void {
    const index = sendIndexOf(frame.id);
    if (index !== undefined) {
      // Decoded as the reply to a send.
      if (frame.kind === 'reply') this.#listener.answered({ index, reply: frame.body as ReplyBody<'send'> });
      else this.#listener.answered({ index, error: frame.error });
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.kind === 'reply') waiting?.resolve(frame.body);
    else waiting?.reject(new RequestFailed(waiting.name, frame.error.name ?? `${frame.error.code}`));
  }

  #ended(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { name, reject } of this.#waiting.values()) reject(new RequestFailed(name, `closed ${code}`));
    this.#waiting.clear();
    this.#listener.closed(code);
  }
}
