import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { type RequestHead, readRequestHead } from '../protocol/request-head.ts';
import { type RequestBody, type RequestName, requestNameOf, requests } from '../protocol/requests.ts';
import { type DecodedRequest, decodeRequest, encodeError, type Request } from '../protocol/server-codec.ts';
import { Call, unavailable } from './call.ts';
import type { DeadlineQueue } from './deadline-queue.ts';
import type { Handler, Handlers } from './handlers.ts';
import type { Session } from './session.ts';
import type { SessionState, StateFor } from './session-state.ts';

/** Requests of one session that may be under way at a time. */
export const OPEN_REQUESTS_MAX = 128;
const OPEN_REQUESTS_RETRY_MS = 100;
/** For going elsewhere: the node is about to close this session. */
const DRAINING_RETRY_MS = 500;

type SessionLimitName = 'frame_bytes_session' | 'requests_session' | 'open_requests';

/** From the bytes of a frame to its answer. */
export class Dispatcher {
  readonly #handlers: Handlers;
  readonly #deadlines: DeadlineQueue;
  readonly #telemetry: Telemetry;

  constructor(handlers: Handlers, deadlines: DeadlineQueue, telemetry: Telemetry) {
    this.#handlers = handlers;
    this.#deadlines = deadlines;
    this.#telemetry = telemetry;
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

  #begin<Name extends RequestName>(
    session: Session,
    request: { readonly name: Name; readonly id: number; readonly body: RequestBody<Name> },
  ): Refusal | undefined {
    const { state } = session;
    if (!fits(request.name, state)) return wrongState(request.name, state);
    const call = new Call(session, request.id, request.name, performance.now());
    session.began(call);
    const handler: Handler<Name> = this.#handlers[request.name];
    const outcome = handler(call, state, request.body);
    if (!(outcome instanceof Promise)) {
      call.answer(request.name, outcome);
      return undefined;
    }
    this.#deadlines.add(call);
    outcome
      .then((value) => call.answer(request.name, value))
      .catch((error: unknown) => {
        if (error instanceof Unavailable) call.answer(request.name, unavailable());
        else this.#failed(session, error);
      });
    return undefined;
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

function fits<Name extends RequestName>(name: Name, state: SessionState): state is StateFor<Name> {
  const states: readonly string[] = requests[name].states;
  return states.includes(state.kind);
}

function wrongState(name: RequestName, state: SessionState): Refusal {
  const needsLogin = requests[name].states.every((taken) => taken === 'open');
  if (needsLogin && state.kind !== 'open') return refuse('unauthenticated');
  return refuse('bad_request', { message: `${name} does not fit a session that is ${state.kind}` });
}
