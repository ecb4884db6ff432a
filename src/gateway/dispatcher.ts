import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { type RequestBody, type RequestName, requests } from '../protocol/requests.ts';
import { type DecodedRequest, decodeRequest, encodeError, type Request } from '../protocol/server-codec.ts';
import { Call, unavailable } from './call.ts';
import type { DeadlineQueue } from './deadline-queue.ts';
import type { Handler, Handlers } from './handlers.ts';
import type { Session } from './session.ts';
import type { SessionState, StateFor } from './session-state.ts';

/** Requests of one session that may be under way at a time. */
const OPEN_REQUESTS_MAX = 128;
const OPEN_REQUESTS_RETRY_MS = 100;
/** A client that goes on asking after so many refusals in a row for its rate does not listen. */
const LIMITED_IN_A_ROW_MAX = 1_000;
/** For going elsewhere: the node is about to close this session. */
const DRAINING_RETRY_MS = 500;

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
   * Never throws. The bytes are decoded before it returns, and the codec copies what it takes out of them, so they may
   * be those of a socket's own buffer.
   */
  frame(session: Session, bytes: Uint8Array): void {
    try {
      this.#dispatch(session, decodeRequest(bytes));
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
        this.#refuse(
          session,
          decoded.id,
          decoded.name,
          this.#limit(session, decoded.name) ?? refuse(decoded.code, { message: decoded.message }),
        );
        return;
      case 'request':
        this.#request(session, decoded.request);
        return;
      default:
        decoded satisfies never;
    }
  }

  #request(session: Session, request: Request): void {
    const refusal = this.#precheck(session, request.id, request.name) ?? this.#begin(session, request);
    if (refusal !== undefined) this.#refuse(session, request.id, request.name, refusal);
  }

  #precheck(session: Session, id: number, name: RequestName): Refusal | undefined {
    if (session.state.kind === 'draining') return refuse('unavailable', { retryAfterMs: DRAINING_RETRY_MS });
    if (session.hasCall(id)) return refuse('bad_request', { message: `request ${id} is still open` });
    if (session.openCalls >= OPEN_REQUESTS_MAX) {
      this.#telemetry.rateLimited('open_requests');
      return refuse('rate_limited', { retryAfterMs: OPEN_REQUESTS_RETRY_MS });
    }
    return this.#limit(session, name);
  }

  /** Messages have limits of their own. */
  #limit(session: Session, name: RequestName | undefined): Refusal | undefined {
    if (name === 'send' && session.state.kind === 'open') return undefined;
    const retryAfterMs = session.takeRequest(performance.now());
    if (retryAfterMs === 0) {
      session.limitedInARow = 0;
      return undefined;
    }
    session.limitedInARow += 1;
    this.#telemetry.rateLimited('requests_session');
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
    this.#telemetry.requestDone(name ?? 'unknown', refusal.refused, 0);
    session.outbox.pushWhole(encodeError(id, refusal));
    if (session.limitedInARow > LIMITED_IN_A_ROW_MAX) session.close('abuse');
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
