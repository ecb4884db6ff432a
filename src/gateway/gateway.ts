import type { RelayBackend, StoreBackend } from '../ports/backend.ts';
import { CONTROL_CHANNEL } from '../ports/broker.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { CLOSE_NORMAL, closeCodes, closeNameOf, mayReconnect } from '../protocol/codes.ts';
import type { Rate } from '../protocol/limits.ts';
import type { Services } from '../services/api.ts';
import { AdmissionDesk, type AdmissionLimits } from './admission.ts';
import { ControlFeed } from './control-feed.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Dispatcher } from './dispatcher.ts';
import { anyOf, type DrainPlan, drainSessions, moveElsewhere } from './drain.ts';
import { Entering } from './entering.ts';
import { Flusher } from './flusher.ts';
import { GapWatch } from './gap-watch.ts';
import { type GreetingLimits, greetingHandler } from './greeting-desk.ts';
import { HandOver } from './hand-over.ts';
import { Heartbeat } from './heartbeat.ts';
import { LocalPresence } from './local-presence.ts';
import { LocalRooms } from './local-rooms.ts';
import { LoginDeadline } from './login-deadline.ts';
import { Logins } from './logins.ts';
import { MemberCheck } from './member-check.ts';
import { NodeDesk } from './node-desk.ts';
import { createHandlers } from './request-handlers.ts';
import { RoomFeed } from './room-feed.ts';
import { RoomMembership } from './room-membership.ts';
import { Session, type SessionHost } from './session.ts';
import type { SessionRates } from './session-limits.ts';
import { SessionRegistry } from './session-registry.ts';
import type {
  Admission,
  Arrival,
  ConnectionAcceptor,
  ConnectionRequest,
  Socket,
  SocketEvents,
} from './socket.ts';

export interface GatewayLimits extends AdmissionLimits, GreetingLimits {
  readonly backendTimeoutMs: number;
  readonly drainSeconds: number;
  readonly handOverSeconds: number;
  readonly loginSeconds: number;
  readonly maxLoginAttempts: number;
  readonly maxSessionsPerUser: number;
  readonly outboxBytes: number;
  readonly outboxTotalBytes: number;
  readonly rateRequestsSession: Rate;
  readonly rateFrameBytesSession: Rate;
}

export interface GatewayParts {
  readonly stores: StoreBackend;
  readonly relay: RelayBackend;
  readonly services: Services;
  readonly telemetry: Telemetry;
  readonly limits: GatewayLimits;
  /** Told to clients in the reply to `hello`, after the name of the program, and to operators. */
  readonly version: string;
  /** NODE_ID. */
  readonly node: string;
  /** An operator orders the node away: see NodeDeskParts.drain. */
  readonly onDrainOrder: () => void;
}

/** The connections of one node, from admission to drain. */
export class Gateway implements ConnectionAcceptor, SessionHost {
  readonly flusher: Flusher;
  readonly telemetry: Telemetry;
  readonly sessionRates: SessionRates;
  readonly #parts: GatewayParts;
  readonly #connections = new Set<Session>();
  readonly #admission: AdmissionDesk;
  readonly #heartbeat: Heartbeat<Session>;
  readonly #loginDeadline: LoginDeadline;
  readonly #deadlines: DeadlineQueue;
  readonly #sessions: SessionRegistry;
  readonly #presence: LocalPresence;
  readonly #membership: RoomMembership;
  readonly #controlFeed: ControlFeed;
  readonly #roomFeed: RoomFeed;
  readonly #gapWatch: GapWatch;
  readonly #dispatcher: Dispatcher;
  readonly #rooms: LocalRooms;
  readonly #nodeDesk: NodeDesk;
  readonly #handOver: HandOver;
  /** Sessions that a shed is about to close. */
  readonly #shedding = new WeakSet<Session>();
  #draining = false;

