import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { Flusher } from './outbound.ts';
import { Session, type SessionHost } from './session.ts';

const OWN_CAP = 1_000_000;
const TOTAL = 1_000_000;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** A socket that reports its end, as a real one does. */
class EndingSocket extends FakeSocket {
  dropped = false;
  session: Session | undefined;

  override end(code: number, reason: string): void {
    super.end(code, reason);
    this.session?.closed(code);
  }

  override terminate(): void {
    this.dropped = true;
    this.session?.closed(1006);
  }
}

function setUp() {
  const { telemetry, calls } = recordingTelemetry();
  const flusher = new Flusher(telemetry, OWN_CAP, TOTAL);
  const closed: number[] = [];
  const host: SessionHost = {
    flusher,
    telemetry,
    sessionRates: { requests: 'off', frameBytes: 'off' },
    dispatcher: { frame: () => undefined, turns: { replied: () => undefined, ended: () => undefined } },
    sessionClosed: (_session, code) => void closed.push(code),
  };
  closers.push(() => flusher.close());
  /** A client that has stopped reading while so many bytes wait for it. */
  const stalled = (buffered: number): EndingSocket => {
    const socket = new EndingSocket();
    socket.session = new Session(socket, '127.0.0.1', host);
    socket.buffered = buffered;
    socket.session.drained();
    return socket;
  };
  const sum = (event: string): number =>
    calls.filter((call) => call.event === event).reduce((total, { values }) => total + Number(values[0]), 0);
  const count = (event: string): number => calls.filter((call) => call.event === event).length;
  return { stalled, sum, count, closed };
}

describe('the outboxes of a node together', () => {
  it('close the largest consumers first, until there is room again', () => {
    const { stalled, count, sum } = setUp();
    const small = Array.from({ length: 4 }, () => stalled(50_000));
    const large = [stalled(200_000), stalled(240_000)];
    expect(count('outboxEvicted')).toBe(0);
    // 750,000 of the 1,000,000 are for those that are still connected.
    const last = stalled(130_000);
    expect(large.map(({ ended, dropped }) => ended?.reason ?? dropped)).toEqual([false, 'slow_consumer']);
    expect([...small, last].every(({ ended }) => ended === undefined)).toBe(true);
    expect(count('outboxEvicted')).toBe(1);
    expect(count('slowConsumer')).toBe(1);
    expect(sum('outboxBytes')).toBe(530_000);
  });

  it('count what sockets hold after their end, and drop those for which there is no memory', () => {
    const { stalled, sum, closed } = setUp();
    const sockets = Array.from({ length: 3 }, () => stalled(100_000));
    for (const { session } of sockets) session?.close('going_away');
    expect(sockets.map(({ ended, dropped }) => ended?.reason ?? dropped)).toEqual([
      'going_away',
      'going_away',
      true,
    ]);
    expect(closed).toEqual([3000, 3000, 3000]);
    expect(sum('outboxBytes')).toBe(0);
    expect(sum('outboxBytesLeaving')).toBe(200_000);
  });

  it('forget what was ended when the transport has given it up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    closers.push(() => vi.useRealTimers());
    const { stalled, sum } = setUp();
    stalled(100_000).session?.close('going_away');
    await vi.advanceTimersByTimeAsync(15_900);
    expect(sum('outboxBytesLeaving')).toBe(100_000);
    await vi.advanceTimersByTimeAsync(200);
    expect(sum('outboxBytesLeaving')).toBe(0);
  });
});
