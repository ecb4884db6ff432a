import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRunId } from '../protocol/admin-actions.ts';
import { parseRoomId, parseUserId } from '../protocol/ids.ts';
import {
  decodeControlEnvelope,
  decodeRoomEnvelope,
  ENVELOPE_VERSION,
  encodeDeliver,
  encodeNotice,
} from './envelope.ts';
import { type NodeTask, parseOrderId } from './notices.ts';

const room = parseRoomId('07'.repeat(16));
const user = parseUserId('09'.repeat(16));
const run = parseRunId('0a'.repeat(16));
const order = parseOrderId('0b'.repeat(16));
if (room === undefined || user === undefined || run === undefined || order === undefined)
  throw new Error('the test needs ids');

describe('an envelope', () => {
  it('carries a message with its table of recipients and wraps', () => {
    const message = {
      seq: 2 ** 40 + 1,
      publishedAt: 1_700_000_000_123.5,
      recipients: new Uint8Array(32).fill(1),
      wraps: new Uint8Array(512).fill(2),
      prefix: new Uint8Array([5, 6]),
    };
    const { prefix, wraps, ...rest } = message;
    const prefixAndWraps = new Uint8Array([...prefix, ...wraps]);
    const envelope = { kind: 'deliver', ...rest, prefixAndWraps, prefixBytes: prefix.length };
    expect(decodeRoomEnvelope(encodeDeliver(message))).toEqual(envelope);
    expect(decodeControlEnvelope(encodeDeliver(message))).toBeUndefined();
  });

  const event = new Uint8Array([1, 2, 3]);
  const users = new Uint8Array(32).fill(9);

  it.each([
    { about: 'roster', room, version: 4, floor: 3, user, change: 'left', event },
    { about: 'roster', room, version: 5, floor: 5, user, change: 'banned', event },
    { about: 'roster', room, version: 5, floor: 5, user, change: 'kicked', event, gone: users },
    { about: 'presence', room, event },
    { about: 'settings', room, version: 4, floor: 4, event },
    { about: 'room-gone', room, event },
  ] as const)('carries the notice of $about on the channel of a room only', (notice) => {
    expect(decodeRoomEnvelope(encodeNotice(notice))).toEqual({ kind: 'notice', notice });
    expect(decodeControlEnvelope(encodeNotice(notice))).toBeUndefined();
  });

  it.each([
    { about: 'own-room', user, room, change: 'kicked', event },
    { about: 'own-room', user, room, change: 'joined', by: 'ab12-7', event },
    { about: 'own-room-deleted', room, users, event },
    { about: 'own-room-deleted', room, users, by: 'ab12-7', event },
    { about: 'abuse', user, banMs: 5_000 },
    { about: 'revoked', user, notBefore: 1_700_000_000_000 },
    { about: 'revoked', user, notBefore: 1_700_000_000_000, why: 'account_closed' },
    { about: 'node-order', order, run, task: { task: 'drain' } },
    { about: 'node-order', order, run, task: { task: 'shed', count: 12 } },
    { about: 'node-answer', order, sessions: 3 },
    { about: 'secrets' },
  ] as const)('carries the notice of $about on the control channel only', (notice) => {
    expect(decodeControlEnvelope(encodeNotice(notice))).toEqual(notice);
    expect(decodeRoomEnvelope(encodeNotice(notice))).toBeUndefined();
  });

  it('with an order that this node does not know is not understood', () => {
    const task = { task: 'dance' } as unknown as NodeTask;
    for (const notice of [
      { about: 'node-order', order, run, task } as const,
      { about: 'node-order', order, run, task: { task: 'shed', count: -1 } } as const,
      { about: 'node-answer', order, sessions: 1.5 } as const,
    ])
      expect(decodeControlEnvelope(encodeNotice(notice))).toBeUndefined();
  });

  it('of another version is not understood', () => {
    const bytes = encodeNotice({ about: 'presence', room, event: new Uint8Array(1) });
    bytes[0] = ENVELOPE_VERSION + 1;
    expect(decodeRoomEnvelope(bytes)).toBeUndefined();
  });

  it('made of any bytes never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(1, 2), (tail, kind) => {
        const bytes = new Uint8Array([ENVELOPE_VERSION, kind, ...tail]);
        decodeRoomEnvelope(bytes);
        decodeControlEnvelope(bytes);
      }),
      { numRuns: 5_000 },
    );
  });
});
