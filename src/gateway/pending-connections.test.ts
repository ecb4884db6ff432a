import { expect, it } from 'vitest';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { PENDING_ADDRESS_MIN, PendingConnections } from './pending-connections.ts';

const limits = { maxPendingConnections: 2_048, maxPendingConnectionsAddress: 128 };

function accept(pending: PendingConnections, address: string): string | undefined {
  const rejection = pending.accept({ address, hasFile: true });
  // The transport hangs up.
  if (rejection !== undefined) pending.gone();
  return rejection;
}

/** As many connections as each of so many addresses gets that open them as fast as they can. */
function flood(pending: PendingConnections, addresses: number): number[] {
  const counts = Array<number>(addresses).fill(0);
  for (let round = 0; round < 2 * limits.maxPendingConnectionsAddress; round += 1) {
    for (let i = 0; i < addresses; i += 1)
      if (accept(pending, `hostile ${i}`) === undefined) counts[i] = (counts[i] ?? 0) + 1;
  }
  return counts;
}

it('one address gets all that it may while places are free', () => {
  const pending = new PendingConnections(limits, recordingTelemetry().telemetry);
  expect(flood(pending, 1)).toEqual([128]);
  expect(flood(new PendingConnections(limits, recordingTelemetry().telemetry), 8)).toEqual(
    Array(8).fill(128),
  );
});

it('a hundred addresses that open all they can leave places for a newcomer', () => {
  const pending = new PendingConnections(limits, recordingTelemetry().telemetry);
  const counts = flood(pending, 100);
  expect(Math.max(...counts)).toBeLessThan(25);
  for (let i = 0; i < 100; i += 1) expect(accept(pending, `newcomer ${i}`)).toBeUndefined();
});

it('an address gets a few places however scarce they are', () => {
  const pending = new PendingConnections(limits, recordingTelemetry().telemetry);
  flood(pending, 400);
  for (let i = 0; i < PENDING_ADDRESS_MIN; i += 1) expect(accept(pending, 'newcomer')).toBeUndefined();
});
