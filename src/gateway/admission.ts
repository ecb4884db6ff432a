import { LRUCache } from 'lru-cache';
import { CONTROL_CHANNEL, type Publisher } from '../core/publisher.ts';
import { encodeNotice } from '../domain/envelope.ts';
import { TokenBucket } from '../domain/token-bucket.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { Rejection, Telemetry } from '../ports/telemetry.ts';
import type { UserId } from '../protocol/ids.ts';
import { type Rate, SUBPROTOCOL } from '../protocol/limits.ts';
import { PendingConnections, type PendingLimits } from './pending-connections.ts';
import type { SessionLimits } from './session-limits.ts';
import type { Admission, Arrival, ConnectionRequest } from './socket.ts';

/** Addresses whose recent connections are remembered. */
export const ADDRESSES_MAX = 100_000;

/** A connection closed for abuse costs its address as much as so many connections. */
export const ABUSE_CONNECTIONS = 50;
/** A login of a banned user costs its address as much as so many connections. */
export const BANNED_LOGIN_CONNECTIONS = 10;
/**
 * Connections over its rate that an address is told of by a close code, for which each has to become a WebSocket first. Those
 * beyond are dropped when they are accepted, before TLS and HTTP, or get an HTTP status where a proxy hides the address.
 */
export const REFUSALS_TOLD: Exclude<Rate, 'off'> = { count: 2, periodMs: 1_000, burst: 20 };

interface AddressBuckets {
  readonly connections: TokenBucket;
  readonly refusalsTold: TokenBucket;
}

/** Without a close code, and so without a WebSocket. */
const BUSY = '503 Service Unavailable';

export interface AdmissionLimits extends PendingLimits {
  readonly maxConnections: number;
  isAllowedOrigin(origin: string): boolean;
  readonly rateConnectionsAddress: Rate;
  readonly rateConnectionsNode: Rate;
}

/** Decides about connections before they cost anything. */
export class AdmissionControl {
  readonly pending: PendingConnections;
  readonly #limits: AdmissionLimits;
  readonly #telemetry: Telemetry;
  readonly #nodeBucket: TokenBucket;
  readonly #addressBuckets = new Map<string, AddressBuckets>();
  #isDraining = false;

  constructor(limits: AdmissionLimits, telemetry: Telemetry) {
    this.#limits = limits;
    this.#telemetry = telemetry;
    this.pending = new PendingConnections(limits, telemetry);
    telemetry.connectionsMax(limits.maxConnections);
    this.#nodeBucket = new TokenBucket(limits.rateConnectionsNode, performance.now());
  }

  /** From now on every connection is told to go elsewhere. */
  drain(): void {
    this.#isDraining = true;
  }

  /** False: one too many. */
  accept(arrival: Arrival): boolean {
    const rejection = this.pending.accept(arrival) ?? this.#overRate(arrival.address);
    if (rejection !== undefined) this.#telemetry.connectionRejected(rejection);
    return rejection === undefined;
  }

