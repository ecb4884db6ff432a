import type { Caller } from '../core/caller.ts';
import type { ConnectionRequestName, PlainRequestName, UseCaseOn, UseCasesOn } from '../core/use-case.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { ErrorName } from '../protocol/codes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { type ReplyBody, type RequestBody, type RequestName, requestNameOf } from '../protocol/requests.ts';
import {
  type DecodedRequest,
  decodeRequest,
  encodeError,
  encodeReply,
  type Request,
  type RequestHead,
  readRequestHead,
  replyFrame,
} from '../protocol/server-codec.ts';
import { EncodedOnce } from './encoded-once.ts';
import { fits, type Session, type SessionCall, type StateFor, wrongState } from './session.ts';
import { FrameTurns } from './session-limits.ts';
import type { Deadlined, DeadlineQueue } from './timers.ts';

/** Requests of one session that may be under way at a time. */
export const OPEN_REQUESTS_MAX = 128;
const OPEN_REQUESTS_RETRY_MS = 100;
/** What waits for its turn is done within a few turns, unless this session sends far more than its share. */
const WAITING_RETRY_MS = 500;
/** For going elsewhere: the node is about to close this session. */
const DRAINING_RETRY_MS = 500;
/** When a backing service is away, it rarely is back sooner. */
export const UNAVAILABLE_RETRY_MS = 1_000;

/** Its use case answers many with the same body: a page of a roster. */
const SHARED: RequestName = 'members';
const sharedBodies = new EncodedOnce();

export const unavailable = (): Refusal => refuse('unavailable', { retryAfterMs: UNAVAILABLE_RETRY_MS });

/** A reply whose parts were encoded before, for others. */
export class EncodedReply {
  readonly frame: (id: number) => Uint8Array;

  constructor(frame: (id: number) => Uint8Array) {
    this.frame = frame;
  }
}

export type Outcome<Name extends RequestName> = ReplyBody<Name> | EncodedReply | Refusal;

/** A request under way. It is answered exactly once, by its handler or by its deadline. */
export class Call implements Deadlined, SessionCall {
  readonly session: Session;
  readonly id: number;
  readonly name: RequestName;
  readonly startedAtMs: number;
  #answered = false;

  constructor(session: Session, id: number, name: RequestName, startedAtMs: number) {
    this.session = session;
    this.id = id;
    this.name = name;
    this.startedAtMs = startedAtMs;
  }

  /** The deadline has answered, or the connection is closed: what the handler still does changes no session. */
  isDone(): boolean {
    return this.#answered || this.session.isClosed();
  }

  answer<Name extends RequestName>(name: Name, outcome: Outcome<Name>): void {
    if (this.isDone()) return;
    if (outcome instanceof EncodedReply) this.#reply(outcome.frame(this.id), 'ok');
    else if (isRefusal(outcome)) this.#reply(encodeError(this.id, outcome), outcome.refused);
    else if (name === SHARED) this.#reply(replyFrame(this.id, sharedBodies.bytesOf(name, outcome)), 'ok');
    else this.#reply(encodeReply(name, this.id, outcome), 'ok');
  }

  deadlinePassed(): void {
    if (!this.isDone()) this.#reply(encodeError(this.id, unavailable()), 'unavailable');
  }

  #reply(frame: Uint8Array, outcome: 'ok' | ErrorName): void {
    this.#answered = true;
    this.session.answered(this, frame, outcome);
  }
}

/** A request that changes its connection. Throws as a use case does. */
export type ConnectionHandler<Name extends ConnectionRequestName> = (
  call: Call,
  state: StateFor<Name>,
  body: RequestBody<Name>,
) => Outcome<Name> | Promise<Outcome<Name>>;

/** Every request that changes its connection has its handler, or this does not compile. */
export type ConnectionHandlers = {
  readonly [Name in ConnectionRequestName]: ConnectionHandler<Name>;
};