  constructor(parts: GatewayParts) {
    const { stores, relay, services, telemetry, limits } = parts;
    this.#parts = parts;
    this.telemetry = telemetry;
    this.sessionRates = { requests: limits.rateRequestsSession, frameBytes: limits.rateFrameBytesSession };
    this.flusher = new Flusher(telemetry, limits.outboxBytes, limits.outboxTotalBytes);
    this.#admission = new AdmissionDesk(limits, telemetry);
    this.#heartbeat = new Heartbeat(limits.pingSeconds, limits.silenceSeconds);
    this.#loginDeadline = new LoginDeadline(limits.loginSeconds);
    this.#deadlines = new DeadlineQueue(limits.backendTimeoutMs);
    this.#sessions = new SessionRegistry(relay.presence, telemetry, limits.maxSessionsPerUser);
    this.#controlFeed = new ControlFeed({
      sessions: this.#sessions,
      identities: stores.identities,
      administration: services.administration,
      nodeDesk: () => this.#nodeDesk,
      telemetry,
    });
    this.#roomFeed = new RoomFeed(services.posting, () => this.#membership, telemetry);
    const roomFeed = this.#roomFeed;
    const rooms = new LocalRooms(relay.broker, telemetry, (local, payload) =>
      roomFeed.payload(local, payload),
    );
    this.#rooms = rooms;
    this.#presence = new LocalPresence(relay.presence, services.presence, rooms, telemetry);
    this.#membership = new RoomMembership(rooms, this.#presence);
    const { broker, clock } = relay;
    const { posting } = services;
    const controlFeed = this.#controlFeed;
    const memberCheck = new MemberCheck(services.rooms, () => this.#membership, telemetry);
    const watched = { broker, clock, rooms, roomFeed, controlFeed, memberCheck, posting, telemetry };
    this.#gapWatch = new GapWatch(watched);
    const logins = new Logins({
      accounts: services.accounts,
      sessions: this.#sessions,
      controlFeed,
      telemetry,
      maxLoginAttempts: limits.maxLoginAttempts,
      opened: (session) => this.#waitsNoLonger(session),
    });
    const membership = this.#membership;
    const presence = this.#presence;
    const { maxRoomsPerConnection } = limits;
    const entering = new Entering({
      rooms,
      membership,
      presence,
      services: services.rooms,
      maxRoomsPerConnection,
    });
    const hello = greetingHandler(limits, `conclave/${parts.version}`, telemetry);
    const handlers = createHandlers({ services, hello, logins, entering, membership });
    this.#dispatcher = new Dispatcher(handlers, this.#deadlines, telemetry);
    this.#nodeDesk = this.#createNodeDesk();
    this.#handOver = new HandOver({
      relay,
      stores,
      telemetry,
      afterMs: limits.handOverSeconds * 1_000,
      overMs: limits.drainSeconds * 1_000,
      sessionCount: () => this.#sessions.size,
      shed: (count) => this.#shed(count),
    });
  }

  #createNodeDesk(): NodeDesk {
    const { relay, telemetry, node, version, onDrainOrder } = this.#parts;
    const { broker, nodes: board } = relay;
    return new NodeDesk({
      board,
      broker,
      telemetry,
      node,
      version,
      numbers: () => ({
        connections: this.#connections.size,
        sessions: this.#sessions.size,
        rooms: this.#rooms.size,
        draining: this.#draining,
      }),
      drain: onDrainOrder,
      shed: (count) => this.#shed(count),
    });
  }

  /** To be called once, when the relay is up. Throws Unavailable. */
  async start(): Promise<void> {
    await this.#parts.relay.broker.subscribe(CONTROL_CHANNEL, (payload) =>
      this.#controlFeed.payload(payload),
    );
    this.#nodeDesk.start();
    this.#handOver.start();
  }

  accepted(arrival: Arrival): boolean {
    return this.#admission.accept(arrival);
  }

  settled(address: string): void {
    this.#admission.pending.settle(address);
  }

  gone(): void {
    this.#admission.pending.gone();
  }

  admit(request: ConnectionRequest): Admission {
    return this.#admission.admit(request, this.#connections.size);
  }

  opened(socket: Socket, address: string): SocketEvents {
    const session = new Session(socket, address, this);
    this.#connections.add(session);
    session.heartbeatSlot = this.#heartbeat.add(session);
    this.#loginDeadline.add(session);
    this.#admission.pending.upgrade(address);
    this.telemetry.connectionOpened();
    return session;
  }

  /** It is logged in, or closed. */
  #waitsNoLonger(session: Session): void {
    if (this.#loginDeadline.remove(session)) this.#admission.pending.loggedInOrClosed(session.address);
  }

  frame(session: Session, bytes: Uint8Array): void {
    this.#dispatcher.frame(session, bytes);
  }

  sessionClosed(session: Session, code: number): void {
    this.#connections.delete(session);
    this.#heartbeat.remove(session, session.heartbeatSlot);
    this.#waitsNoLonger(session);
    this.telemetry.connectionClosed(closeLabel(code));
    if (code === closeCodes.abuse.code) this.#admission.abused(session.address);
    const { open } = session;
    if (open === undefined) return;
    this.#sessions.remove(open);
    this.#membership.sessionClosed(open, mayReconnect(code));
    this.#parts.services.posting.sessionEnded(open.caller.session);
  }

  /** See drainSessions. The probes are told by the caller. */
  drain(plan: DrainPlan): Promise<void> {
    this.#draining = true;
    this.#handOver.close();
    this.#nodeDesk.post();
    const refuseConnections = (): void => this.#admission.drain();
    return drainSessions({ sessions: this.#connections, refuseConnections }, plan);
  }

  /** Closes sessions at random as a drain would, at a drain's pace, while the node stays ready for others. */
  #shed(count: number): number {
    if (this.#draining) return 0;
    const leaving = anyOf(
      [...this.#connections].filter(
        (session) => session.state.kind === 'open' && !this.#shedding.has(session),
      ),
      count,
    );
    for (const session of leaving) this.#shedding.add(session);
    const perSessionMs = (1_000 * this.#parts.limits.drainSeconds) / Math.max(1, this.#connections.size);
    moveElsewhere(leaving, perSessionMs, this.#connections).catch((error: unknown) =>
      this.telemetry.warn('shed_failed', error),
    );
    return leaving.length;
  }

  /** Ends what is still open, and all timers. The backends are still needed for a moment, and closed by the caller. */
  async close(): Promise<void> {
    this.#admission.drain();
    this.#handOver.close();
    for (const session of [...this.#connections]) session.close('going_away');
    this.#gapWatch.close();
    this.#roomFeed.close();
    this.#heartbeat.close();
    this.#loginDeadline.close();
    this.#deadlines.close();
    this.#presence.close();
    this.flusher.close();
    await this.#nodeDesk.close();
  }
}

function closeLabel(code: number): Parameters<Telemetry['connectionClosed']>[0] {
  if (code === CLOSE_NORMAL) return 'normal';
  return closeNameOf(code) ?? (code === 1006 ? 'lost' : 'other');
}
