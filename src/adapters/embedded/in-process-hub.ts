import { ChannelTable } from './in-process-broker.ts';
import { ClockTable } from './in-process-clock.ts';
import { NodeTable } from './in-process-node-board.ts';
import { BucketTable } from './in-process-rate-limits.ts';
import { RevocationTable } from './in-process-revocations.ts';
import { PresenceTable } from './presence-table.ts';

/**
 * What Redis is to a cluster, the hub is to the nodes of one process: everything that they share besides the stores,
 * in memory alone. A gateway has a hub of its own; tests give one to several nodes.
 */
export class InProcessHub {
  readonly channels: ChannelTable;
  readonly clocks: ClockTable;
  readonly presence: PresenceTable;
  readonly buckets: BucketTable;
  readonly revocations: RevocationTable;
  readonly nodes: NodeTable;

  /** `now`: milliseconds since 1970, whole. Without it: the machine's clock. */
  constructor(now?: () => number) {
    const wallClock = now ?? Date.now;
    this.channels = new ChannelTable();
    this.clocks = new ClockTable(wallClock);
    this.presence = new PresenceTable(wallClock);
    this.buckets = new BucketTable(now ?? (() => performance.now()));
    this.revocations = new RevocationTable(wallClock);
    this.nodes = new NodeTable(now ?? (() => performance.now()));
  }
}