type SessionLimitName = 'frame_bytes_session' | 'requests_session' | 'open_requests' | 'waiting_bytes';
type ExceededLimit = readonly [limit: SessionLimitName, retryAfterMs: number];

export interface DispatcherParts<Core> {
  readonly core: Core;
  readonly useCases: UseCasesOn<Core>;
  readonly handlers: ConnectionHandlers;
  /** All steps of a request share one. */
  readonly deadlines: DeadlineQueue;
  readonly telemetry: Telemetry;
  /** See FrameTurns; tests take turns themselves. */
  readonly nextTurn?: (run: () => void) => void;
}

/** From the bytes of a frame to its answer. */
export class Dispatcher<Core> {
  readonly #core: Core;
  readonly #useCases: UseCasesOn<Core>;
  readonly #handlers: ConnectionHandlers;
  readonly #deadlines: DeadlineQueue;
  readonly #telemetry: Telemetry;
  readonly turns: FrameTurns<Session>;

  constructor({ core, useCases, handlers, deadlines, telemetry, nextTurn }: DispatcherParts<Core>) {
    this.#core = core;
    this.#useCases = useCases;
    this.#handlers = handlers;
    this.#deadlines = deadlines;
    this.#telemetry = telemetry;
    this.turns = new FrameTurns((...frame) => this.#handle(...frame), telemetry, nextTurn);
  }

  /**
   * Never throws. The session pays for a frame's bytes before anything else is done with it. The bytes are copied or decoded
   * before it returns, and the codec copies what it takes out of them, so they may be those of a socket's own buffer.
   */
  frame(session: Session, bytes: Uint8Array): void {
    try {
      const nowMs = session.heardAtMs;
      const waitMs = session.limits.takeFrame(nowMs, bytes.length);
      const arrived = waitMs > 0 ? 'over_rate' : this.turns.arrived(session, bytes, nowMs);
      if (arrived === 'now') this.#handle(session, bytes, nowMs, nowMs);
      else if (arrived === 'too_many') session.close('abuse');
      else if (arrived === 'too_large') this.#overLimit(session, bytes, 'waiting_bytes', WAITING_RETRY_MS);
      else if (arrived === 'over_rate') this.#overLimit(session, bytes, 'frame_bytes_session', waitMs);
    } catch (error) {
      this.#failed(session, error);
    }
  }

  /** Its turn has come. The session pays for a request before it is decoded. */
  #handle(session: Session, bytes: Uint8Array, arrivedAtMs: number, nowMs = performance.now()): void {
    try {
      const head = readRequestHead(bytes);
      if (head === undefined) {
        session.close('malformed_frame');
        return;
      }
      const name = requestNameOf(head.operation);
      const limit = this.#limit(session, name, nowMs);
      if (limit !== undefined) {
        this.#overLimit(session, bytes, ...limit);
        return;
      }
      const isLate = nowMs - arrivedAtMs > this.#deadlines.lifeMs;
      const refusal = isLate ? unavailable() : this.#precheck(session, head);
      if (refusal === undefined) this.#dispatch(session, decodeRequest(bytes));
      else this.#refuse(session, head.id, name, refusal);
    } catch (error) {
      this.#failed(session, error);
    }
  }

