import type { NodeBoard } from '../../ports/node-board.ts';
import type { LeasedNode, NodeStatus, RunId } from '../../protocol/admin-actions.ts';
import type { RelayGate } from './relay-gate.ts';

interface PostedStatus {
  readonly status: NodeStatus;
  readonly untilMs: number;
}

/** What the nodes of this process say of themselves; `now` in milliseconds. */
export class NodeTable {
  readonly #posted = new Map<RunId, PostedStatus>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  post(status: NodeStatus, leaseMs: number): void {
    this.#posted.set(status.run, { status, untilMs: this.#now() + leaseMs });
  }

  all(): readonly LeasedNode[] {
    const nowMs = this.#now();
    for (const [run, { untilMs }] of this.#posted) if (untilMs <= nowMs) this.#posted.delete(run);
    return [...this.#posted.values()].map(({ status, untilMs }) => ({
      ...status,
      leaseMs: Math.ceil(untilMs - nowMs),
    }));
  }

  remove(run: RunId): void {
    this.#posted.delete(run);
  }
}

/** One node's view of the table. */
export class InProcessNodeBoard implements NodeBoard {
  readonly #table: NodeTable;
  readonly #gate: RelayGate;

  constructor(table: NodeTable, gate: RelayGate) {
    this.#table = table;
    this.#gate = gate;
  }

  async post(status: NodeStatus, leaseMs: number): Promise<void> {
    const posted = { ...status };
    await this.#gate.pass('presence');
    this.#table.post(posted, leaseMs);
  }

  async all(): Promise<readonly LeasedNode[]> {
    await this.#gate.pass('presence');
    return this.#table.all();
  }

  async remove(run: RunId): Promise<void> {
    await this.#gate.pass('presence');
    this.#table.remove(run);
  }
}
