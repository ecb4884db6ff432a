import type { Telemetry } from '../ports/telemetry.ts';
import { countBuckets, lagSecondsBuckets, requestSecondsBuckets } from './buckets.ts';
import type { MetricSet } from './metric-set.ts';

type BrokerEvents = Pick<
  Telemetry,
  | 'backendError'
  | 'brokerUp'
  | 'brokerReconnected'
  | 'brokerStarved'
  | 'brokerGap'
  | 'brokerProbe'
  | 'brokerSubscriptions'
  | 'publishRetried'
>;

const expectedErrors = [
  ...(['oom', 'misconf', 'noreplicas', 'noperm', 'readonly', 'noauth'] as const).map((reason) => ({
    backend: 'redis',
    reason,
  })),
  ...(['full', 'notprimary', 'writeconcern', 'noperm', 'readonly'] as const).map((reason) => ({
    backend: 'mongodb',
    reason,
  })),
  ...(['noperm', 'full', 'missing', 'altered'] as const).map((reason) => ({ backend: 'bucket', reason })),
];

/** The broker between the nodes. */
export function brokerMetrics(metrics: MetricSet): BrokerEvents {
  let isUp = false;
  let reconnects = 0;
  let starved = 0;
  let gaps = 0;
  let subscriptions = 0;
  let retried = 0;
  metrics.level(
    'broker_up',
    '1 while messages to and from other nodes get through and Redis accepts writes; with Redis Cluster, on most of its shards.',
    () => Number(isUp),
  );
  metrics.total('broker_reconnects_total', 'Reconnects to the broker.', () => reconnects);
  metrics.total(
    'broker_starved_total',
    'Broker connections that looked alive but received nothing, and were replaced.',
    () => starved,
  );
  metrics.total('broker_gaps_total', 'Channels on which messages may have been missed.', () => gaps);
  metrics.level('broker_subscriptions', 'Channels that this node subscribes to.', () => subscriptions);
  metrics.total('publish_retries_total', 'Publishes retried in the background.', () => retried);
  const errors = metrics.counter(
    'backend_errors_total',
    'Failed operations and connections at Redis (redis), MongoDB (mongodb), the embedded store (lmdb) or the bucket for files (bucket), by reason: for Redis, the first word of its error; for the others, the meaning of the code.',
    ['backend', 'reason'],
    expectedErrors,
  );
  const probe = metrics.histogram(
    'broker_probe_seconds',
    'Round-trip time of a probe to the broker.',
    lagSecondsBuckets,
  );
  return {
    backendError: (backend, reason) => errors({ backend, reason }),
    brokerUp: (up) => {
      isUp = up;
    },
    brokerReconnected: () => {
      reconnects += 1;
    },
    brokerStarved: () => {
      starved += 1;
    },
    brokerGap: (channels) => {
      gaps += channels;
    },
    brokerProbe: probe,
    brokerSubscriptions: (count) => {
      subscriptions = count;
    },
    publishRetried: () => {
      retried += 1;
    },
  };
}

type StoreEvents = Pick<
  Telemetry,
  | 'storeDone'
  | 'storeUp'
  | 'objectsUp'
  | 'clockJumped'
  | 'appendBatch'
  | 'clockRebuilt'
  | 'voids'
  | 'presenceStep'
  | 'onlineUsers'
  | 'presenceReaped'
  | 'leaseLost'
>;

/** Stores, clocks and presence. */
export function storeMetrics(metrics: MetricSet): StoreEvents {
  let isUp = false;
  let areObjectsUp = true;
  let jumps = 0;
  let rebuilt = 0;
  let voided = 0;
  let online = 0;
  let reaped = 0;
  let lost = 0;
  metrics.level('store_up', '1 while the stores answer and accept writes.', () => Number(isUp));
  metrics.level(
    'object_store_up',
    '1 while the bucket for chunks of files can be used, or none is configured.',
    () => Number(areObjectsUp),
  );
  metrics.total(
    'clock_jumps_total',
    'Times that the clock of this machine was changed by more than ten minutes. After each, the embedded store deletes nothing for a day.',
    () => jumps,
  );
  metrics.total('clock_rebuilds_total', 'Room sequencers rebuilt from the record.', () => rebuilt);
  metrics.total('void_positions_total', 'Positions settled as empty.', () => voided);
  metrics.level(
    'online_users',
    'Users with a session on any node, from the presence that all nodes share: every node reports the same.',
    () => online,
  );
  metrics.total('presence_reaped_total', 'Dead node incarnations whose presence was removed.', () => reaped);
  metrics.total('presence_leases_lost_total', 'Times this node found its own lease gone.', () => lost);
  const operations = metrics.counter('store_operations_total', 'Store operations, by outcome.', [
    'operation',
    'outcome',
  ]);
  const seconds = metrics.labelledHistogram(
    'store_operation_duration_seconds',
    'Duration of a store operation.',
    ['operation'],
    requestSecondsBuckets,
  );
  const batch = metrics.histogram('append_batch_messages', 'Messages stored per write.', countBuckets);
  const presence = metrics.counter('presence_operations_total', 'Presence steps, by operation.', [
    'operation',
  ]);
  return {
    storeDone: (operation, outcome, took) => {
      operations({ operation, outcome });
      seconds({ operation }, took);
    },
    storeUp: (up) => {
      isUp = up;
    },
    objectsUp: (up) => {
      areObjectsUp = up;
    },
    clockJumped: () => {
      jumps += 1;
    },
    appendBatch: batch,
    clockRebuilt: () => {
      rebuilt += 1;
    },
    voids: (count) => {
      voided += count;
    },
    presenceStep: (operation) => presence({ operation }),
    onlineUsers: (count) => {
      online = count;
    },
    presenceReaped: (incarnations) => {
      reaped += incarnations;
    },
    leaseLost: () => {
      lost += 1;
    },
  };
}

/** For operators: what will become a fault of the store. */
export function storeHealthMetrics(metrics: MetricSet): Pick<Telemetry, 'storeFree' | 'storeLag'> {
  let free = Number.POSITIVE_INFINITY;
  let reserve = 0;
  let lag = 0;
  metrics.level(
    'store_free_bytes',
    "Bytes free on the disk of the embedded store or of MongoDB's primary; +Inf if the primary does not report it.",
    () => free,
  );
  metrics.level(
    'store_reserve_bytes',
    'CONCLAVE_DISK_RESERVE_BYTES, the free bytes at which the embedded store refuses writes; 0 with MongoDB.',
    () => reserve,
  );
  metrics.level(
    'store_majority_lag_seconds',
    "Time between the last write on MongoDB's primary and the last one on a majority of its replica set.",
    () => lag,
  );
  return {
    storeFree: (byteCount, reserveBytes) => {
      free = byteCount;
      reserve = reserveBytes;
    },
    storeLag: (seconds) => {
      lag = seconds;
    },
  };
}
