import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { InProcessHub } from '../adapters/embedded/in-process-hub.ts';
import { openEmbeddedRelay } from '../adapters/embedded/open-embedded-relay.ts';
import { decodeControlEnvelope } from '../domain/envelope.ts';
import type { ControlNotice } from '../domain/notices.ts';
import type { RelayBackend } from '../ports/backend.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { type NodeStatus, parseRunId } from '../protocol/admin-actions.ts';
import { NodeOrders } from './node-orders.ts';
import { CONTROL_CHANNEL } from './publisher.ts';

const LEASE_MS = 60_000;
const SHORT_WAIT_MS = 30;

function status(node: string, fields: Partial<NodeStatus> = {}): NodeStatus {
  const run = parseRunId(randomBytes(16).toString('hex'));
  if (run === undefined) throw new TypeError('16 random bytes are a run');
  const numbers = { connections: 3, sessions: 2, rooms: 1, draining: false };
  return { run, node, version: '1.0.0', startedAt: 1_000, ...numbers, ...fields };
}

describe('orders to nodes', () => {
  let hub: InProcessHub;
  let asking: RelayBackend;
  let obeying: RelayBackend;
  let heard: ControlNotice[];
  let orders: NodeOrders;
  beforeEach(async () => {
    hub = new InProcessHub();
    [asking, obeying] = [0, 1].map(() => openEmbeddedRelay({ telemetry: silentTelemetry(), hub })) as [
      RelayBackend,
      RelayBackend,
    ];
    await Promise.all([asking.start(), obeying.start()]);
    heard = [];
    await obeying.broker.subscribe(CONTROL_CHANNEL, (payload) => {
      const notice = decodeControlEnvelope(payload);
      if (notice !== undefined) heard.push(notice);
    });
    orders = new NodeOrders(asking.nodes, asking.broker, SHORT_WAIT_MS);
  });
  afterEach(async () => {
    orders.close();
    await Promise.all([asking.close(), obeying.close()]);
  });

  /** Answers the first order that is heard, as the node would. */
  async function answerNext(sessions: number): Promise<void> {
    for (;;) {
      const [notice] = heard.splice(0, 1);
      if (notice?.about === 'node-order') {
        orders.answered({ order: notice.order, sessions });
        return;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('lists the nodes by name, and those of one name by age', async () => {
    const posted = [status('b'), status('a', { startedAt: 2_000 }), status('a', { startedAt: 1_000 })];
    for (const each of posted) await obeying.nodes.post(each, LEASE_MS);
    const { nodes } = await orders.nodes();
    expect(nodes.map(({ node, startedAt }) => [node, startedAt])).toEqual([
      ['a', 1_000],
      ['a', 2_000],
      ['b', 1_000],
    ]);
  });

  it('reach the node by its name, and are answered when it confirms', async () => {
    const target = status('gateway-2');
    await obeying.nodes.post(target, LEASE_MS);
    await obeying.nodes.post(status('gateway-1'), LEASE_MS);
    orders = new NodeOrders(asking.nodes, asking.broker, LEASE_MS);
    const drained = orders.give('gateway-2', { task: 'drain' });
    await answerNext(3);
    expect(await drained).toEqual({ node: 'gateway-2', sessions: 3 });
    const shed = orders.give('gateway-2', { task: 'shed', count: 2 });
    await answerNext(2);
    expect(await shed).toEqual({ node: 'gateway-2', sessions: 2 });
  });

  it('name one run and one task', async () => {
    const target = status('gateway-2');
    await obeying.nodes.post(target, LEASE_MS);
    await orders.give('gateway-2', { task: 'shed', count: 7 });
    expect(heard).toEqual([
      expect.objectContaining({ about: 'node-order', run: target.run, task: { task: 'shed', count: 7 } }),
    ]);
  });

  it('go to nobody when no node, or more than one, has the name; a run always names one', async () => {
    const twins = [status('twin'), status('twin')];
    for (const twin of twins) await obeying.nodes.post(twin, LEASE_MS);
    expect(await orders.give('nobody', { task: 'drain' })).toEqual({ refused: 'no_such_node' });
    const ambiguous = await orders.give('twin', { task: 'drain' });
    expect(ambiguous).toMatchObject({ refused: 'ambiguous_node' });
    for (const { run } of twins) expect(JSON.stringify(ambiguous)).toContain(run);
    expect(heard).toEqual([]);
    const [first] = twins;
    expect(await orders.give(first?.run ?? '', { task: 'drain' })).toEqual({ refused: 'unconfirmed' });
    expect(heard).toMatchObject([{ run: first?.run }]);
  });

  it('that nobody confirms are said to be unconfirmed, and a late answer hurts nobody', async () => {
    await obeying.nodes.post(status('paused'), LEASE_MS);
    expect(await orders.give('paused', { task: 'drain' })).toEqual({ refused: 'unconfirmed' });
    await answerNext(1);
  });

  it('that can not go out throw Unavailable, and are not sent later', async () => {
    await obeying.nodes.post(status('gateway-2'), LEASE_MS);
    await asking.broker.close();
    await expect(orders.give('gateway-2', { task: 'drain' })).rejects.toThrow(Unavailable);
    await asking.nodes.all();
    expect(heard).toEqual([]);
  });

  it('are all answered when the node that gave them closes', async () => {
    await obeying.nodes.post(status('gateway-2'), LEASE_MS);
    orders = new NodeOrders(asking.nodes, asking.broker, LEASE_MS);
    const drained = orders.give('gateway-2', { task: 'drain' });
    while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    orders.close();
    expect(await drained).toEqual({ refused: 'unconfirmed' });
  });
});
