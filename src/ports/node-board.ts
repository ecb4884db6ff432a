import type { LeasedNode, NodeStatus, RunId } from '../protocol/admin-actions.ts';

/**
 * Where each node of the cluster says how it is, for whoever operates it. What it says holds for a lease, so that a node
 * that died or was cut off is gone with it. All throw Unavailable.
 */
export interface NodeBoard {
  /** Replaces what this run said before. */
  post(status: NodeStatus, leaseMs: number): Promise<void>;
  /** What every node said whose lease is not over, in no order. What a newer version says in another form is left out. */
  all(): Promise<readonly LeasedNode[]>;
  /** At once, in place of waiting for the end of the lease. */
  remove(run: RunId): Promise<void>;
}
