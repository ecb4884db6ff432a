import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { CONTROL_CHANNEL } from '../core/publisher.ts';
import { encodeNotice } from '../domain/envelope.ts';
import { parseUserId } from '../protocol/ids.ts';
import { SUBPROTOCOL } from '../protocol/limits.ts';
import {
  AbuseBans,
  AdmissionControl,
  BAN_MS_MAX,
  BAN_MS_MIN,
  BAN_REMEMBERED_MS,
  REFUSALS_TOLD,
} from './admission.ts';
import type { Admission } from './socket.ts';

const ann = parseUserId('0a'.repeat(16)) ?? expect.unreachable('the test needs ids');
const bob = parseUserId('0b'.repeat(16)) ?? expect.unreachable('the test needs ids');

const publisher = { publish: vi.fn(async () => undefined) };

/** Closes ann for abuse the moment each ban ends. Returns the time of the last one. */
function abusedAgain(bans: AbuseBans, times: number): number {
  let nowMs = 0;
  for (let i = 0; i < times; i += 1) {
    nowMs += bans.waitMs(ann, nowMs);
    bans.abused(ann, nowMs);
  }
  return nowMs;
}

describe('a ban', () => {
  it('ends by itself, and holds nobody else', () => {
    const bans = new AbuseBans(publisher);
    bans.abused(ann, 0);
    expect(bans.waitMs(ann, 0)).toBe(BAN_MS_MIN);
    expect(bans.waitMs(ann, BAN_MS_MIN - 1)).toBe(1);
    expect(bans.waitMs(ann, BAN_MS_MIN)).toBe(0);
    expect(bans.waitMs(bob, 0)).toBe(0);
  });

  it('lasts twice as long each time, up to a maximum', () => {
    const bans = new AbuseBans(publisher);
    expect(bans.waitMs(ann, abusedAgain(bans, 4))).toBe(8 * BAN_MS_MIN);
    const many = new AbuseBans(publisher);
    expect(many.waitMs(ann, abusedAgain(many, 40))).toBe(BAN_MS_MAX);
  });

  it('does not grow when several sessions of the user are closed at once', () => {
    const bans = new AbuseBans(publisher);
    for (let session = 0; session < 16; session += 1) bans.abused(ann, session);
    expect(bans.waitMs(ann, 0)).toBe(BAN_MS_MIN);
  });

  it('of another node holds here too, and the next one is twice as long', () => {
    const bans = new AbuseBans(publisher);
    bans.told(ann, 2 * BAN_MS_MIN, 0);
    expect(bans.waitMs(ann, 0)).toBe(2 * BAN_MS_MIN);
    bans.abused(ann, 2 * BAN_MS_MIN);
    expect(bans.waitMs(ann, 2 * BAN_MS_MIN)).toBe(4 * BAN_MS_MIN);
  });

  it('is told to all nodes once, and grows by nothing that they tell of it', () => {
    publisher.publish.mockClear();
    const bans = new AbuseBans(publisher);
    bans.abused(ann, 0);
    bans.abused(ann, 1);
    expect(publisher.publish).toHaveBeenCalledExactlyOnceWith(
      CONTROL_CHANNEL,
      encodeNotice({ about: 'abuse', user: ann, banMs: BAN_MS_MIN }),
    );
    bans.told(ann, BAN_MS_MIN, 1_000);
    expect(bans.waitMs(ann, 1_000)).toBe(BAN_MS_MIN - 1_000);
    bans.told(ann, Number.MAX_SAFE_INTEGER, 1_000);
    expect(bans.waitMs(ann, 1_000)).toBe(BAN_MS_MAX);
  });

  it('is forgotten in time', () => {
    const bans = new AbuseBans(publisher);
    const lastAtMs = abusedAgain(bans, 5);
    const quietAtMs = lastAtMs + bans.waitMs(ann, lastAtMs) + BAN_REMEMBERED_MS;
    bans.abused(ann, quietAtMs);
    expect(bans.waitMs(ann, quietAtMs)).toBe(BAN_MS_MIN);
  });
});

/** So slow that nothing comes back during a test. */
const RATE = { count: 1, periodMs: 3_600_000, burst: 3 };
const [HOSTILE, OTHER] = ['192.0.2.1', '192.0.2.2'];

interface Gate {
  readonly control: AdmissionControl;
  /** False: dropped on accept. */
  accept(address: string): boolean;
  /** A request for an upgrade on a connection that was accepted. */
  upgrade(
    address: string,
    request?: { readonly browserOrigin?: string; readonly subprotocols?: string },
  ): Admission;
  /** A connection that was accepted ends without having asked for anything. */
  abort(address: string): void;
  rejections(): readonly unknown[];
}

