import { expect, it } from 'vitest';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { PENDING_ADDRESS_SCARCE, PendingConnections } from './pending-connections.ts';

const limits = { maxPendingConnections: 2_048, maxPendingConnectionsAddress: 128 };

const open = (): PendingConnections => new PendingConnections(limits, recordingTelemetry().telemetry);

/** True: it may stay. */
function accept(pending: PendingConnections, address: string): boolean {
  const isKept = pending.accept({ address, hasFile: true }) === undefined;
  // The transport hangs up.
  if (!isKept) pending.gone();
  return isKept;
}

/** As many connections as an address gets that opens them without end. */
function flood(pending: PendingConnections, address: string): number {
  let count = 0;
  while (accept(pending, address)) count += 1;
  return count;
}

it('an address gets all that it may while places are free', () => {
  const pending = open();
  expect(flood(pending, 'hostile')).toBe(128);
  expect(flood(pending, 'another')).toBe(128);
});

it('a hundred addresses that open all they can leave places for newcomers', () => {
  const pending = open();
  for (let i = 0; i < 100; i += 1) flood(pending, `hostile ${i}`);
  for (let i = 0; i < 100; i += 1) expect(flood(pending, `newcomer ${i}`)).toBe(PENDING_ADDRESS_SCARCE);
});
