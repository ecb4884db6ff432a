import { publicEncrypt, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { toHex } from '../../../src/protocol/bytes.ts';
import { isRefusal, type Refusal, refuse } from '../../../src/protocol/error-reply.ts';
import type { EventBody, EventName } from '../../../src/protocol/events.ts';
import { parseUserId, type RoomId, type UserId } from '../../../src/protocol/ids.ts';
import { parseIdentityDocument } from '../../../src/protocol/layouts/identity-document.ts';
import { challengeLabel } from '../../../src/protocol/layouts/session-proofs.ts';
import { foldName, parseUserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import type { RequestBody, RequestName } from '../../../src/protocol/requests.ts';
import {
  decodeRequest,
  deliverPrefix,
  encodeError,
  encodeEvent,
  encodeReply,
  type Request,
} from '../../../src/protocol/server-codec.ts';
import { answerOpenSession, commitEpoch } from './fake-open-session.ts';
import type { FakeMessage, FakeRoom } from './fake-room.ts';
import type { Answer, FakeSession, FakeUser, FakeWorld, Revoked } from './fake-session.ts';

/** What a test makes of a request: another answer, none at all, a cut connection before or after the work is done. */
export type Interception = Refusal | 'silence' | 'cut' | 'work-then-cut' | undefined;

/** Speaks the protocol in memory, believes every proof, and does as a test wants. */
export class FakeServer {
  readonly #server: WebSocketServer;
  readonly users = new Map<UserId, FakeUser>();
  readonly rooms = new Map<RoomId, FakeRoom>();
  readonly sessions = new Set<FakeSession>();
  readonly requests: Request[] = [];
  /** Of each user, as they were put last. */
  readonly prekeys = new Map<UserId, readonly Uint8Array[]>();
  /** Which sessions hear of new epochs. */
  tellsEpochs: (session: FakeSession) => boolean = () => true;
  readonly #tokens = new Map<string, { readonly user: UserId; readonly revoked?: Revoked }>();
  intercept: (request: Request, session: FakeSession) => Interception = () => undefined;
  /** Which sessions get a delivery. */
  delivers: (message: FakeMessage) => boolean = () => true;
  dials = 0;
  pingMs = 25_000;
  silenceMs = 60_000;
  frameBytes = 320 * 1024;
  /** What the reply to `hello` names; undefined: it has no such field, as before there were features. */
  features: readonly string[] | undefined;
  roomsPerConnection = 100;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(port = 0): Promise<FakeServer> {
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    return new FakeServer(server);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  count(name: RequestName): number {
    return this.requests.filter((request) => request.name === name).length;
  }

  room(name: string): FakeRoom {
    return (
      [...this.rooms.values()].find((room) => foldName(room.name) === name.toLowerCase()) ??
      expect.unreachable()
    );
  }

  user(name: string): FakeUser {
    return (
      [...this.users.values()].find((user) => foldName(user.name) === name.toLowerCase()) ??
      expect.unreachable()
    );
  }

  /** An epoch that no client of the test asked for. */
  async commit(user: UserId, body: RequestBody<'epoch'>): Promise<void> {
    if (isRefusal(await commitEpoch(this, user, body))) throw new Error('the epoch was refused');
  }

  cut(): void {
    for (const { socket } of this.sessions) socket.terminate();
  }

  closeAll(code: number): void {
    for (const { socket } of this.sessions) socket.close(code);
  }

  emit<Name extends Exclude<EventName, 'deliver'>>(room: RoomId, name: Name, body: EventBody<Name>): void {
    for (const session of this.sessions)
      if (session.entered.has(room)) session.socket.send(encodeEvent(name, body));
  }

  deliver(room: FakeRoom, message: FakeMessage): void {
    for (const { entered, user, socket } of this.sessions) {
      const wrap = user === undefined ? undefined : message.wraps.get(user);
      if (!entered.has(room.id) || wrap === undefined) continue;
      socket.send(Buffer.concat([deliverPrefix({ room: room.id, ...message }, wrap.length > 0), wrap]));
    }
  }

  #accept(socket: WebSocket): void {
    this.dials += 1;
    const session: FakeSession = {
      socket,
      nonces: undefined,
      logging: undefined,
      user: undefined,
      token: undefined,
      entered: new Set(),
    };
    this.sessions.add(session);
    socket.on('close', () => this.sessions.delete(session));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      if (!Buffer.isBuffer(data)) expect.unreachable();
      const decoded = decodeRequest(new Uint8Array(data));
      if (decoded.kind !== 'request') throw new Error(`the client sent ${JSON.stringify(decoded)}`);
      void this.#handle(session, decoded.request);
    });
  }

  async #handle(session: FakeSession, request: Request): Promise<void> {
    this.requests.push(request);
    const interception = this.intercept(request, session);
    if (interception === 'silence') return;
    if (interception === 'cut') session.socket.terminate();
    else if (typeof interception === 'object') session.socket.send(encodeError(request.id, interception));
    else {
      const answer =
        request.name === 'epoch' && session.user !== undefined
          ? await commitEpoch(this, session.user, request.body)
          : this.#answer(session, request);
      if (interception === 'work-then-cut') session.socket.terminate();
      else if (isRefusal(answer)) session.socket.send(encodeError(request.id, answer));
      else session.socket.send(encodeReply(answer.name, request.id, answer.body));
    }
  }

  #answer(session: FakeSession, request: Request): Answer {
    const { name } = request;
    switch (name) {
      case 'hello': {
        const server = new Uint8Array(randomBytes(32));
        session.nonces = { client: request.body.nonce, server };
        const limits = {
          frameBytes: this.frameBytes,
          textBytes: 16 * 1024,
          roomMembers: 256,
          roomsPerConnection: this.roomsPerConnection,
        };
        return {
          name,
          body: {
            nonce: server,
            server: 'fake/1',
            version: 1,
            time: Date.now(),
            pingMs: this.pingMs,
            silenceMs: this.silenceMs,
            limits,
            ...(this.features === undefined ? {} : { features: this.features }),
          },
        };
      }
      case 'register': {
        const parsed = parseIdentityDocument(request.body.identity.document);
        if (!parsed.ok) return refuse('invalid_identity');
        const { username } = parsed.document;
        if ([...this.users.values()].some((user) => foldName(user.name) === foldName(username)))
          return refuse('name_taken');
        const id = parseUserId(new Uint8Array(randomBytes(16))) ?? expect.unreachable();
        this.users.set(id, { id, name: username, chain: [request.body.identity] });
        return { name, body: { user: id } };
      }
      case 'login': {
        const username = parseUserName(request.body.username);
        const user = [...this.users.values()].find(
          (found) => username !== undefined && foldName(found.name) === foldName(username),
        );
        if (user === undefined || session.nonces === undefined) return refuse('auth_failed');
        session.logging = foldName(user.name);
        const expires = Date.now() + 30_000;
        const identity = parseIdentityDocument(user.chain.at(-1)?.document ?? new Uint8Array());
        if (!identity.ok) return expect.unreachable();
        const label = challengeLabel({
          origin: parseOrigin(this.url) ?? expect.unreachable(),
          username: session.logging,
          clientNonce: session.nonces.client,
          serverNonce: session.nonces.server,
          expires,
        });
        const key = {
          key: Buffer.from(identity.document.rsaKey),
          format: 'der',
          type: 'spki',
          oaepHash: 'sha256',
          oaepLabel: Buffer.from(label),
        } as const;
        return { name, body: { challenge: new Uint8Array(publicEncrypt(key, randomBytes(32))), expires } };
      }
      case 'answer':
        return session.logging === undefined
          ? refuse('auth_failed')
          : this.#open(session, name, this.user(session.logging).id, new Uint8Array(randomBytes(32)));
      case 'resume': {
        const { token } = request.body;
        const { user, revoked } = this.#tokens.get(toHex(token)) ?? {};
        return user === undefined || revoked !== undefined
          ? refuse(revoked ?? 'auth_failed')
          : this.#open(session, name, user, token);
      }
      case 'ping':
        return { name, body: { time: Date.now() } };
      default:
        return session.user === undefined
          ? refuse('unauthenticated')
          : answerOpenSession(this, session, session.user, request);
    }
  }

  #open(session: FakeSession, name: 'answer' | 'resume', user: UserId, token: Uint8Array): Answer {
    session.token = toHex(token);
    this.#tokens.set(session.token, { user });
    session.user = user;
    const found = this.users.get(user) ?? expect.unreachable();
    return { name, body: { user, name: found.name, token, until: Date.now() + 86_400_000 } };
  }

  revokeTokens(): void {
    this.#tokens.clear();
  }

  endSessions(...[user, { close, resume, token }]: Parameters<FakeWorld['endSessions']>): void {
    for (const [known, { user: of }] of this.#tokens)
      if (of === user && known === (token ?? known)) this.#tokens.set(known, { user, revoked: resume });
    const ended = [...this.sessions].filter(
      (session) => session.user === user && session.token === (token ?? session.token),
    );
    setImmediate(() => {
      for (const { socket } of ended) socket.close(close);
    });
  }
}
