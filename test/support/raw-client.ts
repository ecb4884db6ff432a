import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import {
  type DecodedFrame,
  decodeServerMessage,
  encodeRequest,
  type ServerEvent,
} from '../../src/protocol/client-codec.ts';
import type { ErrorName } from '../../src/protocol/codes.ts';
import type { EventBody, EventName } from '../../src/protocol/events.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import type { ConnectionBinding } from '../../src/protocol/layouts/session-proofs.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import type { ReplyBody, RequestBody, RequestName } from '../../src/protocol/requests.ts';
import { eventually } from './eventually.ts';
import { KeyedPerson } from './ports/keyed-person.ts';
import { PreparedSends } from './ports/prepared-send.ts';

export interface RawReply<Name extends RequestName> {
  readonly ok: ReplyBody<Name> | undefined;
  readonly error: ErrorName | undefined;
  readonly retryAfterMs: number | undefined;
  readonly message: string | undefined;
  /** Of a conflict of epochs. */
  readonly epoch?: ReplyBody<'epochs'>['epochs'][number] | undefined;
}

export interface RawClientOptions {
  readonly subprotocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** False: pings are left unanswered. */
  readonly answersPings?: boolean;
  /** To dial from. */
  readonly localAddress?: string;
}

export type TestAccount = KeyedPerson & { readonly user: UserId };

/** Speaks the protocol frame by frame, as right or as wrong as a test wants. */
export class RawClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly events: ServerEvent[] = [];
  readonly frames: Uint8Array[] = [];
  readonly origin: Origin;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #nextId = 1;
  readonly #names = new Map<number, RequestName>();
  readonly #waiting = new Map<number, (reply: RawReply<RequestName>) => void>();
  binding: ConnectionBinding | undefined;

  private constructor(socket: WebSocket, origin: Origin) {
    this.socket = socket;
    this.origin = origin;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('message', (bytes: Buffer) => this.#received(new Uint8Array(bytes)));
    socket.on('error', () => undefined);
  }

  /** Resolves when the connection is open, or refused: then `closed` is settled too. */
  static async connect(url: string, options: RawClientOptions = {}): Promise<RawClient> {
    const origin = parseOrigin(url);
    if (origin === undefined) throw new Error(`${url} is no origin`);
    const socket = new WebSocket(`${url}/v1`, [...(options.subprotocols ?? ['conclave.v1'])], {
      headers: options.headers ?? {},
      autoPong: options.answersPings ?? true,
      perMessageDeflate: false,
      maxPayload: 1 << 20,
      ...(options.localAddress !== undefined && { localAddress: options.localAddress }),
    });
    const client = new RawClient(socket, origin);
    await new Promise<void>((resolve) => {
      socket.once('open', resolve);
      socket.once('close', () => resolve());
    });
    return client;
  }

  send(frame: Uint8Array | string): void {
    this.socket.send(frame);
  }

  /** The reply, or undefined when the connection ends first. */
  async request<Name extends RequestName>(
    name: Name,
    body: RequestBody<Name>,
    id: number = this.#nextId++,
  ): Promise<RawReply<Name> | undefined> {
    const outcome = await this.replyTo(encodeRequest(name, id, body), id, name);
    return outcome as RawReply<Name> | undefined;
  }

  /** As request(), for what has to succeed. */
  async ask<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ReplyBody<Name>> {
    const reply = await this.request(name, body);
    if (reply?.ok === undefined)
      throw new Error(`${name}: ${reply?.error ?? 'closed'} ${reply?.message ?? ''}`);
    return reply.ok;
  }

  /** The reply to a frame that carries this id. */
  async replyTo(
    frame: Uint8Array,
    id: number,
    name: RequestName = 'ping',
  ): Promise<RawReply<RequestName> | undefined> {
    this.#names.set(id, name);
    const reply = new Promise<RawReply<RequestName>>((resolve) => this.#waiting.set(id, resolve));
    this.send(frame);
    return Promise.race([reply, this.closed.then(() => undefined)]);
  }

  #received(bytes: Uint8Array): void {
    this.frames.push(bytes);
    for (const frame of decodeServerMessage(bytes, (id) => this.#names.get(id), true)) this.#decoded(frame);
  }

  #decoded(frame: DecodedFrame): void {
    if (frame.kind === 'event') this.events.push(frame.event);
    if (frame.kind !== 'reply' && frame.kind !== 'error') return;
    const isOk = frame.kind === 'reply';
    const error = isOk ? undefined : frame.error;
    this.#waiting.get(frame.id)?.({
      ok: isOk ? frame.body : undefined,
      error: error?.name,
      retryAfterMs: error?.retryAfterMs,
      message: error?.message,
      epoch: error?.epoch,
    });
    this.#waiting.delete(frame.id);
  }

  eventsOf<Name extends EventName>(name: Name): EventBody<Name>[] {
    return this.events.flatMap((event) => (event.name === name ? [event.body as EventBody<Name>] : []));
  }

  /** Waits for the nth event of that name. */
  async event<Name extends EventName>(name: Name, nth = 1): Promise<EventBody<Name>> {
    return eventually(() => {
      const event = this.eventsOf(name)[nth - 1];
      if (event === undefined) throw new Error(`no ${name} event number ${nth} came`);
      return event;
    });
  }

  async hello(origin: string = this.origin): Promise<RawReply<'hello'> | undefined> {
    const nonce = randomBytes(32);
    const reply = await this.request('hello', { client: 'raw', nonce: new Uint8Array(nonce), origin });
    if (reply?.ok !== undefined) {
      this.binding = { origin: this.origin, clientNonce: new Uint8Array(nonce), serverNonce: reply.ok.nonce };
    }
    return reply;
  }

  get greeted(): ConnectionBinding {
    if (this.binding === undefined) throw new Error('no hello yet');
    return this.binding;
  }

  /** `keys`: of this account and of others that a test makes. */
  async register(name: string, keys: IdentityKeys): Promise<TestAccount> {
    const person = await KeyedPerson.make(name, keys);
    const { user } = await this.ask('register', await person.registration(this.greeted));
    return Object.assign(person, { user });
  }

  async login(person: KeyedPerson): Promise<RawReply<'answer'> | undefined> {
    const reply = await this.ask('login', { username: person.name });
    const answer = await person.answer(this.greeted, { reply });
    if (answer === undefined) throw new Error('the challenge does not open');
    return this.request('answer', answer);
  }

  async resume(person: KeyedPerson, token: Uint8Array): Promise<RawReply<'resume'> | undefined> {
    return this.request('resume', await person.resumption(this.greeted, token));
  }

  async logout(person: KeyedPerson, everywhere: boolean): Promise<RawReply<'logout'> | undefined> {
    const signature = await person.logout(this.greeted, everywhere);
    return this.request('logout', { everywhere, signature });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}

interface RawMessage {
  readonly room: RoomId;
  readonly version: number;
  readonly account: Pick<TestAccount, 'keys' | 'user'>;
  readonly members: number;
  readonly ciphertextBytes?: number;
}

/** A message that a server accepts, the first of a chain; nobody could read it. */
export function rawMessage({ room, version, account, members, ...more }: RawMessage): RequestBody<'send'> {
  const { ciphertextBytes = 96 } = more;
  const view = { room, version, members: { length: members } };
  const own = { senderFingerprint: account.keys.fingerprint, sentAt: Date.now() };
  const body = new PreparedSends(account).prepare(view, own);
  return { ...body, ciphertext: new Uint8Array(ciphertextBytes) };
}