  #overLimit(session: Session, bytes: Uint8Array, limit: SessionLimitName, retryAfterMs: number): void {
    const head = readRequestHead(bytes);
    if (head === undefined) {
      session.close('malformed_frame');
      return;
    }
    this.#telemetry.rateLimited(limit);
    const refusal = refuse('rate_limited', { retryAfterMs });
    this.#refuse(session, head.id, requestNameOf(head.operation), refusal);
    if (session.limits.ignoredLimit(performance.now(), bytes.length)) session.close('abuse');
  }

  #dispatch(session: Session, decoded: DecodedRequest): void {
    switch (decoded.kind) {
      case 'malformed':
        session.close('malformed_frame');
        return;
      case 'refused':
        session.limits.undecodable(performance.now());
        this.#refuse(session, decoded.id, decoded.name, refuse(decoded.code, { message: decoded.message }));
        return;
      case 'request': {
        const { id, name } = decoded.request;
        const refusal = this.#begin(session, decoded.request);
        if (refusal !== undefined) this.#refuse(session, id, name, refusal);
        return;
      }
      default:
        decoded satisfies never;
    }
  }

  #precheck(session: Session, { id }: RequestHead): Refusal | undefined {
    if (session.state.kind === 'draining') return refuse('unavailable', { retryAfterMs: DRAINING_RETRY_MS });
    if (session.hasCall(id)) return refuse('bad_request', { message: `request ${id} is still open` });
    return undefined;
  }

  /** Everything that comes in is charged to its session, also what is refused. Messages have limits of their own. */
  #limit(session: Session, name: RequestName | undefined, nowMs: number): ExceededLimit | undefined {
    const { limits } = session;
    const isMessage = name === 'send' && session.state.kind === 'open';
    const waitMs = isMessage ? limits.waitForMessage(nowMs) : limits.takeRequest(nowMs);
    if (waitMs > 0) return ['requests_session', waitMs];
    return session.openCalls >= OPEN_REQUESTS_MAX ? ['open_requests', OPEN_REQUESTS_RETRY_MS] : undefined;
  }

  #begin(session: Session, request: Request): Refusal | undefined {
    const { state } = session;
    if (this.#isPlain(request)) {
      if (state.kind !== 'open') return wrongState(request.name, state);
      const call = begun(session, request);
      this.#settle(call, request.name, this.#plain(state.caller, request));
      return undefined;
    }
    return this.#connection(session, request);
  }

  #isPlain(request: Request): request is PlainRequest {
    return request.name in this.#useCases;
  }

  #plain<Name extends PlainRequestName>(
    caller: Caller,
    { name, body }: Asked<Name>,
  ): Promise<ReplyBody<Name> | Refusal> {
    const run: UseCaseOn<Core, Name> = this.#useCases[name];
    return run(this.#core, caller, body);
  }

  #connection<Name extends ConnectionRequestName>(
    session: Session,
    request: Asked<Name>,
  ): Refusal | undefined {
    const { state } = session;
    if (!fits(request.name, state)) return wrongState(request.name, state);
    const call = begun(session, request);
    const handler: ConnectionHandler<Name> = this.#handlers[request.name];
    const outcome = handler(call, state, request.body);
    if (outcome instanceof Promise) this.#settle(call, request.name, outcome);
    else call.answer(request.name, outcome);
    return undefined;
  }

  #settle<Name extends RequestName>(call: Call, name: Name, outcome: Promise<Outcome<Name>>): void {
    this.#deadlines.add(call);
    outcome
      .then((value) => call.answer(name, value))
      .catch((error: unknown) => {
        if (error instanceof Unavailable) call.answer(name, unavailable());
        else this.#failed(call.session, error);
      });
  }

  #refuse(session: Session, id: number, name: RequestName | undefined, refusal: Refusal): void {
    session.trace('request_refused', { request: name ?? 'unknown', outcome: refusal.refused });
    this.#telemetry.requestDone(name ?? 'unknown', refusal.refused, 0);
    if (name === 'send' && refusal.refused !== 'rate_limited')
      session.limits.messageRefused(performance.now());
    session.outbox.pushWhole(encodeError(id, refusal));
  }

  #failed(session: Session, error: unknown): void {
    this.#telemetry.warn('request_failed', error);
    session.close('node_error');
  }
}

interface Asked<Name extends RequestName> {
  readonly name: Name;
  readonly id: number;
  readonly body: RequestBody<Name>;
}

type PlainRequest = Extract<Request, { readonly name: PlainRequestName }>;

function begun(session: Session, { id, name }: Pick<Request, 'id' | 'name'>): Call {
  const call = new Call(session, id, name, performance.now());
  session.began(call);
  return call;
}
