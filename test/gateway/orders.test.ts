import { describe, expect, it } from 'vitest';
import { closeCodes } from '../../src/protocol/codes.ts';
import { eventually } from '../support/eventually.ts';
import { newKeys } from '../support/new-keys.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

async function act(
  gateway: LiveGateway,
  action: string,
  body?: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const headers = {
    Authorization: `Bearer ${await gateway.adminToken()}`,
    'Content-Type': 'application/json',
  };
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
  const answer = await fetch(`${gateway.adminUrl}/admin/${action}`, init);
  return { status: answer.status, body: await answer.json() };
}

async function loggedIn(gateway: LiveGateway, count: number) {
  const keys = await newKeys();
  const first = await gateway.greeted();
  const account = await first.register('crowd', keys);
  await first.login(account);
  const others = await Promise.all(
    Array.from({ length: count - 1 }, async () => {
      const client = await gateway.greeted();
      await client.login(account);
      return client;
    }),
  );
  return [first, ...others];
}

describe('a node', () => {
  it('says how it is', async () => {
    await using gateway = await startLiveGateway({ NODE_ID: 'only-one' });
    await loggedIn(gateway, 3);
    await gateway.greeted();
    await eventually(async () =>
      expect(await act(gateway, 'nodes')).toMatchObject({
        status: 200,
        body: {
          nodes: [
            { node: 'only-one', version: '0.0.0', connections: 4, sessions: 3, rooms: 0, draining: false },
          ],
        },
      }),
    );
  });

  it('sheds as many sessions as it is told, each told before, and goes on serving', async () => {
    await using gateway = await startLiveGateway({ NODE_ID: 'n', DRAIN_SECONDS: '1' });
    const clients = await loggedIn(gateway, 6);
    expect(await act(gateway, 'shed', { node: 'n', count: 4 })).toEqual({
      status: 200,
      body: { node: 'n', sessions: 4 },
    });
    const closed: unknown[] = [];
    for (const client of clients) void client.closed.then((how) => closed.push(how));
    await eventually(() => expect(closed).toHaveLength(4));
    for (const how of closed) expect(how).toEqual({ code: closeCodes.going_away.code, reason: 'going_away' });
    const told = clients.filter((client) => client.eventsOf('going-away').length > 0);
    expect(told).toHaveLength(4);
    expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
    const staying = clients.filter((client) => client.eventsOf('going-away').length === 0);
    for (const client of staying) await client.ask('ping', {});
    await (await gateway.greeted()).ask('ping', {});
  });

  it('sheds no session twice, and no more than it has', async () => {
    await using gateway = await startLiveGateway({ NODE_ID: 'n', DRAIN_SECONDS: '60' });
    const clients = await loggedIn(gateway, 3);
    // One that is not logged in yet has nothing to move.
    await gateway.greeted();
    expect(await act(gateway, 'shed', { node: 'n', count: 2 })).toMatchObject({ body: { sessions: 2 } });
    expect(await act(gateway, 'shed', { node: 'n', count: 100 })).toMatchObject({ body: { sessions: 1 } });
    expect(await act(gateway, 'shed', { node: 'n', count: 100 })).toMatchObject({ body: { sessions: 0 } });
    for (const client of clients) await client.event('going-away');
    for (const client of clients) expect(client.eventsOf('going-away')).toHaveLength(1);
  });

  it('drains when it is told, answering first, and says so to whoever asks meanwhile', async () => {
    await using gateway = await startLiveGateway({ NODE_ID: 'n', DRAIN_SECONDS: '60' });
    const [client] = await loggedIn(gateway, 1);
    expect(await act(gateway, 'drain', { node: 'n' })).toEqual({
      status: 200,
      body: { node: 'n', sessions: 1 },
    });
    await eventually(async () =>
      expect(await act(gateway, 'nodes')).toMatchObject({ body: { nodes: [{ draining: true }] } }),
    );
    expect(await act(gateway, 'shed', { node: 'n', count: 1 })).toMatchObject({ body: { sessions: 0 } });
    // Told twice, it goes on as it was.
    expect((await act(gateway, 'drain', { node: 'n' })).status).toBe(200);
    await client?.event('going-away');
    // The last client goes by itself, and nothing is left to wait for.
    client?.socket.close();
    await gateway.drained();
    await expect(act(gateway, 'nodes')).rejects.toThrow();
  });
});
