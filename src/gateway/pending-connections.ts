import type { Rejection, Telemetry } from '../ports/telemetry.ts';
import type { Arrival } from './socket.ts';

export interface PendingLimits {
  readonly maxPendingConnections: number;
  readonly maxPendingConnectionsAddress: number;
}

/** Places are scarce once this share of a node's is taken. */
const SCARCE_SHARE = 1 / 2;
/** Connections without a login that an address may open while places are scarce: as many as log in at a time at its rate. */
export const PENDING_ADDRESS_SCARCE = 4;

/**
 * Connections from the moment the system accepts them until they are logged in: TCP first, WebSocket after the upgrade.
 * An address is known at once, or, behind a trusted proxy, from the upgrade on; without one a connection counts for the
 * node only.
 */
export class PendingConnections {
  readonly #limits: PendingLimits;
  readonly #telemetry: Telemetry;
  readonly #accepted = new Map<string, number>();
  readonly #upgraded = new Map<string, number>();
  #acceptedCount = 0;
  #upgradedCount = 0;

  constructor(limits: PendingLimits, telemetry: Telemetry) {
    this.#limits = limits;
    this.#telemetry = telemetry;
    telemetry.pendingConnectionsMax(limits.maxPendingConnections);
  }

  /** One more was accepted: undefined when it may stay. It counts until gone() either way. */
  accept({ address, hasFile }: Arrival): Rejection | undefined {
    this.#acceptedCount += 1;
    this.#tell();
    if (!hasFile) return 'files';
    if (this.#acceptedCount + this.#upgradedCount > this.#limits.maxPendingConnections) return 'pending';
    if (address === undefined) return undefined;
    if (this.isFullFor(address)) return 'address_pending';
    add(this.#accepted, address, 1);
    return undefined;
  }

  isFullFor(address: string): boolean {
    const count = (this.#accepted.get(address) ?? 0) + (this.#upgraded.get(address) ?? 0);
    return count >= this.#addressMax();
  }

  /** Some addresses that take all they may must not leave nothing for the others. */
  #addressMax(): number {
    const { maxPendingConnections, maxPendingConnectionsAddress } = this.#limits;
    const isScarce = this.#acceptedCount + this.#upgradedCount > SCARCE_SHARE * maxPendingConnections;
    return isScarce
      ? Math.min(maxPendingConnectionsAddress, PENDING_ADDRESS_SCARCE)
      : maxPendingConnectionsAddress;
  }

  /** An accepted one that may stay was answered, ended or upgraded: its address has room for another. */
  settle(address: string): void {
    add(this.#accepted, address, -1);
  }

  /** The socket of an accepted one closed, or became a WebSocket. */
  gone(): void {
    this.#acceptedCount -= 1;
    this.#tell();
    // Whatever was miscounted does not stay.
    if (this.#acceptedCount === 0) this.#accepted.clear();
  }

  /** A WebSocket is open, and has to log in. */
  upgrade(address: string): void {
    this.#upgradedCount += 1;
    this.#tell();
    add(this.#upgraded, address, 1);
  }

  /** It is logged in, or closed. */
  loggedInOrClosed(address: string): void {
    this.#upgradedCount -= 1;
    this.#tell();
    add(this.#upgraded, address, -1);
  }

  #tell(): void {
    this.#telemetry.pendingConnections(this.#acceptedCount + this.#upgradedCount);
  }
}

function add(counts: Map<string, number>, address: string, change: 1 | -1): void {
  const count = (counts.get(address) ?? 0) + change;
  if (count > 0) counts.set(address, count);
  else counts.delete(address);
}
