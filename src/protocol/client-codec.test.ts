import { expect, test } from 'vitest';
import { concatBytes } from './bytes.ts';
import { decodeServerMessage, framesOfMessage } from './client-codec.ts';
import { BATCH_BYTES_MAX, BATCH_FRAMES_MAX } from './limits.ts';
import { encode } from './message-pack.ts';
import { encodeEvent, encodeReply } from './server-codec.ts';

const state = (version: number): Uint8Array => encodeEvent('state', { version });
const decode = (message: Uint8Array) => decodeServerMessage(message, () => 'ping', true);
const malformed = (reason: string) => [{ kind: 'malformed', reason }];

test('a batch is decoded frame by frame, in order, and unknown events in it are skipped', () => {
  const later = encode([199, { any: 1 }]);
  const batch = concatBytes(state(1), encodeReply('ping', 7, { time: 5 }), later, state(2));
  expect(decode(batch)).toEqual([
    { kind: 'event', event: { name: 'state', body: { version: 1 } } },
    { kind: 'reply', id: 7, name: 'ping', body: { time: 5 } },
    { kind: 'unknown' },
    { kind: 'event', event: { name: 'state', body: { version: 2 } } },
  ]);
});

test('without batches, a message is one frame, and anything after it is refused', () => {
  expect(framesOfMessage(state(1), false)).toEqual([state(1)]);
  expect(framesOfMessage(concatBytes(state(1), state(2)), false)).toBe('trailing_bytes');
});

test('a batch that is empty, ends early, or has junk in it is refused as a whole', () => {
  expect(decode(new Uint8Array())).toEqual(malformed('truncated'));
  expect(decode(concatBytes(state(1), state(2).subarray(0, -1)))).toEqual(malformed('truncated'));
  expect(decode(concatBytes(state(1), Uint8Array.of(0xc1)))).toEqual(malformed('reserved_byte'));
  expect(decode(concatBytes(Uint8Array.of(0xc1), state(1)))).toEqual(malformed('reserved_byte'));
});

test('a nested batch is not a frame', () => {
  expect(decode(encode([[111, { version: 1 }]]))).toEqual(malformed('not a frame'));
  expect(decode(concatBytes(state(1), encode([state(2)]))).at(-1)).toEqual(malformed('not a frame')[0]);
});

test('a batch over the limit of frames or bytes is refused, while a single frame may be longer', () => {
  const frames = (count: number): Uint8Array => concatBytes(...Array<Uint8Array>(count).fill(state(1)));
  expect(decode(frames(BATCH_FRAMES_MAX))).toHaveLength(BATCH_FRAMES_MAX);
  expect(decode(frames(BATCH_FRAMES_MAX + 1))).toEqual(malformed('too_many_items'));
  const long = (byteCount: number): Uint8Array => {
    const head = encode([199, new Uint8Array(70_000)]).length - 70_000;
    return encode([199, new Uint8Array(byteCount - head)]);
  };
  const rest = BATCH_BYTES_MAX - state(1).length;
  expect(decode(concatBytes(long(rest), state(1)))).toHaveLength(2);
  expect(decode(concatBytes(long(rest + 1), state(1)))).toEqual(malformed('trailing_bytes'));
  expect(decode(long(BATCH_BYTES_MAX + 1))).toEqual([{ kind: 'unknown' }]);
});
