import {
  decodeServerFrame,
  encodeRequest,
  framesOfMessage,
  type ServerEvent,
} from '../../../src/protocol/client-codec.ts';
import type { RoomInfo } from '../../../src/protocol/entities.ts';
import { isRefusal, type Refusal } from '../../../src/protocol/error-reply.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
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

/** What a test makes of a request in place of the real gateway: a refusal, no answer, or the end of the connection before or after the work is done. */
export type Interception = Refusal | 'silence' | 'cut' | 'work-then-cut' | undefined;

/** One side of a connection, as a server in the middle has it. */
export interface FrameEnd {
  send(frame: Uint8Array): void;
  close(code: number): void;
  /** Without a close frame. */
  terminate(): void;
}

/** What comes from the two sides of one connection. */
export interface Passage {
  fromClient(frame: Uint8Array): void;
  fromGateway(frame: Uint8Array): void;
  /** The other side is closed, too. */
  clientClosed(code: number): void;
  gatewayClosed(code: number): void;
}

interface HostileSession {
  readonly client: FrameEnd;
  readonly gateway: FrameEnd;
  readonly open: Map<number, Request>;
  /** Once logged in. */
  user?: UserId;
  /** The request after whose answer the connection ends; meanwhile the client gets nothing. */
  last?: Request;
}

/** What a close frame may not carry: none was received, or not even a frame. */
const UNSENDABLE_CODES: ReadonlySet<number> = new Set([1005, 1006]);

/**
 * A server that is hostile where a test says so and honest everywhere else: it stands between real clients and a real
 * gateway, and sees what a gateway sees.
 */
export class HostileServer {
  readonly url: string;
  readonly #sessions = new Set<HostileSession>();
  readonly #replies: { [Name in RequestName]?: Rewrite<RequestName> } = {};
  readonly #refusals: { [Name in RequestName]?: Instead<RequestName> } = {};
  readonly #requests: { [Name in RequestName]?: Divert<RequestName> } = {};
  readonly #held = new Set<RequestName>();
  /** What clients asked for, oldest first. */
  readonly asked: Request[] = [];
  /** Connections that were made so far. */
  dials = 0;
  intercept: (request: Request) => Interception = () => undefined;
  /** Each event of the gateway as the events that a client of this user gets instead. */
  onEvent: (event: ServerEvent, to: UserId | undefined) => readonly (ServerEvent | Uint8Array)[] = (
    event,
  ) => [event];

