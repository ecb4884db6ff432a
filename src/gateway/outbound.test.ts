import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { Flusher, OutboundFrame, Outbox } from './outbound.ts';
import { CORK_BYTES_MAX } from './socket.ts';

const CAP = 200_000;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function setUp() {
  const socket = new FakeSocket();
  const { telemetry, calls } = recordingTelemetry();
  const flusher = new Flusher(telemetry, CAP);
  closers.push(() => flusher.close());
  const owner = { outboxOverflowed: vi.fn(() => outbox.close()) };
  const outbox = new Outbox(socket, flusher, owner);
  return { socket, flusher, outbox, owner, calls };
}

const frame = (byte: number, length = 10): Uint8Array => new Uint8Array(length).fill(byte);

describe('an outbox', () => {
  it('sends what was pushed in one turn with one write, in order', async () => {
    const { socket, outbox } = setUp();
    outbox.pushWhole(frame(1));
    outbox.pushWhole(frame(2));
    outbox.pushWhole(frame(3));
    expect(socket.writes).toEqual([]);
    await eventually(() => expect(socket.writes).toEqual([[frame(1), frame(2), frame(3)]]));
  });

  it('gives each recipient its own wrap behind the shared prefix', async () => {
    const { socket, outbox, flusher } = setUp();
    const other = new FakeSocket();
    const otherOutbox = new Outbox(other, flusher, { outboxOverflowed: () => undefined });
    const prefixAndWraps = new Uint8Array(3 + 512).fill(1, 0, 3).fill(7, 3, 259).fill(9, 259);
    const delivery = OutboundFrame.delivery(prefixAndWraps, 3);
    outbox.push(delivery, 256);
    otherOutbox.push(delivery, 256);
    outbox.push(delivery, 0);
    const expected = (byte: number): Uint8Array => new Uint8Array([1, 1, 1, ...frame(byte, 256)]);
    await eventually(() => expect(other.frames).toEqual([expected(9)]));
    expect(socket.frames).toEqual([expected(9), expected(7)]);
  });

  it('never corks more than the cork buffer holds', async () => {
    const { socket, outbox } = setUp();
    for (let i = 0; i < 100; i += 1) outbox.pushWhole(frame(i, 600));
    await eventually(() => expect(socket.frames.length).toBe(100));
    expect(socket.writes.length).toBe(4);
    for (const write of socket.writes) {
      expect(write.reduce((bytes, { length }) => bytes + length + 4, 0)).toBeLessThanOrEqual(CORK_BYTES_MAX);
    }
    expect(socket.frames.map(([first]) => first)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('sends a frame larger than the cork buffer by itself', async () => {
    const { socket, outbox } = setUp();
    outbox.pushWhole(frame(1));
    outbox.pushWhole(frame(2, 40_000));
    outbox.pushWhole(frame(3));
    await eventually(() => expect(socket.writes.map((write) => write.length)).toEqual([1, 1, 1]));
  });

  it('flushes by itself, without waiting for the turn to end, when much is queued', () => {
    const { socket, outbox } = setUp();
    outbox.pushWhole(frame(1, 70_000));
    expect(socket.frames.length).toBe(1);
  });

  it('waits up to two milliseconds when the last flush was just now, and not when it was long ago', async () => {
    vi.useFakeTimers();
    closers.push(() => vi.useRealTimers());
    const { socket, outbox } = setUp();
    outbox.pushWhole(frame(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.frames.length).toBe(1);
    outbox.pushWhole(frame(2));
    await vi.advanceTimersByTimeAsync(1);
    outbox.pushWhole(frame(3));
    expect(socket.frames.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.writes.slice(1)).toEqual([[frame(2), frame(3)]]);
    await vi.advanceTimersByTimeAsync(5);
    outbox.pushWhole(frame(4));
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.frames.length).toBe(4);
  });

  it('overflows when the socket refuses a frame, and sends nothing after the hole', async () => {
    const { socket, outbox, owner } = setUp();
    socket.answer = 'refused';
    outbox.pushWhole(frame(1));
    await eventually(() => expect(owner.outboxOverflowed).toHaveBeenCalledOnce());
    socket.answer = 'sent';
    outbox.pushWhole(frame(2));
    outbox.flush();
    expect(socket.frames).toEqual([]);
  });

  it('overflows when the socket holds more than the cap, and counts what waits', async () => {
    const { socket, outbox, owner, calls } = setUp();
    socket.answer = 'buffered';
    socket.buffered = CAP;
    outbox.pushWhole(frame(1));
    await eventually(() => expect(socket.frames.length).toBe(1));
    expect(owner.outboxOverflowed).not.toHaveBeenCalled();
    socket.buffered = CAP + 1;
    outbox.pushWhole(frame(2));
    await eventually(() => expect(owner.outboxOverflowed).toHaveBeenCalledOnce());
    const changes = calls
      .filter(({ event }) => event === 'outboxBytes')
      .map(({ values }) => Number(values[0]));
    expect(changes.reduce((sum, change) => sum + change, 0)).toBe(0);
  });

  it('that is closed takes nothing more', async () => {
    const { socket, outbox, flusher } = setUp();
    outbox.pushWhole(frame(1));
    outbox.close();
    outbox.pushWhole(frame(2));
    flusher.close();
    expect(socket.frames).toEqual([]);
  });
});
