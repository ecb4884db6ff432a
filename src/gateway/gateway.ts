import type { Core } from '../core/core.ts';
import { CONTROL_CHANNEL } from '../core/publisher.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { CLOSE_NORMAL, closeCodes, closeNameOf, mayReconnect } from '../protocol/codes.ts';
import type { UserId } from '../protocol/ids.ts';
import type { Rate } from '../protocol/limits.ts';
import { offeredUseCases } from '../requests/use-cases.ts';
import {
  ABUSE_CONNECTIONS,
  AbuseBans,
  AdmissionControl,
  type AdmissionLimits,
  BANNED_LOGIN_CONNECTIONS,
  LeftBudgets,
} from './admission.ts';
import { connectionHandlers, type GreetingLimits } from './connection-requests.ts';
import { ControlFeed } from './control-feed.ts';
import { type ConnectionHandlers, Dispatcher } from './dispatcher.ts';
import { anyOf, type DrainPlan, drainSessions, moveElsewhere } from './drain.ts';
import { GapWatch } from './gap-watch.ts';
import { HandOver } from './hand-over.ts';
import { LocalPresence } from './local-presence.ts';
import { RoomFeed } from './local-room.ts';
import { LocalRooms } from './local-rooms.ts';
import { Logins } from './logins.ts';
import { MemberCheck } from './member-check.ts';
import { NodeAgent } from './node-agent.ts';
import { Flusher } from './outbound.ts';
import { RoomEntrance } from './room-entrance.ts';
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
import { DeadlineQueue, Heartbeat, LoginDeadline } from './timers.ts';

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
  readonly core: Core;
  readonly limits: GatewayLimits;
  /** Told to clients in the reply to `hello`, after the name of the program, and to operators. */
  readonly version: string;
  /** NODE_ID. */
  readonly node: string;
  /** An operator orders the node away: see NodeAgentParts.drain. */
  readonly onDrainOrder: () => void;
}

/** The connections of one node, from admission to drain. */
export class Gateway implements ConnectionAcceptor, SessionHost {
  readonly flusher: Flusher;
  readonly dispatcher: Dispatcher<Core>;
  readonly telemetry: Telemetry;
  readonly sessionRates: SessionRates;
  readonly #parts: GatewayParts;
  readonly #connections = new Set<Session>();
  readonly #admission: AdmissionControl;
  readonly #heartbeat: Heartbeat<Session>;
  readonly #loginDeadline: LoginDeadline<Session>;
  readonly #deadlines: DeadlineQueue;
  readonly #sessions: SessionRegistry;
  readonly #presence: LocalPresence;
  readonly #controlFeed: ControlFeed;
  readonly #roomFeed: RoomFeed;
  readonly #gapWatch: GapWatch;
  readonly #rooms: LocalRooms;
  readonly #nodeAgent: NodeAgent;
  readonly #leftBudgets = new LeftBudgets();
  readonly #abuseBans: AbuseBans;
  readonly #handOver: HandOver;
  /** Sessions that a shed is about to close. */
  readonly #shedding = new WeakSet<Session>();
  #draining = false;

