import type { ErrorName } from '../protocol/codes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ReplyBody, RequestName } from '../protocol/requests.ts';
import { encodeError, encodeReply } from '../protocol/server-codec.ts';
import type { Deadlined } from './deadline-queue.ts';
import type { Session, SessionCall } from './session.ts';

/** When a backing service is away, it rarely is back sooner. */
export const UNAVAILABLE_RETRY_MS = 1_000;

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
