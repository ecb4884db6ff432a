import { answerChallenge, proveRegistration, signResume } from '../../client/crypto/connection-proofs.ts';
import { signIdentity } from '../../client/crypto/identity.ts';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { randomBytes } from '../../client/crypto/web-crypto.ts';
import { type DecodedFrame, decodeServerMessage, encodeRequest } from '../../src/protocol/client-codec.ts';
import type { ConnectionBinding } from '../../src/protocol/layouts/session-proofs.ts';
import { foldName, parseUserName, type UserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../src/protocol/requests.ts';
import { RawWebSocket, type ReadBuffer } from './raw-web-socket.ts';

interface Waiting {
  readonly name: RequestName;
  readonly resolve: (body: ReplyBody<RequestName>) => void;
  readonly reject: (reason: Error) => void;
}

export interface WireOptions {
  readonly origin?: string | undefined;
  readonly localAddress?: string | undefined;
}

/** A reply is an array of three, an event one of two or more than three. */
const REPLY_HEAD = 0x93;

/** One connection that speaks the protocol: requests and their replies. Events are dropped. */
export class WireSession {
  readonly socket: RawWebSocket;
  readonly #origin: string;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #takesBatches = false;
  #closeCode: number | undefined;
  #binding: ConnectionBinding | undefined;

  private constructor(socket: RawWebSocket, origin: string) {
    this.socket = socket;
    this.#origin = origin;
    socket.onFrame = (payload) => this.#message(payload);
    socket.onClose = (code) => this.#closed(code);
  }

  /** Connected and greeted. `origin` is what the client says it dialled, if that is not `url`. */
  static async open(url: string, buffer: ReadBuffer, options: WireOptions = {}): Promise<WireSession> {
    const { origin = url, localAddress } = options;
    const session = new WireSession(await RawWebSocket.open(url, buffer, localAddress), origin);
    await session.#hello();
    return session;
  }

  request<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    this.#requests += 1;
    const id = this.#requests;
    if ('batches' in body && body.batches === true) this.#takesBatches = true;
    return new Promise<ReplyBody<Name>>((resolve, reject) => {
      if (this.#closeCode !== undefined) return reject(closed(name, this.#closeCode));
      // The reply is decoded by the name that is kept here, so it is of this name's type.
      this.#waiting.set(id, { name, resolve: (reply) => resolve(reply as ReplyBody<Name>), reject });
      this.socket.send(encodeRequest(name, id, body));
    });
  }

  async register(name: UserName, keys: IdentityKeys, createdAt = Date.now()): Promise<void> {
    const identity = await signIdentity(keys, { username: name, createdAt });
    const proof = await proveRegistration(keys, this.#bound(), identity.document);
    await this.request('register', { identity, proof });
  }

  async login(name: UserName, keys: IdentityKeys): Promise<ReplyBody<'answer'>> {
    const { challenge, expires } = await this.request('login', { username: name });
    const answer = await answerChallenge(
      keys,
      { ...this.#bound(), username: foldName(name), expires },
      challenge,
    );
    if (!answer.ok) throw new Error(answer.reason);
    return this.request('answer', { mac: answer.mac });
  }

  async resume(token: Uint8Array, keys: IdentityKeys): Promise<ReplyBody<'resume'>> {
    return this.request('resume', { token, signature: await signResume(keys, this.#bound(), token) });
  }

  async #hello(): Promise<void> {
    const origin = parseOrigin(this.#origin);
    if (origin === undefined) throw new Error(`${this.#origin} is no address`);
    const clientNonce = randomBytes(32);
    const { nonce } = await this.request('hello', { client: 'conclave-load', nonce: clientNonce, origin });
    this.#binding = { origin, clientNonce, serverNonce: nonce };
  }

  #bound(): ConnectionBinding {
    if (this.#binding === undefined) throw new Error('not greeted');
    return this.#binding;
  }

  #message(payload: Buffer): void {
    if (!this.#takesBatches && payload[0] !== REPLY_HEAD) return;
    const requestOf = (id: number): RequestName | undefined => this.#waiting.get(id)?.name;
    for (const frame of decodeServerMessage(payload, requestOf, this.#takesBatches)) this.#frame(frame);
  }

  #frame(frame: DecodedFrame): void {
    if (frame.kind === 'malformed') throw new Error(frame.reason);
    if (frame.kind !== 'reply' && frame.kind !== 'error') return;
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.kind === 'reply') waiting?.resolve(frame.body);
    else waiting?.reject(new Error(`${waiting.name}: ${frame.error.name} ${frame.error.message}`));
  }

  #closed(code: number): void {
    this.#closeCode = code;
    for (const { name, reject } of this.#waiting.values()) reject(closed(name, code));
    this.#waiting.clear();
  }
}

function closed(name: RequestName, code: number): Error {
  return new Error(`${name}: closed with ${code}`);
}

export function userName(text: string): UserName {
  const name = parseUserName(text);
  if (name === undefined) throw new Error(`${text} is no user name`);
  return name;
}
