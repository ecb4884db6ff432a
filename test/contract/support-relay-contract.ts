import { brokerContract } from './broker-contract.ts';
import { nodeBoardContract } from './node-board-contract.ts';
import { presenceContract } from './presence-contract.ts';
import { rateLimitsContract } from './rate-limits-contract.ts';
import { revocationsContract } from './revocations-contract.ts';
import { roomClockContract } from './room-clock-contract.ts';
import type { OpenRelayPair } from './support-relay.ts';

/** All contracts of what nodes share besides the stores. */
export function relayContract(name: string, open: OpenRelayPair): void {
  brokerContract(name, open);
  roomClockContract(name, open);
  presenceContract(name, open);
  rateLimitsContract(name, open);
  revocationsContract(name, open);
  nodeBoardContract(name, open);
}