  constructor(parts: GatewayParts) {
    const { core, limits } = parts;
    const { relay, telemetry } = core;
    this.#parts = parts;
    this.telemetry = telemetry;
    this.sessionRates = { requests: limits.rateRequestsSession, frameBytes: limits.rateFrameBytesSession };
    this.flusher = new Flusher(telemetry, limits.outboxBytes, limits.outboxTotalBytes);
    this.#admission = new AdmissionControl(limits, telemetry);
    this.#heartbeat = new Heartbeat(limits.pingSeconds, limits.silenceSeconds);
    this.#loginDeadline = new LoginDeadline(limits.loginSeconds);
    this.#deadlines = new DeadlineQueue(limits.backendTimeoutMs);
    this.#sessions = new SessionRegistry(relay.presence, telemetry, limits.maxSessionsPerUser);
    this.#nodeAgent = this.#createNodeAgent();
    this.#abuseBans = new AbuseBans(core.publisher);
    this.#controlFeed = new ControlFeed({
      ...core,
      ...{ identities: core.stores.identities, sessions: this.#sessions },
      ...{ node: this.#nodeAgent, bans: this.#abuseBans },
    });
    this.#presence = new LocalPresence(relay.presence, core.presenceAnnouncer, telemetry);
    this.#rooms = new LocalRooms(relay.broker, this.#presence, telemetry);
    const rooms = this.#rooms;
    core.announcer.onDeparture(({ room, user, reason, by }) =>
      rooms.userGone(room, user, reason, { except: by }),
    );
    this.#roomFeed = new RoomFeed({ ...core, rooms });
    this.#gapWatch = new GapWatch({
      broker: relay.broker,
      sequencer: relay.sequencer,
      rooms,
      roomFeed: this.#roomFeed,
      controlFeed: this.#controlFeed,
      memberCheck: new MemberCheck(core.views, rooms, telemetry),
      views: core.views,
      telemetry,
    });
    this.dispatcher = new Dispatcher({
      ...{ core, useCases: offeredUseCases(limits.disabledFeatures), handlers: this.#createHandlers() },
      ...{ deadlines: this.#deadlines, telemetry },
    });
    this.#handOver = new HandOver({
      relay,
      stores: core.stores,
      telemetry,
      afterMs: limits.handOverSeconds * 1_000,
      overMs: limits.drainSeconds * 1_000,
      sessionCount: () => this.#sessions.size,
      shed: (count) => this.#shed(count),
    });
  }

  #createHandlers(): ConnectionHandlers {
    const { core, limits, version } = this.#parts;
    const { maxLoginAttempts, maxRoomsPerConnection, disabledFeatures } = limits;
    const { views, presences } = core;
    const logins = new Logins({
      core,
      sessions: this.#sessions,
      revoked: this.#controlFeed,
      maxLoginAttempts,
      abuseBans: this.#abuseBans,
      opened: (session, user) => this.#loggedIn(session, user),
      cameTooEarly: (address) => this.#admission.charge(address, BANNED_LOGIN_CONNECTIONS),
    });
    const [rooms, presence] = [this.#rooms, this.#presence];
    const entrance = new RoomEntrance({
      ...{ views, presences, rooms, presence, maxRoomsPerConnection, disabledFeatures },
    });
    return connectionHandlers({
      core,
      limits,
      serverName: `conclave/${version}`,
      logins: logins.handlers(),
      enter: (call, session, body) => entrance.enter(call, session, body),
    });
  }

  #createNodeAgent(): NodeAgent {
    const { core, node, version, onDrainOrder } = this.#parts;
    const { broker, nodes: board } = core.relay;
    return new NodeAgent({
      board,
      broker,
      schema: core.stores.schema,
      telemetry: core.telemetry,
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
    await this.#parts.core.relay.broker.subscribe(CONTROL_CHANNEL, (payload) =>
      this.#controlFeed.payload(payload),
    );
    this.#nodeAgent.start();
    this.#handOver.start();
  }

  accepted(arrival: Arrival): boolean {
    return this.#admission.accept(arrival);
  }

  settled(address: string, isPaid: boolean): void {
    this.#admission.settled(address, isPaid);
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

  #loggedIn(session: Session, user: UserId): void {
    this.#waitsNoLonger(session);
    const left = this.#leftBudgets.take(user, performance.now());
    if (left !== undefined) session.takeOver(left);
  }

  /** It is logged in, or closed. */
  #waitsNoLonger(session: Session): void {
    if (this.#loginDeadline.remove(session)) this.#admission.pending.loggedInOrClosed(session.address);
  }

  sessionClosed(session: Session, code: number): void {
    this.#connections.delete(session);
    this.#heartbeat.remove(session, session.heartbeatSlot);
    this.#waitsNoLonger(session);
    this.telemetry.connectionClosed(closeLabel(code));
    session.trace('connection_closed', { code, reason: closeLabel(code) });
    const wasAbuse = code === closeCodes.abuse.code;
    if (wasAbuse) this.#admission.charge(session.address, ABUSE_CONNECTIONS);
    const { open } = session;
    if (open === undefined) return;
    this.#leftBudgets.leave(open.user, session.limits, performance.now());
    if (wasAbuse) this.#abuseBans.abused(open.user, performance.now());
    this.#sessions.remove(open);
    this.#rooms.sessionClosed(open, mayReconnect(code));
    this.#parts.core.sendQueues.sessionEnded(open.id);
    this.#parts.core.epochLeases.holders.get(open.id)?.end();
  }

  /** See drainSessions. The probes are told by the caller. */
  drain(plan: DrainPlan): Promise<void> {
    this.#draining = true;
    this.#handOver.close();
    this.#nodeAgent.post();
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
    await this.#nodeAgent.close();
  }
}

function closeLabel(code: number): Parameters<Telemetry['connectionClosed']>[0] {
  if (code === CLOSE_NORMAL) return 'normal';
  return closeNameOf(code) ?? (code === 1006 ? 'lost' : 'other');
}
