import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runSeed } from '../../test/support/chance.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { concatBytes } from '../protocol/bytes.ts';
import { BATCH_BYTES_MAX, BATCH_FRAMES_MAX, WRAP_BYTES } from '../protocol/limits.ts';
import { FrameBatch } from './frame-batch.ts';
import { Flusher, OutboundFrame, Outbox } from './outbound.ts';

type Step = 'flush' | 'to-all' | { readonly to: number; readonly kind: number; readonly wrap: number };

const whole = (byte: number, length = 10): OutboundFrame =>
  OutboundFrame.whole(new Uint8Array(length).fill(byte));

function queueOf(...frames: readonly OutboundFrame[]) {
  return { frames, wrapAt: frames.map(() => 0), count: frames.length };
}

function delivery(recipients: number): OutboundFrame {
  const wraps = Array.from({ length: recipients }, (_, i) => new Uint8Array(WRAP_BYTES).fill(100 + i));
  return OutboundFrame.delivery(concatBytes(new Uint8Array(5).fill(1), ...wraps), 5);
}

test('frames that many sessions share are joined once, and any other list is joined again', () => {
  const batch = new FrameBatch();
  const [one, two, three] = [whole(1), whole(2), whole(3)];
  const joined = batch.join(queueOf(one, two), 0, 2);
  expect(joined).toEqual(concatBytes(one.bytes, two.bytes));
  expect(batch.join(queueOf(three, one, two), 1, 3)).toBe(joined);
  expect(batch.join(queueOf(one, three), 0, 2)).toEqual(concatBytes(one.bytes, three.bytes));
  expect(batch.join(queueOf(one, two, three), 0, 3)).toEqual(concatBytes(one.bytes, two.bytes, three.bytes));
  // Frames of the same bytes are not the same frames.
  const before = batch.join(queueOf(one, two), 0, 2);
  expect(batch.join(queueOf(one, whole(2)), 0, 2)).not.toBe(before);
  const after = batch.join(queueOf(one, two), 0, 2);
  batch.clear();
  expect(batch.join(queueOf(one, two), 0, 2)).not.toBe(after);
});

test('a session never gets the wrap of another session, even if their frames are the same otherwise', () => {
  const batch = new FrameBatch();
  const [frame, other] = [delivery(2), whole(9)];
  const joined = [0, 1].map((recipient) => {
    const queue = { frames: [frame, other], wrapAt: [recipient * WRAP_BYTES, 0], count: 2 };
    return batch.join(queue, 0, 2).slice();
  });
  expect(joined.map((message) => message[5])).toEqual([100, 101]);
  expect(joined.map((message) => message.at(-1))).toEqual([9, 9]);
});

test('a batch stays within its limits of frames and bytes, and a longer frame is sent by itself', async () => {
  const { telemetry } = recordingTelemetry();
  const flusher = new Flusher(telemetry, 1_000_000);
  const socket = new FakeSocket();
  const outbox = new Outbox(socket, flusher, { outboxOverflowed: () => expect.unreachable() });
  outbox.takesBatches = true;
  for (let i = 0; i <= BATCH_FRAMES_MAX; i += 1) outbox.push(whole(1, 1), 0);
  outbox.flush();
  expect(socket.frames.map(({ length }) => length)).toEqual([BATCH_FRAMES_MAX, 1]);
  outbox.push(whole(1, 1), 0);
  outbox.push(whole(2, BATCH_BYTES_MAX), 0);
  outbox.push(whole(3, BATCH_BYTES_MAX + 1), 0);
  expect(socket.frames.slice(2).map(({ length }) => length)).toEqual([
    1,
    BATCH_BYTES_MAX,
    BATCH_BYTES_MAX + 1,
  ]);
  flusher.close();
});

test('sessions with batches get the same bytes in the same order as sessions without', () => {
  const kinds = [whole(1, 3), whole(2, 900), whole(3, 20_000), whole(4, 70_000), delivery(3)] as const;
  const push = fc.record({ to: fc.nat(3), kind: fc.nat(kinds.length - 1), wrap: fc.nat(2) });
  const step = fc.oneof(
    { weight: 12, arbitrary: push },
    { weight: 2, arbitrary: fc.constant('to-all' as const) },
    { weight: 1, arbitrary: fc.constant('flush' as const) },
  );
  const run = (steps: readonly Step[], takesBatches: boolean) => {
    const { telemetry } = recordingTelemetry();
    const flusher = new Flusher(telemetry, 100_000_000);
    const sockets = Array.from({ length: 4 }, () => new FakeSocket());
    const outboxes = sockets.map((socket) => {
      const outbox = new Outbox(socket, flusher, { outboxOverflowed: () => expect.unreachable() });
      outbox.takesBatches = takesBatches;
      return outbox;
    });
    for (const each of steps) {
      if (each === 'flush') for (const outbox of outboxes) outbox.flush();
      else if (each === 'to-all') for (const outbox of outboxes) outbox.push(kinds[1], 0);
      else {
        const frame = kinds[each.kind] ?? kinds[0];
        outboxes[each.to]?.push(frame, frame.isForAll ? 0 : each.wrap * WRAP_BYTES);
      }
    }
    flusher.close();
    return sockets.map(({ frames }) => Buffer.concat(frames));
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      expect(run(steps, true).map(hashed)).toEqual(run(steps, false).map(hashed));
    }),
    { numRuns: 60, seed: runSeed() },
  );
});

/** Told apart without a difference of megabytes in the report. */
function hashed(bytes: Buffer): string {
  return `${bytes.length}: ${createHash('sha256').update(bytes).digest('hex')}`;
}
