import type { Telemetry } from '../ports/telemetry.ts';
import type { MetricSet } from './metric-set.ts';

type OutboxEvents = Pick<
  Telemetry,
  'flushed' | 'outboxBytes' | 'outboxBytesLeaving' | 'outboxBytesMax' | 'outboxEvicted' | 'slowConsumer'
>;

/** Frames on their way into sockets, and what waits there. Counted once per flush. */
export function outboxMetrics(metrics: MetricSet): OutboxEvents {
  let frames = 0;
  let bytesOut = 0;
  let flushes = 0;
  let coalesced = 0;
  let waiting = 0;
  let leaving = 0;
  let most = 0;
  let evicted = 0;
  let slow = 0;
  metrics.total('sent_frames_total', 'Frames sent to clients.', () => frames);
  metrics.total('sent_bytes_total', 'Frame bytes sent to clients.', () => bytesOut);
  metrics.total('outbox_flushes_total', 'Flushes of an outbox into its socket.', () => flushes);
  metrics.total(
    'outbox_coalesced_frames_total',
    'Frames that shared a flush with an earlier one.',
    () => coalesced,
  );
  metrics.level('outbox_bytes', 'Bytes waiting in sockets for slow clients.', () => waiting);
  metrics.level(
    'outbox_leaving_bytes',
    'Bytes that sockets may still hold for connections ended less than 16 seconds ago.',
    () => leaving,
  );
  metrics.level(
    'outbox_bytes_max',
    'Limit on this node for the sum of conclave_outbox_bytes and conclave_outbox_leaving_bytes.',
    () => most,
  );
  metrics.total(
    'outbox_evictions_total',
    'Slow consumers closed because too many bytes waited for all connections together.',
    () => evicted,
  );
  metrics.total(
    'slow_consumers_total',
    'Connections closed because too many bytes waited for them.',
    () => slow,
  );
  return {
    flushed: (count, byteCount) => {
      flushes += 1;
      frames += count;
      coalesced += count - 1;
      bytesOut += byteCount;
    },
    outboxBytes: (change) => {
      waiting += change;
    },
    outboxBytesLeaving: (change) => {
      leaving += change;
    },
    outboxBytesMax: (count) => {
      most = count;
    },
    outboxEvicted: () => {
      evicted += 1;
    },
    slowConsumer: () => {
      slow += 1;
    },
  };
}
