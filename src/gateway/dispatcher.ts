import type { Caller } from '../core/caller.ts';
import type { ConnectionRequestName, PlainRequestName, UseCaseOn, UseCasesOn } from '../core/use-case.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { ErrorName } from '../protocol/codes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { FeatureName } from '../protocol/features.ts';
import type { RequestEntry } from '../protocol/request-entry.ts';
import {
  type ReplyBody,
  type RequestBody,
  type RequestName,
  requestNameOf,
  requests,
} from '../protocol/requests.ts';
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
import type { Session, SessionCall, SessionState, StateFor } from './session.ts';
import type { Deadlined, DeadlineQueue } from './timers.ts';

/** Requests of one session that may be under way at a time. */
export const OPEN_REQUESTS_MAX = 128;
const OPEN_REQUESTS_RETRY_MS = 100;
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

type SessionLimitName = 'frame_bytes_session' | 'requests_session' | 'open_requests';

export interface DispatcherParts<Core> {
  readonly core: Core;
  readonly useCases: UseCasesOn<Core>;
  readonly handlers: ConnectionHandlers;
  /** All steps of a request share one. */
  readonly deadlines: DeadlineQueue;
  readonly telemetry: Telemetry;
  /** Requests that need one of them are refused. */
  readonly disabledFeatures: readonly FeatureName[];
}

/** From the bytes of a frame to its answer. */
export class Dispatcher<Core> {
  readonly #core: Core;
  readonly #useCases: UseCasesOn<Core>;
  readonly #handlers: ConnectionHandlers;
  readonly #deadlines: DeadlineQueue;
  readonly #telemetry: Telemetry;
  readonly #disabledFeatures: readonly FeatureName[];

  constructor({ core, useCases, handlers, deadlines, telemetry, disabledFeatures }: DispatcherParts<Core>) {
    this.#core = core;
    this.#useCases = useCases;
    this.#handlers = handlers;
    this.#deadlines = deadlines;
    this.#telemetry = telemetry;
    this.#disabledFeatures = disabledFeatures;
  }

  /**
   * Never throws. The session pays for a frame before it is decoded. The bytes are decoded before it returns, and the
   * codec copies what it takes out of them, so they may be those of a socket's own buffer.
   */
  frame(session: Session, bytes: Uint8Array): void {
    try {
      const head = readRequestHead(bytes);
      if (head === undefined) {
        session.close('malformed_frame');
        return;
      }
      const name = requestNameOf(head.operation);
      const limited = this.#limit(session, name, bytes.length);
      const refusal = limited ?? this.#precheck(session, head);
      if (refusal === undefined) this.#dispatch(session, decodeRequest(bytes));
      else this.#refuse(session, head.id, name, refusal);
      if (limited !== undefined && session.limits.ignoredLimit(performance.now(), bytes.length))
        session.close('abuse');
    } catch (error) {
      this.#failed(session, error);
    }
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
      case 'request':
        this.#request(session, decoded.request);
        return;
      default:
        decoded satisfies never;
    }
  }

  #request(session: Session, request: Request): void {
    const refusal = this.#begin(session, request);
    if (refusal !== undefined) this.#refuse(session, request.id, request.name, refusal);
  }

  #precheck(session: Session, { id }: RequestHead): Refusal | undefined {
    if (session.state.kind === 'draining') return refuse('unavailable', { retryAfterMs: DRAINING_RETRY_MS });
    if (session.hasCall(id)) return refuse('bad_request', { message: `request ${id} is still open` });
    return undefined;
  }

  /** Everything that comes in is charged to its session, also what is refused. Messages have limits of their own. */
  #limit(session: Session, name: RequestName | undefined, byteCount: number): Refusal | undefined {
    const { limits } = session;
    const nowMs = performance.now();
    const bytesWaitMs = limits.takeFrame(nowMs, byteCount);
    if (bytesWaitMs > 0) return this.#limited('frame_bytes_session', bytesWaitMs);
    const isMessage = name === 'send' && session.state.kind === 'open';
    const waitMs = isMessage ? limits.waitForMessage(nowMs) : limits.takeRequest(nowMs);
    if (waitMs > 0) return this.#limited('requests_session', waitMs);
    if (session.openCalls >= OPEN_REQUESTS_MAX) return this.#limited('open_requests', OPEN_REQUESTS_RETRY_MS);
    return undefined;
  }

  #limited(limit: SessionLimitName, retryAfterMs: number): Refusal {
    this.#telemetry.rateLimited(limit);
    return refuse('rate_limited', { retryAfterMs });
  }

  #begin(session: Session, request: Request): Refusal | undefined {
    const { state } = session;
    if (this.#isPlain(request)) {
      if (state.kind !== 'open') return wrongState(request.name, state);
      if (this.#isDisabled(request.name))
        return refuse('forbidden', { message: `${request.name} is disabled` });
      const call = begun(session, request);
      this.#settle(call, request.name, this.#plain(state.caller, request));
      return undefined;
    }
    return this.#connection(session, request);
  }

  #isDisabled(name: PlainRequestName): boolean {
    const { feature }: RequestEntry = requests[name];
    return feature !== undefined && this.#disabledFeatures.includes(feature);
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

function fits<Name extends RequestName>(name: Name, state: SessionState): state is StateFor<Name> {
  const states: readonly string[] = requests[name].states;
  return states.includes(state.kind);
}

function wrongState(name: RequestName, state: SessionState): Refusal {
  const needsLogin = requests[name].states.every((taken) => taken === 'open');
  if (needsLogin && state.kind !== 'open') return refuse('unauthenticated');
  return refuse('bad_request', { message: `${name} does not fit a session that is ${state.kind}` });
}
