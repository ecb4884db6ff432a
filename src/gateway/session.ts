import type { Caller, Greeting, PendingLogin } from '../core/caller.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type CloseName, closeCodes, type ErrorName } from '../protocol/codes.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import {
  INBOUND_FRAME_BYTES_MAX,
  INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN,
  NONCE_BYTES,
} from '../protocol/limits.ts';
import type { Origin } from '../protocol/origin.ts';
import { type RequestName, type Requests, requests } from '../protocol/requests.ts';
import type { LocalRoom, RoomSession } from './local-room.ts';
import { type Flusher, Outbox, type OutboxOwner } from './outbound.ts';
import {
  type FrameSender,
  type FrameTurns,
  SessionLimits,
  type SessionRates,
  type Share,
  type WaitingFrames,
} from './session-limits.ts';
import type { Socket, SocketEvents } from './socket.ts';
import type { Beating } from './timers.ts';

interface Connection {
  readonly outbox: Outbox;
  drain(name: CloseName): void;
}

/** A session while it is logged in: what the registry and the rooms hold on to. */
export class OpenSession implements RoomSession {
  readonly kind = 'open';
  readonly caller: Caller;
  /** Entered rooms; at most MAX_ROOMS_PER_CONNECTION. Replaced by another array of just the length: push() keeps room for 17. */
  rooms: readonly LocalRoom[] = [];
  readonly #origin: Origin;
  /** Of the client, then of the server, a character for each byte: as arrays they take five times as much. */
  readonly #nonces: string;
  readonly #connection: Connection;

  constructor(connection: Connection, greeting: Greeting, caller: Caller) {
    this.#connection = connection;
    this.#origin = greeting.origin;
    this.#nonces = Buffer.concat([greeting.clientNonce, greeting.serverNonce]).toString('latin1');
    this.caller = caller;
  }

  get greeting(): Greeting {
    const nonces = new Uint8Array(Buffer.from(this.#nonces, 'latin1'));
    return {
      origin: this.#origin,
      clientNonce: nonces.subarray(0, NONCE_BYTES),
      serverNonce: nonces.subarray(NONCE_BYTES),
    };
  }

  get id(): string {
    return this.caller.session;
  }

  get user(): UserId {
    return this.caller.user;
  }

  get outbox(): Outbox {
    return this.#connection.outbox;
  }

  /** Answers the requests under way, then closes. */
  drain(name: CloseName): void {
    this.#connection.drain(name);
  }
}

/**
 * greeting → greeted ⇄ challenged → open → closed. From any of them to draining, which answers the requests under way
 * and takes no others, and to closed.
 */
export type SessionState =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'greeted'; readonly greeting: Greeting }
  | { readonly kind: 'challenged'; readonly greeting: Greeting; readonly pending: PendingLogin }
  | OpenSession
  | { readonly kind: 'draining'; readonly was: OpenSession | undefined; readonly close: CloseName }
  | { readonly kind: 'closed' };

/** The states in which a request is taken. */
export type StateFor<Name extends RequestName> = Extract<
  SessionState,
  { readonly kind: Requests[Name]['states'][number] }
>;

/** A request that does not fit is refused: see wrongState. */
export function fits<Name extends RequestName>(name: Name, state: SessionState): state is StateFor<Name> {
  const states: readonly string[] = requests[name].states;
  return states.includes(state.kind);
}

export function wrongState(name: RequestName, state: SessionState): Refusal {
  const needsLogin = requests[name].states.every((taken) => taken === 'open');
  if (needsLogin && state.kind !== 'open') return refuse('unauthenticated');
  return refuse('bad_request', { message: `${name} does not fit a session that is ${state.kind}` });
}

/** Takes what a session's peer sent: see Dispatcher. */
export interface FrameReader {
  /** Must not throw. The bytes are valid during the call only. */
  frame(session: Session, bytes: Uint8Array): void;
  readonly turns: Pick<FrameTurns<Session>, 'replied' | 'ended'>;
}

/** What all sessions of a node share. */
export interface SessionHost {
  readonly flusher: Flusher;
  readonly telemetry: Telemetry;
  readonly sessionRates: SessionRates;
  readonly dispatcher: FrameReader;
  /** Called once, while `state` still is what it was. `code` as in SocketEvents. */
  sessionClosed(session: Session, code: number): void;
}

/** A request under way, as its session keeps it. */
export interface SessionCall {
  readonly id: number;
  readonly name: RequestName;
  readonly startedAtMs: number;
}

/** Pings and pongs that a peer may send in a period: no other limit sees them. */
export const CONTROL_FRAMES = { most: 250, periodMs: 10_000 } as const;

const GREETING: SessionState = { kind: 'greeting' };
const CLOSED: SessionState = { kind: 'closed' };

/** One connection from its opening to its end. Idle ones are many: few fields, and nothing made before it is needed. */
export class Session implements SocketEvents, OutboxOwner, Beating, FrameSender {
  readonly address: string;
  readonly outbox: Outbox;
  readonly openedAtMs: number = performance.now();
  heardAtMs: number = this.openedAtMs;
  state: SessionState = GREETING;
  loginAttempts = 0;
  /** Random, told in the reply to `hello`, and what the log calls this connection. */
  connection: string | undefined;
  /** Where the heartbeat keeps this session. */
  heartbeatSlot = -1;
  waiting: WaitingFrames | undefined;
  share: Share | undefined;
  readonly #socket: Socket;
  readonly #host: SessionHost;
  #controlFrames = 0;
  #controlFramesFromMs = 0;
  #calls: SessionCall[] | undefined;
  #limits: SessionLimits | undefined;