  /** `url`: what clients dial. */
  constructor(url: string) {
    this.url = url;
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

  /** As a gateway of another release is: connections from now on are offered these features, or are told of none. */
  offer(features: readonly string[] | undefined): void {
    this.reply('hello', ({ features: _own, ...reply }) => ({
      ...reply,
      ...(features !== undefined && { features: [...features] }),
    }));
  }

  /** From now on says this of each room that is entered. */
  claim(change: (info: RoomInfo) => RoomInfo): void {
    this.reply('enter', ({ rooms }) => ({
      rooms: rooms.map((entered) =>
        entered.info === undefined ? entered : { ...entered, info: change(entered.info) },
      ),
    }));
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
    this.intercept = () => undefined;
    this.onEvent = (event) => [event];
  }

  count(name: RequestName): number {
    return this.asked.filter((request) => request.name === name).length;
  }

  /** The bodies of these requests, oldest first. */
  bodies<Name extends RequestName>(name: Name): readonly RequestBody<Name>[] {
    return this.asked.flatMap((request) =>
      request.name === name ? [request.body as RequestBody<Name>] : [],
    );
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** Whether the gateway still owes an answer. */
  get isBusy(): boolean {
    return [...this.#sessions].some(({ open }) => open.size > 0);
  }

  /** An event or a frame of its own, to every client or those of one user. */
  tell(event: ServerEvent | Uint8Array, to?: UserId): void {
    for (const { client, user } of this.#sessions)
      if (to === undefined || user === to) client.send(encoded(event));
  }

  /** Breaks every connection. */
  cut(): void {
    for (const session of [...this.#sessions]) this.#cut(session);
  }

  /** Ends every connection with this code. */
  closeAll(code: number): void {
    for (const { client } of [...this.#sessions]) client.close(code);
  }

  /** A connection of a client. `dial` makes the one to the gateway. */
  accept(client: FrameEnd, dial: (passage: Passage) => FrameEnd): Passage {
    this.dials += 1;
    const passage: Passage = {
      fromClient: (frame) => this.#fromClient(session, frame),
      fromGateway: (message) => {
        for (const frame of framesOf(message))
          for (const each of this.#fromGateway(session, frame)) client.send(each);
      },
      clientClosed: (code) => {
        this.#sessions.delete(session);
        ended(session.gateway, code);
      },
      gatewayClosed: (code) => ended(client, code),
    };
    const session: HostileSession = { client, gateway: dial(passage), open: new Map() };
    this.#sessions.add(session);
    return passage;
  }

  #cut(session: HostileSession): void {
    this.#sessions.delete(session);
    session.client.terminate();
    session.gateway.terminate();
  }

  #fromClient(session: HostileSession, frame: Uint8Array): void {
    const decoded = decodeRequest(frame);
    if (decoded.kind !== 'request') throw new Error(`the client sent ${JSON.stringify(decoded)}`);
    const { request } = decoded;
    this.asked.push(request);
    const interception = this.intercept(request);
    if (interception === 'silence') return;
    if (interception === 'cut') this.#cut(session);
    else if (typeof interception === 'object') session.client.send(encodeError(request.id, interception));
    else {
      if (interception === 'work-then-cut') session.last = request;
      session.open.set(request.id, request);
      const divert = this.#requests[request.name];
      const { name, id, body } = request;
      session.gateway.send(divert === undefined ? frame : encodeRequest(name, id, divert(body)));
    }
  }

  #fromGateway(session: HostileSession, frame: Uint8Array): readonly Uint8Array[] {
    const { open, last } = session;
    const decoded = decodeServerFrame(frame, (id) => open.get(id)?.name);
    if (last !== undefined) {
      if ('id' in decoded && decoded.id === last.id) this.#cut(session);
      return [];
    }
    if (decoded.kind === 'event') return this.onEvent(decoded.event, session.user).map(encoded);
    if (decoded.kind !== 'reply' && decoded.kind !== 'error') return [frame];
    const request = open.get(decoded.id);
    if (request === undefined) return [frame];
    open.delete(decoded.id);
    const { id, name, body } = request;
    if (decoded.kind === 'reply' && 'user' in decoded.body && 'token' in decoded.body)
      session.user = decoded.body.user;
    if (this.#held.has(name)) return [];
    const answer =
      decoded.kind === 'reply' ? this.#replies[name]?.(decoded.body, body) : this.#refusals[name]?.(body);
    if (answer === undefined) return [frame];
    if (answer instanceof Uint8Array) return [answer];
    return [isRefusal(answer) ? encodeError(id, answer) : encodeReply(name, id, answer)];
  }
}

/** An honest gateway's: what it joined to a batch goes out frame by frame. */
function framesOf(message: Uint8Array): readonly Uint8Array[] {
  const frames = framesOfMessage(message, true);
  if (typeof frames === 'string') throw new Error(`the gateway sent no message: ${frames}`);
  return frames;
}

/** As the other side was. */
function ended(end: FrameEnd, code: number): void {
  if (UNSENDABLE_CODES.has(code)) end.terminate();
  else end.close(code);
}

function encoded(event: ServerEvent | Uint8Array): Uint8Array {
  if (event instanceof Uint8Array) return event;
  if (event.name !== 'deliver') return encodeEvent(event.name, event.body);
  const { room, message } = event.body;
  const { wrap } = message;
  return Buffer.concat([deliverPrefix({ room, ...message }, wrap.length > 0), wrap]);
}
