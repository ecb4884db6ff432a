import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import {
  DEADLINE_MS,
  dispatchingSession,
  repliesOf,
} from '../../test/support/gateway/dispatching-session.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { encodeRequest } from '../protocol/client-codec.ts';
import { closeCodes } from '../protocol/codes.ts';
import { decodeRequest } from '../protocol/server-codec.ts';
import type { ConnectionHandlers } from './dispatcher.ts';
import { Session } from './session.ts';
import { TURN_UNITS, WAITING_FRAMES_MAX } from './session-limits.ts';

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
    await eventually(() => expect(replies()).toEqual([{ id: 2, body: { time: 2 } }]));
    release();
    await eventually(() => expect(replies()[1]).toEqual({ id: 1, body: { time: 1 } }));
  });

  it('whose service does not answer is told so, with a time to try again', async () => {
    const { session, replies } = setUp({
      ping: () => Promise.reject(new Unavailable('store', new Error('gone'))),
    });
    session.binary(ping(1));
    await eventually(() => expect(replies()).toEqual([{ id: 1, error: 'unavailable', wait: 1_000 }]));
  });

  it('that takes longer than its deadline is told so, and answered once only', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { session, replies, calls } = setUp({ ping: () => held.then(() => ({ time: 1 })) });
    const startedAtMs = performance.now();
    session.binary(ping(1));
    await eventually(() => expect(replies()).toEqual([{ id: 1, error: 'unavailable', wait: 1_000 }]));
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(445);
    release();
    session.binary(ping(1));
    await eventually(() => expect(replies().length).toBe(2));
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
    await eventually(() => expect(socket.ended).toEqual({ code: 3001, reason: 'node_error' }));
    expect(calls.some(({ event }) => event === 'warn')).toBe(true);
  });

  it('beyond 128 under way is told to wait', () => {
    const { session, replies, takeTurns } = setUp({ ping: () => new Promise(() => undefined) });
    for (let id = 0; id < 129; id += 1) session.binary(ping(id));
    takeTurns();
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
    await eventually(() => expect(socket.ended).toEqual({ code: 3000, reason: 'going_away' }));
    expect(replies()).toEqual([
      { id: 2, error: 'unavailable', wait: 500 },
      { id: 1, body: { time: 1 } },
    ]);
  });
});

describe('a flood of requests', () => {
  it('is answered in later turns and in order, and holds up nobody else', () => {
    const { session, host, socket, replies, takeTurn } = setUp({ ping: () => ({ time: 1 }) });
    const otherSocket = new FakeSocket();
    const other = new Session(otherSocket, '127.0.0.2', host);
    const count = 10 * TURN_UNITS;
    for (let id = 0; id < count; id += 1) session.binary(ping(id));
    other.binary(ping(7));
    session.outbox.flush();
    const atOnce = repliesOf(socket).length;
    expect(atOnce).toBeLessThan(count - TURN_UNITS);
    takeTurn();
    other.outbox.flush();
    expect(repliesOf(otherSocket)).toMatchObject([{ id: 7, error: 'bad_request' }]);
    session.outbox.flush();
    expect(repliesOf(socket)).toHaveLength(atOnce + TURN_UNITS);
    replies();
    session.outbox.flush();
    expect(replies().map((reply) => 'id' in reply && reply.id)).toEqual(
      Array.from({ length: count }, (_, id) => id),
    );
  });

  it('beyond what may wait ends its session with abuse', () => {
    const { session, socket, takeTurns } = setUp({ ping: () => ({ time: 1 }) });
    let id = 0;
    for (; session.waiting === undefined; id += 1) session.binary(ping(id));
    for (let more = 1; more < WAITING_FRAMES_MAX; more += 1) session.binary(ping(id + more));
    expect(socket.ended).toBeUndefined();
    session.binary(ping(id));
    expect(socket.ended).toEqual({ code: closeCodes.abuse.code, reason: 'abuse' });
    session.closed(closeCodes.abuse.code);
    takeTurns();
    expect(session.waiting).toBeUndefined();
  });

  it('that waits for longer than its deadline is told so without being begun', async () => {
    const handler = vi.fn(() => ({ time: 1 }));
    const { session, replies } = setUp({ ping: handler });
    let id = 0;
    for (; session.waiting === undefined; id += 1) session.binary(ping(id));
    const begun = handler.mock.calls.length;
    await eventually(() => expect(performance.now()).toBeGreaterThan(session.heardAtMs + DEADLINE_MS));
    replies();
    session.outbox.flush();
    expect(replies().at(-1)).toEqual({ id: id - 1, error: 'unavailable', wait: 1_000 });
    expect(handler).toHaveBeenCalledTimes(begun);
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
