import { CONTROL_CHANNEL } from '../core/publisher.ts';
import { encodeNotice } from '../domain/envelope.ts';
import type { NodeOrder } from '../domain/notices.ts';
import { randomId } from '../lib/random-id.ts';
import type { Broker } from '../ports/broker.ts';
import type { NodeBoard } from '../ports/node-board.ts';
import type { Schema } from '../ports/schema.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { type NodeStatus, parseRunId, type RunId } from '../protocol/admin-actions.ts';

/** A node says so often how it is; what it said holds for LEASE_MS. */
const POST_EVERY_MS = 2_000;
const LEASE_MS = 15_000;

/** What a node says of itself, without what the agent adds. */
export type NodeNumbers = Pick<NodeStatus, 'connections' | 'sessions' | 'rooms' | 'draining'>;

export interface NodeAgentParts {
  readonly board: NodeBoard;
  readonly broker: Broker;
  readonly schema: Pick<Schema, 'newest' | 'refresh'>;
  readonly telemetry: Telemetry;
  readonly node: string;
  readonly version: string;
  readonly numbers: () => NodeNumbers;
  /** Begins to move all clients elsewhere, after which the process ends. Harmless when it has begun already. */
  readonly drain: () => void;
  /** Begins to move at most so many sessions elsewhere; answers how many. */
  readonly shed: (count: number) => number;
}

/** This node before the cluster: says how it is, and obeys the orders that name it. */
export class NodeAgent {
  readonly #parts: NodeAgentParts;
  readonly #run: RunId = randomId(parseRunId);
  readonly #startedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #posting: Promise<void> | undefined;
  #closed = false;

  constructor(parts: NodeAgentParts) {
    this.#parts = parts;
  }

  /** To be called once, when the relay is up. */
  start(): void {
    this.#timer = setInterval(() => this.post(), POST_EVERY_MS);
    this.post();
  }

  /** Something changed that an operator waits for. Never throws: what fails now is said again in a moment. */
  post(): void {
    if (this.#closed || this.#posting !== undefined) return;
    this.#posting = this.#post().finally(() => {
      this.#posting = undefined;
    });
  }

  /** Never throws. */
  order({ order, run, task }: NodeOrder): void {
    if (run !== this.#run || this.#closed) return;
    const { telemetry, numbers, drain, shed } = this.#parts;
    telemetry.info('ordered', task.task === 'shed' ? { task: 'shed', count: task.count } : { task: 'drain' });
    const sessions = task.task === 'shed' ? shed(task.count) : numbers().connections;
    this.#parts.broker
      .publish(CONTROL_CHANNEL, encodeNotice({ about: 'node-answer', order, sessions }))
      .catch((error: unknown) => telemetry.warn('order_unanswered', error));
    if (task.task === 'drain') drain();
  }

  /** Takes this node off the board, if that can be done now; else its lease runs out. Never throws. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#posting;
    if (this.#timer === undefined) return;
    await this.#parts.board.remove(this.#run).catch(() => undefined);
  }

  /** The store is written in a form that this node would misread. */
  #overtaken(): void {
    if (this.#closed) return;
    this.#parts.telemetry.warn('schema_too_new', new Error('a newer release raised the schema of the store'));
    this.#parts.drain();
  }

  async #post(): Promise<void> {
    const { board, schema, node, version, numbers, telemetry } = this.#parts;
    const own = { run: this.#run, node, version, startedAt: this.#startedAt, schema: schema.newest };
    try {
      await board.post({ ...own, ...numbers() }, LEASE_MS);
      // After the lease, so that whoever raises the schema sees this node, or it sees the raised one.
      if ((await schema.refresh()) > schema.newest) this.#overtaken();
    } catch (error) {
      if (!(error instanceof Unavailable)) telemetry.warn('status_unposted', error);
    }
  }
}