function gate(): Gate {
  const { telemetry, calls } = recordingTelemetry();
  const limits = {
    maxConnections: 1_000,
    maxPendingConnections: 1_000,
    maxPendingConnectionsAddress: 1_000,
    isAllowedOrigin: () => false,
    rateConnectionsAddress: RATE,
    rateConnectionsNode: 'off' as const,
  };
  const control = new AdmissionControl(limits, telemetry);
  const ends = (address: string, isUpgrade: boolean): void => {
    control.settled(address, isUpgrade);
    control.pending.gone();
  };
  return {
    control,
    accept: (address) => {
      const isKept = control.accept({ address, hasFile: true });
      if (!isKept) control.pending.gone();
      return isKept;
    },
    upgrade: (address, { browserOrigin = '', subprotocols = SUBPROTOCOL } = {}) => {
      ends(address, true);
      return control.admit({ address, browserOrigin, subprotocols }, 0);
    },
    abort: (address) => ends(address, false),
    rejections: () =>
      calls.filter(({ event }) => event === 'connectionRejected').map(({ values: [reason] }) => reason),
  };
}

/** Opens connections that may do as they like, until one is dropped on accept. Returns how many were not. */
function untilDropped({ accept }: Gate, live: () => unknown): number {
  let kept = 0;
  while (accept(HOSTILE)) {
    kept += 1;
    if (kept > 1_000) return expect.unreachable('no connection is dropped');
    live();
  }
  return kept;
}

describe('an address that opens connections too fast', () => {
  it('is told so often enough, and then dropped on accept, while another is admitted', () => {
    const doors = gate();
    const told: Admission[] = [];
    untilDropped(doors, () => told.push(doors.upgrade(HOSTILE)));
    expect(told).toEqual([
      ...Array(RATE.burst).fill({ admitted: true }),
      ...Array(REFUSALS_TOLD.burst).fill({ admitted: false, close: 'over_capacity' }),
    ]);
    expect(doors.rejections()).toEqual(Array(REFUSALS_TOLD.burst + 1).fill('address_rate'));
    expect(doors.accept(OTHER)).toBe(true);
    expect(doors.upgrade(OTHER)).toEqual({ admitted: true });
  });

  it('takes none of its places by what is dropped', () => {
    const doors = gate();
    untilDropped(doors, () => doors.upgrade(HOSTILE));
    for (let i = 0; i < 2_000; i += 1) doors.accept(HOSTILE);
    expect(doors.control.pending.isFullFor(HOSTILE)).toBe(false);
  });

  it.each<[string, (doors: Gate) => unknown]>([
    ['ends before it asked for anything', (doors) => doors.abort(HOSTILE)],
    [
      'comes from a page that may not connect',
      (doors) => doors.upgrade(HOSTILE, { browserOrigin: 'https://evil.example' }),
    ],
    ['speaks another subprotocol', (doors) => doors.upgrade(HOSTILE, { subprotocols: 'other' })],
  ])('pays for each that %s', (_what, live) => {
    const doors = gate();
    expect(untilDropped(doors, () => live(doors))).toBe(RATE.burst + REFUSALS_TOLD.burst);
    expect(doors.accept(OTHER)).toBe(true);
  });

  it('gets in again in time, whoever of those behind it comes first', () => {
    const doors = gate();
    untilDropped(doors, () => doors.upgrade(HOSTILE));
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + RATE.periodMs);
    onTestFinished(() => now.mockRestore());
    expect(doors.accept(HOSTILE)).toBe(true);
    expect(doors.upgrade(HOSTILE)).toEqual({ admitted: true });
  });

  it('pays for each that a draining node sends elsewhere', () => {
    const doors = gate();
    doors.control.drain();
    const told: Admission[] = [];
    untilDropped(doors, () => told.push(doors.upgrade(HOSTILE)));
    expect(told.slice(0, RATE.burst)).toEqual(
      Array(RATE.burst).fill({ admitted: false, close: 'going_away' }),
    );
  });

  it('is told by an HTTP status in the end when a proxy hides it until the upgrade', () => {
    const { control } = gate();
    const request = { address: HOSTILE, browserOrigin: '', subprotocols: SUBPROTOCOL };
    for (let i = 0; i < RATE.burst + REFUSALS_TOLD.burst; i += 1) control.admit(request, 0);
    expect(control.admit(request, 0)).toEqual({ admitted: false, status: '503 Service Unavailable' });
    expect(control.accept({ address: undefined, hasFile: true })).toBe(true);
  });
});
