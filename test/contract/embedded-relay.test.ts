import { InProcessHub } from '../../src/adapters/embedded/in-process-hub.ts';
import { openEmbeddedRelay } from '../../src/adapters/embedded/open-embedded-relay.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { brokerContract } from './broker-contract.ts';
import { nodeBoardContract } from './node-board-contract.ts';
import { presenceContract } from './presence-contract.ts';
import { rateLimitsContract } from './rate-limits-contract.ts';
import { revocationsContract } from './revocations-contract.ts';
import { roomClockContract } from './room-clock-contract.ts';
import type { RelayPair } from './support-relay.ts';

async function open(): Promise<RelayPair> {
  const hub = new InProcessHub();
  const [a, b] = [0, 1].map(() => openEmbeddedRelay({ telemetry: silentTelemetry(), hub }));
  if (a === undefined || b === undefined) throw new TypeError('two nodes were opened');
  await Promise.all([a.start(), b.start()]);
  const close = async (): Promise<void> => {
    await Promise.all([a.close(), b.close()]);
  };
  return { a, b, [Symbol.asyncDispose]: close };
}

brokerContract('the embedded relay', open);
presenceContract('the embedded relay', open);
rateLimitsContract('the embedded relay', open);
revocationsContract('the embedded relay', open);
nodeBoardContract('the embedded relay', open);
roomClockContract('the embedded relay', open);
