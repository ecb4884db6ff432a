import type { RelayBackend } from '../../ports/backend.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { InProcessBroker } from './in-process-broker.ts';
import { InProcessClock } from './in-process-clock.ts';
import { InProcessHub } from './in-process-hub.ts';
import { InProcessNodeBoard } from './in-process-node-board.ts';
import { InProcessPresence } from './in-process-presence.ts';
import { InProcessRateLimits } from './in-process-rate-limits.ts';
import { InProcessRevocations } from './in-process-revocations.ts';
import { RelayGate } from './relay-gate.ts';

export interface EmbeddedRelayOptions {
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970, whole. Not used when a hub is given: it has its own. */
  readonly now?: () => number;
  /** Shared by the nodes that are to see each other. Without it the node is alone. */
  readonly hub?: InProcessHub;
}

/** One node's relay inside this process: all of it is lost with the process, and made again by the next. */
export function openEmbeddedRelay({ telemetry, now, hub: shared }: EmbeddedRelayOptions): RelayBackend {
  const hub = shared ?? new InProcessHub(now);
  const gate = new RelayGate();
  const broker = new InProcessBroker(hub.channels, gate, telemetry);
  const presence = new InProcessPresence(hub.presence, gate, telemetry);
  return {
    broker,
    presence,
    sequencer: new InProcessClock(hub.clocks, gate, shared === undefined),
    limits: new InProcessRateLimits(hub.buckets, gate),
    revocations: new InProcessRevocations(hub.revocations, gate),
    nodes: new InProcessNodeBoard(hub.nodes, gate),
    connect: async () => undefined,
    async start() {
      gate.open();
      await presence.start();
      telemetry.brokerUp(true);
    },
    isUp: () => gate.isOpen,
    async close() {
      if (gate.isOpen) telemetry.brokerUp(false);
      gate.close();
      await Promise.all([broker.close(), presence.close()]);
    },
  };
}
