import { encodeNotice } from '../domain/envelope.ts';
import { type NodeAnswer, type NodeTask, type OrderId, parseOrderId } from '../domain/notices.ts';
import { randomId } from '../lib/random-id.ts';
import type { Broker } from '../ports/broker.ts';
import type { NodeBoard } from '../ports/node-board.ts';
import {
  ADMIN_NODES_MAX,
  type AdminRefusal,
  type AdminReply,
  isAdminRefusal,
  type LeasedNode,
} from '../protocol/admin-actions.ts';
import { CONTROL_CHANNEL } from './publisher.ts';

/** A node confirms within milliseconds; after this the operator is told that it did not. */
export const ANSWER_WAIT_MS = 5_000;
/** Orders that wait for their answer on this node. */
const WAITING_MAX = 256;

/** What an operator asks of nodes. An order goes out once, never again later: by then it may be unwelcome. */
export class NodeOrders {
  readonly #board: NodeBoard;
  readonly #broker: Broker;
  readonly #answerWaitMs: number;
  readonly #waiting = new Map<OrderId, (sessions: number | undefined) => void>();

  constructor(board: NodeBoard, broker: Broker, answerWaitMs: number = ANSWER_WAIT_MS) {
    this.#board = board;
    this.#broker = broker;
    this.#answerWaitMs = answerWaitMs;
  }

  /** By name, then by age. */
  async nodes(): Promise<AdminReply<'nodes'>> {
    const nodes = [...(await this.#board.all())].sort(
      (one, other) => one.node.localeCompare(other.node, 'en') || one.startedAt - other.startedAt,
    );
    return { nodes: nodes.slice(0, ADMIN_NODES_MAX) };
  }

  /** To be called with every answer that comes in, also those to other nodes' orders. */
  answered({ order, sessions }: NodeAnswer): void {
    this.#waiting.get(order)?.(sessions);
  }

  /** Whoever waits hears that nothing was confirmed. */
  close(): void {
    for (const settle of this.#waiting.values()) settle(undefined);
  }

  /** To the node of this name, or run. */
  async give(name: string, task: NodeTask): Promise<AdminReply<'drain'> | AdminRefusal> {
    const found = chosen(await this.#board.all(), name);
    if (isAdminRefusal(found)) return found;
    if (this.#waiting.size >= WAITING_MAX) return { refused: 'busy' };
    const order = randomId(parseOrderId);
    const answer = this.#answerTo(order);
    try {
      const notice = { about: 'node-order', order, run: found.run, task } as const;
      await this.#broker.publish(CONTROL_CHANNEL, encodeNotice(notice));
    } catch (error) {
      this.#waiting.get(order)?.(undefined);
      throw error;
    }
    const sessions = await answer;
    return sessions === undefined ? { refused: 'unconfirmed' } : { node: found.node, sessions };
  }

  #answerTo(order: OrderId): Promise<number | undefined> {
    return new Promise((resolve) => {
      const settle = (sessions: number | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(order);
        resolve(sessions);
      };
      const timer = setTimeout(() => settle(undefined), this.#answerWaitMs);
      this.#waiting.set(order, settle);
    });
  }
}

/** A run names one node for certain; a name may be that of several, which then is no order to guess about. */
function chosen(nodes: readonly LeasedNode[], name: string): LeasedNode | AdminRefusal {
  const byRun = nodes.find(({ run }) => run === name);
  if (byRun !== undefined) return byRun;
  const named = nodes.filter(({ node }) => node === name);
  const [only] = named;
  if (only === undefined) return { refused: 'no_such_node' };
  if (named.length === 1) return only;
  const runs = named.map(({ run }) => run).slice(0, 8);
  return { refused: 'ambiguous_node', message: `several nodes have this name: say ${runs.join(' or ')}` };
}
