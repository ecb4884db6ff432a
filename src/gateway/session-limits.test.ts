import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { dispatchingSession } from '../../test/support/gateway/dispatching-session.ts';
import { readConfig } from '../config/read-config.ts';
import { TokenBucket } from '../domain/token-bucket.ts';
import { encodeRequest } from '../protocol/client-codec.ts';
import { refuse } from '../protocol/error-reply.ts';
import { parseRoomId } from '../protocol/ids.ts';
import {
  CIPHERTEXT_BYTES_MAX,
  HEADER_BYTES_MAX,
  TEXT_BYTES_MAX,
  WRAP_BYTES,
  WRAPPED_MEMBERS_MAX,
} from '../protocol/limits.ts';
import { encode } from '../protocol/message-pack.ts';
import { requests } from '../protocol/requests.ts';
import { SessionLimits, type SessionRates } from './session-limits.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

const slow = { count: 1, periodMs: 3_600_000 } as const;

function setUp(rates: Partial<SessionRates>, given: Parameters<typeof dispatchingSession>[0] = {}) {
  const dispatching = dispatchingSession(given, { requests: 'off', frameBytes: 'off', ...rates });
  closers.push(dispatching.close);
  const { session, replies, takeTurns } = dispatching;
  /** The errors of all replies so far, undefined for a result. */
  const errors = () => {
    takeTurns();
    session.outbox.flush();
    return replies().map((reply) => ('error' in reply ? reply.error : undefined));
  };
  return { ...dispatching, errors };
}

function send(id: number): Uint8Array {
  const room = parseRoomId('07'.repeat(16));
  if (room === undefined) throw new Error('the test needs a room');
  const bytes = new Uint8Array(8);
  return encodeRequest('send', id, { room, version: 1, header: bytes, ciphertext: bytes, wraps: bytes });
}

describe('a session pays', () => {
  it('for a send that cannot be decoded, as for any other request', () => {
    const { session, errors } = setUp({ requests: { ...slow, burst: 2 } });
    for (let id = 0; id < 5; id += 1) session.binary(encode([requests.send.op, id, 'no message']));
    // The first alone costs more than there is.
    expect(errors()).toEqual(['bad_request', ...Array(4).fill('rate_limited')]);
  });

  it('for a send that its handler refuses, and is then refused without asking the handler', async () => {
    const handler = vi.fn(() => Promise.resolve(refuse('not_a_member')));
    const { session, errors } = setUp({ requests: { ...slow, burst: 2 } }, { send: handler });
    for (let id = 0; id < 3; id += 1) session.binary(send(id));
    await eventually(() => expect(errors()).toEqual(['not_a_member', 'not_a_member', 'not_a_member']));
    for (let id = 3; id < 6; id += 1) session.binary(send(id));
    expect(errors().slice(3)).toEqual(['rate_limited', 'rate_limited', 'rate_limited']);
    expect(handler).toHaveBeenCalledTimes(3);
  });

  it('nothing for a send that is accepted, however many there are', async () => {
    const reply = { seq: 1, at: 1, headerHash: new Uint8Array(32) };
    const { session, errors } = setUp({ requests: { ...slow, burst: 2 } }, { send: async () => reply });
    for (let id = 0; id < 50; id += 1) session.binary(send(id));
    await eventually(() => expect(errors()).toEqual(Array(50).fill(undefined)));
  });

  it('for a reply by its size', async () => {
    const page = { messages: [], through: 1, more: false };
    const message = {
      seq: 1,
      at: 1,
      from: '01'.repeat(16),
      header: new Uint8Array(9),
      wrap: new Uint8Array(256),
    };
    const messages = Array.from({ length: 10 }, () => ({ ...message, ciphertext: new Uint8Array(20_000) }));
    const { session, errors } = setUp(
      { requests: { ...slow, burst: 8 } },
      { history: async (_core, _caller, { limit }) => (limit === 1 ? page : { ...page, messages }) as never },
    );
    const room = parseRoomId('07'.repeat(16));
    if (room === undefined) throw new Error('the test needs a room');
    const ask = (id: number, limit: number): void =>
      session.binary(encodeRequest('history', id, { room, after: 0, limit }));
    // Two small pages cost two requests, and one of 200 KB seven.
    for (const [id, limit] of [1, 1, 10, 1, 1].entries()) {
      ask(id, limit);
      await eventually(() => expect(errors()).toHaveLength(id + 1));
    }
    expect(errors()).toEqual([undefined, undefined, undefined, 'rate_limited', 'rate_limited']);
  });

  it('for an id that is still open, and for an operation that this gateway does not know', () => {
    const { session, errors } = setUp(
      { requests: { ...slow, burst: 3 } },
      { ping: () => new Promise(() => undefined) },
    );
    for (let i = 0; i < 2; i += 1) session.binary(encodeRequest('ping', 7, {}));
    for (let id = 8; id < 10; id += 1) session.binary(encode([99, id, {}]));
    expect(errors()).toEqual(['bad_request', 'bad_request', 'rate_limited']);
  });

  it('for the bytes of a frame before it is decoded', () => {
    const { session, errors } = setUp({ frameBytes: { ...slow, burst: 10_000 } });
    const wide = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, i]));
    const frame = (id: number): Uint8Array => encode([requests.hello.op, id, Array(40).fill(wide)]);
    expect(frame(1).length).toBeGreaterThan(5_000);
    for (let id = 0; id < 2; id += 1) session.binary(frame(id));
    expect(errors()).toEqual(['bad_request', 'rate_limited']);
  });
});