  /** The address could only be refused, and was told so often enough. */
  #overRate(address: string | undefined): Rejection | undefined {
    const buckets = address === undefined ? undefined : this.#addressBuckets.get(address);
    if (address === undefined || buckets === undefined) return undefined;
    const nowMs = performance.now();
    const mayStay = [buckets.connections, buckets.refusalsTold].some((bucket) => bucket.waitMs(nowMs) === 0);
    if (mayStay) return undefined;
    this.pending.settle(address);
    return 'address_rate';
  }

  /** See ConnectionAcceptor. */
  settled(address: string, isPaid: boolean): void {
    this.pending.settle(address);
    if (isPaid) return;
    const nowMs = performance.now();
    const { connections, refusalsTold } = this.#bucketsOf(address, nowMs);
    // It stayed only in order to be told.
    if (connections.take(nowMs) > 0) refusalsTold.take(nowMs);
  }

  admit(request: ConnectionRequest, connections: number): Admission {
    const nowMs = performance.now();
    const overCapacity: Admission = { admitted: false, close: 'over_capacity' };
    // The address first: whatever else it is refused for costs it as much, and one that is over its own rate must not use
    // up the node's.
    const { connections: rate, refusalsTold } = this.#bucketsOf(request.address, nowMs);
    if (rate.take(nowMs) > 0) {
      const isTold = refusalsTold.take(nowMs) === 0;
      return this.#reject('address_rate', isTold ? overCapacity : { admitted: false, status: BUSY });
    }
    if (this.#isDraining) return this.#reject('draining', { admitted: false, close: 'going_away' });
    if (!this.#mayConnect(request.browserOrigin)) {
      return this.#reject('origin', { admitted: false, status: '403 Forbidden' });
    }
    if (!offers(request.subprotocols)) {
      return this.#reject('version', { admitted: false, close: 'unsupported_version' });
    }
    if (connections >= this.#limits.maxConnections) return this.#reject('capacity', overCapacity);
    if (this.pending.isFullFor(request.address)) return this.#reject('address_pending', overCapacity);
    if (this.#nodeBucket.take(nowMs) > 0) return this.#reject('node_rate', overCapacity);
    return { admitted: true };
  }

  /** What it costs a node to get rid of one that ignores limits, it should not cost again at once. */
  charge(address: string, connections: number): void {
    const nowMs = performance.now();
    this.#bucketsOf(address, nowMs).connections.charge(nowMs, connections);
  }

  #reject(reason: Rejection, admission: Admission): Admission {
    this.#telemetry.connectionRejected(reason);
    return admission;
  }

  /** Browsers always name the page's origin; other programs name none. */
  #mayConnect(browserOrigin: string): boolean {
    return browserOrigin === '' || this.#limits.isAllowedOrigin(browserOrigin);
  }

  #bucketsOf(address: string, nowMs: number): AddressBuckets {
    const known = this.#addressBuckets.get(address);
    if (known !== undefined) return known;
    if (this.#addressBuckets.size >= ADDRESSES_MAX) this.#forgetSome(nowMs);
    const buckets = {
      connections: new TokenBucket(this.#limits.rateConnectionsAddress, nowMs),
      refusalsTold: new TokenBucket(REFUSALS_TOLD, nowMs),
    };
    this.#addressBuckets.set(address, buckets);
    return buckets;
  }

  /** Full buckets are like new ones. When too few are, the oldest tenth is forgiven. */
  #forgetSome(nowMs: number): void {
    for (const [address, { connections, refusalsTold }] of this.#addressBuckets)
      if (connections.isFull(nowMs) && refusalsTold.isFull(nowMs)) this.#addressBuckets.delete(address);
    for (const address of this.#addressBuckets.keys()) {
      if (this.#addressBuckets.size <= 0.9 * ADDRESSES_MAX) return;
      this.#addressBuckets.delete(address);
    }
  }
}

function offers(subprotocols: string): boolean {
  return subprotocols.split(',').some((name) => name.trim() === SUBPROTOCOL);
}

/** How long the first ban of a user lasts. Each one after it lasts twice as long. */
export const BAN_MS_MIN = 5_000;
/** The longest ban: honest clients wait no longer on a server's advice. */
export const BAN_MS_MAX = 600_000;
/** Once a ban has been over for this long, it is forgotten. */
export const BAN_REMEMBERED_MS = 3_600_000;
/** Banned users that a node remembers. Beyond, the one who came or went longest ago is forgiven. */
export const BANS_MAX = 50_000;

interface Ban {
  readonly lengthMs: number;
  readonly untilMs: number;
}

/** Users whose sessions a node closed for abuse, and who may not log in to any node for a while. */
export class AbuseBans {
  readonly #bans = boundedCache<UserId, Ban>(BANS_MAX);
  readonly #publisher: Pick<Publisher, 'publish'>;

  constructor(publisher: Pick<Publisher, 'publish'>) {
    this.#publisher = publisher;
  }

  /** A session of the user was closed for abuse, and all nodes are told. Others that were open beside it make the same ban no longer. */
  abused(user: UserId, nowMs: number): void {
    const last = this.#bans.get(user);
    if (last !== undefined && nowMs < last.untilMs) return;
    const isRemembered = last !== undefined && nowMs < last.untilMs + BAN_REMEMBERED_MS;
    const lengthMs = isRemembered ? Math.min(2 * last.lengthMs, BAN_MS_MAX) : BAN_MS_MIN;
    this.#bans.set(user, { lengthMs, untilMs: nowMs + lengthMs });
    void this.#publisher.publish(CONTROL_CHANNEL, encodeNotice({ about: 'abuse', user, banMs: lengthMs }));
  }

  /** A node banned the user a moment ago, for so many milliseconds. What this node told comes back, and changes nothing. */
  told(user: UserId, banMs: number, nowMs: number): void {
    const lengthMs = Math.min(banMs, BAN_MS_MAX);
    const last = this.#bans.get(user);
    if (last !== undefined && nowMs < last.untilMs && last.lengthMs >= lengthMs) return;
    this.#bans.set(user, { lengthMs, untilMs: nowMs + lengthMs });
  }

  /** 0, or the milliseconds until the user may log in again. */
  waitMs(user: UserId, nowMs: number): number {
    const ban = this.#bans.get(user);
    return ban === undefined ? 0 : Math.max(0, Math.ceil(ban.untilMs - nowMs));
  }
}

/** Budgets of ended sessions that a node keeps. Beyond, the user who was away longest starts with full ones. */
export const LEFT_BUDGETS_MAX = 50_000;

/**
 * What the ended sessions of each user had left to spend. A new session takes over one of these, so that reconnecting refills
 * nothing, while a user with two devices still has a budget for each.
 */
export class LeftBudgets {
  readonly #byUser = new LRUCache<UserId, readonly SessionLimits[]>({ maxSize: LEFT_BUDGETS_MAX });

  /** A session of the user ended. */
  leave(user: UserId, limits: SessionLimits, nowMs: number): void {
    this.#keep(user, [...this.#spent(user, nowMs), ...(limits.isFull(nowMs) ? [] : [limits])]);
  }

  /** For a new session of the user. Undefined: it starts with a full budget. */
  take(user: UserId, nowMs: number): SessionLimits | undefined {
    const [taken, ...rest] = this.#spent(user, nowMs);
    this.#keep(user, rest);
    return taken;
  }

  #spent(user: UserId, nowMs: number): readonly SessionLimits[] {
    return this.#byUser.get(user)?.filter((limits) => !limits.isFull(nowMs)) ?? [];
  }

  #keep(user: UserId, spent: readonly SessionLimits[]): void {
    if (spent.length === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, spent, { size: spent.length });
  }
}
