import { afterEach, describe, expect, it, vi } from 'vitest';
import { dispatchingSession } from '../../test/support/gateway/dispatching-session.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { encodeRequest } from '../protocol/client-codec.ts';
import { decodeRequest } from '../protocol/server-codec.ts';
import type { ConnectionHandlers } from './dispatcher.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function setUp(given: Parameters<typeof dispatchingSession>[0]) {
  const dispatching = dispatchingSession(given);
  closers.push(dispatching.close);
  return dispatching;
}

const ping = (id: number): Uint8Array => encodeRequest('ping', id, {});

describe('a request', () => {
  it('is answered by its handler, replies overtaking each other', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let time = 0;
    const { session, replies } = setUp({
      ping: async () => {
        time += 1;
        const mine = time;
        if (mine === 1) await held;
        return { time: mine };
      },
    });
    session.binary(ping(1));
    session.binary(ping(2));
    await vi.waitFor(() => expect(replies()).toEqual([{ id: 2, body: { time: 2 } }]));
    release();
    await vi.waitFor(() => expect(replies()[1]).toEqual({ id: 1, body: { time: 1 } }));
  });

  it('whose service does not answer is told so, with a time to try again', async () => {
    const { session, replies } = setUp({
      ping: () => Promise.reject(new Unavailable('store', new Error('gone'))),
    });
    session.binary(ping(1));
    await vi.waitFor(() => expect(replies()).toEqual([{ id: 1, error: 'unavailable', wait: 1_000 }]));
  });

  it('that takes longer than its deadline is told so, and answered once only', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { session, replies, calls } = setUp({ ping: () => held.then(() => ({ time: 1 })) });
    const startedAtMs = performance.now();
    session.binary(ping(1));
    await vi.waitFor(() => expect(replies()).toEqual([{ id: 1, error: 'unavailable', wait: 1_000 }]), 2_000);
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(445);
    release();
    session.binary(ping(1));
    await vi.waitFor(() => expect(replies().length).toBe(2));
    expect(replies()[1]).toEqual({ id: 1, body: { time: 1 } });
    expect(calls.filter(({ event }) => event === 'requestDone').length).toBe(2);
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('bug');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('bug'))],
  ])('whose handler %s ends the connection with node_error, and a warning', async (_how, handler) => {
    const { session, socket, calls } = setUp({ ping: handler as ConnectionHandlers['ping'] });
    session.binary(ping(1));
    await vi.waitFor(() => expect(socket.ended).toEqual({ code: 3001, reason: 'node_error' }));
    expect(calls.some(({ event }) => event === 'warn')).toBe(true);
  });

  it('beyond 128 under way is told to wait', () => {
    const { session, replies } = setUp({ ping: () => new Promise(() => undefined) });
    for (let id = 0; id < 129; id += 1) session.binary(ping(id));
    session.outbox.flush();
    expect(replies()).toEqual([{ id: 128, error: 'rate_limited', wait: 100 }]);
  });

  it('under way is answered before a draining session is closed, and no other is taken', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { session, socket, replies } = setUp({ ping: () => held.then(() => ({ time: 1 })) });
    session.binary(ping(1));
    session.drain('going_away');
    session.binary(ping(2));
    expect(socket.ended).toBeUndefined();
    release();
    await vi.waitFor(() => expect(socket.ended).toEqual({ code: 3000, reason: 'going_away' }));
    expect(replies()).toEqual([
      { id: 2, error: 'unavailable', wait: 500 },
      { id: 1, body: { time: 1 } },
    ]);
  });
});

describe('decoding', () => {
  it("takes copies out of a frame, so that a socket's own buffer may be decoded in place", () => {
    const mac = new Uint8Array(32).fill(5);
    const frame = encodeRequest('answer', 1, { mac });
    const decoded = decodeRequest(frame);
    frame.fill(0xff);
    expect(decoded).toMatchObject({ kind: 'request', request: { name: 'answer', body: { mac } } });
  });
});