describe('a session is closed for abuse', () => {
  it('when it goes on after three hundred refusals for a limit, whatever it sends', () => {
    const { session, socket } = setUp({ requests: { ...slow, burst: 1 } });
    for (let id = 0; id < 300; id += 1) session.binary(encode([requests.send.op, id, 'no message']));
    expect(socket.ended).toBeUndefined();
    for (let id = 0; id < 300; id += 1) session.binary(encode([requests.send.op, id, 'no message']));
    expect(socket.ended).toEqual({ code: 3504, reason: 'abuse' });
  });

  it('sooner when the refused frames are large', () => {
    const { session, socket } = setUp({ frameBytes: { ...slow, burst: 1 } });
    const frame = encode([requests.send.op, 1, new Uint8Array(290_000)]);
    for (let i = 0; i < 40 && socket.ended === undefined; i += 1) session.binary(frame);
    expect(socket.ended).toEqual({ code: 3504, reason: 'abuse' });
  });

  it('but not for a handful of operations of a newer protocol, however large their bodies are', () => {
    const outcome = readConfig({}, () => '');
    if (!outcome.ok) throw new Error('the defaults are good');
    const { rateRequestsSession, rateFrameBytesSession } = outcome.config;
    const { session, socket, errors } = setUp({
      requests: rateRequestsSession,
      frameBytes: rateFrameBytesSession,
    });
    const wide = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key${i}`, 'x'.repeat(2_000)]));
    for (let id = 0; id < 20; id += 1) session.binary(encode([98, id, { list: [wide], more: [[[1]]] }]));
    expect(errors()).toEqual(Array(20).fill('bad_request'));
    expect(socket.ended).toBeUndefined();
  });
});

it('an honest sender of the largest messages at the permitted rate is never refused', () => {
  const outcome = readConfig({}, () => '');
  if (!outcome.ok) throw new Error('the defaults are good');
  const { rateMessagesUser, rateMessageBytesUser, rateRequestsSession, rateFrameBytesSession } =
    outcome.config;
  const wraps = WRAPPED_MEMBERS_MAX * WRAP_BYTES;
  expect(CIPHERTEXT_BYTES_MAX).toBeGreaterThan(TEXT_BYTES_MAX);
  for (const messageBytes of [CIPHERTEXT_BYTES_MAX + wraps, 96 + 2 * WRAP_BYTES]) {
    const rates = { requests: rateRequestsSession, frameBytes: rateFrameBytesSession };
    const limits = new SessionLimits(rates, 0);
    const messages = new TokenBucket(rateMessagesUser, 0);
    const bytes = new TokenBucket(rateMessageBytesUser, 0);
    let sent = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 5) {
      while (messages.take(nowMs) === 0 && bytes.take(nowMs, messageBytes) === 0) {
        expect(limits.takeFrame(nowMs, messageBytes + HEADER_BYTES_MAX + 64)).toBe(0);
        expect(limits.waitForMessage(nowMs)).toBe(0);
        sent += 1;
      }
    }
    expect(sent).toBeGreaterThan(200);
  }
});