  constructor(socket: Socket, address: string, host: SessionHost) {
    this.address = address;
    this.outbox = new Outbox(socket, host.flusher, this);
    this.#socket = socket;
    this.#host = host;
  }

  binary(frame: Uint8Array): void {
    if (this.state.kind === 'closed') return;
    this.heardAtMs = performance.now();
    this.#host.telemetry.bytesIn(frame.length);
    const bytesMax = this.isLoggedIn ? INBOUND_FRAME_BYTES_MAX : INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN;
    if (frame.length > bytesMax) this.close('frame_too_large');
    else this.#host.dispatcher.frame(this, frame);
  }

  text(): void {
    this.close('malformed_frame');
  }

  heard(): void {
    this.heardAtMs = performance.now();
    if (this.heardAtMs - this.#controlFramesFromMs > CONTROL_FRAMES.periodMs) {
      this.#controlFramesFromMs = this.heardAtMs;
      this.#controlFrames = 0;
    }
    this.#controlFrames += 1;
    if (this.#controlFrames > CONTROL_FRAMES.most) this.close('abuse');
  }

  drained(): void {
    this.outbox.noteBuffered();
  }

  closed(code: number): void {
    if (this.state.kind === 'closed') return;
    this.#host.sessionClosed(this, code);
    this.#host.dispatcher.turns.ended(this);
    this.state = CLOSED;
    this.outbox.close();
    this.#calls = undefined;
  }

  /** For the log at level debug. Before `hello` there is nothing to call the connection by. */
  trace(event: LogEvent, details: Readonly<Record<string, string | number>>): void {
    if (this.connection !== undefined)
      this.#host.telemetry.debug(event, { connection: this.connection, ...details });
  }

  isClosed(): boolean {
    return this.state.kind === 'closed';
  }

  /** The login, also while the session waits for its last answers. */
  get open(): OpenSession | undefined {
    if (this.state.kind === 'open') return this.state;
    return this.state.kind === 'draining' ? this.state.was : undefined;
  }

  get isLoggedIn(): boolean {
    return this.open !== undefined;
  }

  get turnKey(): string {
    return this.open?.user ?? this.address;
  }

  outboxOverflowed(): void {
    if (this.state.kind === 'closed') return;
    this.#host.telemetry.slowConsumer();
    this.close('slow_consumer');
  }

  ping(): void {
    this.#socket.ping();
  }

  lostHeartbeat(): void {
    this.close('lost_heartbeat');
  }

  /** What was pushed before still goes out, unless too much of that waits on this node. */
  close(name: CloseName): void {
    if (this.isClosed()) return;
    const { code } = closeCodes[name];
    const mayLeave = this.outbox.flushLast();
    if (this.isClosed()) return;
    if (mayLeave) {
      this.#socket.end(code, name);
    } else {
      this.closed(code);
      this.#socket.terminate();
    }
  }

  /** Takes no more requests, and closes when those under way are answered. */
  drain(close: CloseName): void {
    if (this.state.kind === 'closed' || this.state.kind === 'draining') return;
    this.state = { kind: 'draining', was: this.open, close };
    this.#closeIfDrained();
  }

  #closeIfDrained(): void {
    if (this.state.kind === 'draining' && this.openCalls === 0) this.close(this.state.close);
  }

  get openCalls(): number {
    return this.#calls?.length ?? 0;
  }

  hasCall(id: number): boolean {
    return this.#calls?.some((call) => call.id === id) ?? false;
  }

  began(call: SessionCall): void {
    this.#calls ??= [];
    this.#calls.push(call);
  }

  answered(call: SessionCall, frame: Uint8Array, outcome: 'ok' | ErrorName): void {
    const at = this.#calls?.indexOf(call) ?? -1;
    if (at >= 0) this.#calls?.splice(at, 1);
    if (this.openCalls === 0) this.#calls = undefined;
    const nowMs = performance.now();
    if (outcome !== 'ok') this.trace('request_refused', { request: call.name, outcome });
    this.#host.telemetry.requestDone(call.name, outcome, (nowMs - call.startedAtMs) / 1_000);
    if (call.name === 'send' && outcome !== 'ok') this.limits.messageRefused(nowMs);
    this.limits.replied(nowMs, frame.length);
    this.#host.dispatcher.turns.replied(this, frame.length);
    this.outbox.pushWhole(frame);
    this.#closeIfDrained();
  }

  /** The session is logged in, and takes over what an earlier one of its user left. */
  takeOver(limits: SessionLimits): void {
    this.#limits = limits;
  }

  get limits(): SessionLimits {
    this.#limits ??= new SessionLimits(this.#host.sessionRates, performance.now());
    return this.#limits;
  }
}
