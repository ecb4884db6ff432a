import { expect, test } from 'vitest';
import { InProcessHub } from '../../src/adapters/embedded/in-process-hub.ts';
import { openEmbeddedRelay } from '../../src/adapters/embedded/open-embedded-relay.ts';
import { LosableHub } from '../support/ports/losable-clocks.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { brokerContract } from './broker-contract.ts';
import { nodeBoardContract } from './node-board-contract.ts';
import { presenceContract } from './presence-contract.ts';
import { rateLimitsContract } from './rate-limits-contract.ts';
import { revocationsContract } from './revocations-contract.ts';
import { roomClockContract } from './room-clock-contract.ts';
import { newRoom, type RelayPair } from './support-relay.ts';

async function open(hub = new InProcessHub()): Promise<RelayPair> {
  const [a, b] = [0, 1].map(() => openEmbeddedRelay({ telemetry: silentTelemetry(), hub }));
  if (a === undefined || b === undefined) throw new TypeError('two nodes were opened');
  await Promise.all([a.start(), b.start()]);
  const close = async (): Promise<void> => {
    await Promise.all([a.close(), b.close()]);
  };
  return { a, b, [Symbol.asyncDispose]: close };
}

brokerContract('the embedded relay', () => open());
presenceContract('the embedded relay', () => open());
rateLimitsContract('the embedded relay', () => open());
revocationsContract('the embedded relay', () => open());
nodeBoardContract('the embedded relay', () => open());
roomClockContract('the embedded relay', () => open());
// Use cases are tested on it.
roomClockContract('an embedded relay whose clocks can be lost', () => open(new LosableHub()));

test('a clock that is alone ends with how its rooms stand, and gives nothing after that', async () => {
  const relay = openEmbeddedRelay({ telemetry: silentTelemetry() });
  await relay.start();
  const room = newRoom();
  await relay.sequencer.rebuild(room, { seq: 5, version: 1, floor: 1, ceiling: 21 });
  const ask = { room, version: 1, seen: { seq: 0, version: 0, floor: 0 } };
  expect(await relay.sequencer.next(ask)).toMatchObject({ kind: 'position', seq: 6 });
  expect(await relay.sequencer.end()).toEqual([{ room, seq: 6, ceiling: 21 }]);
  await expect(relay.sequencer.next(ask)).rejects.toMatchObject({ name: 'Unavailable' });
  await relay.close();
});

test('a clock that others share goes on when one of them stops', async () => {
  await using pair = await open();
  const room = newRoom();
  await pair.a.sequencer.rebuild(room, { seq: 5, version: 1, floor: 1, ceiling: 21 });
  expect(await pair.a.sequencer.end()).toEqual([]);
  const ask = { room, version: 1, seen: { seq: 0, version: 0, floor: 0 } };
  for (const { sequencer } of [pair.a, pair.b])
    expect(await sequencer.next(ask)).toMatchObject({ kind: 'position' });
});
