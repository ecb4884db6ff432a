import type { Telemetry } from '../ports/telemetry.ts';
import { countBuckets, lagSecondsBuckets, workSecondsBuckets } from './buckets.ts';
import type { MetricSet } from './metric-set.ts';

type DeliveryEvents = Pick<
  Telemetry,
  'messageAccepted' | 'fannedOut' | 'flushed' | 'outboxBytes' | 'slowConsumer' | 'roomsOnNode'
>;

/** Messages on their way out. Counted once per envelope or flush; nothing is looked up per delivery. */
export function deliveryMetrics(metrics: MetricSet): DeliveryEvents {
  let messages = 0;
  let wraps = 0;
  let deliveries = 0;
  let frames = 0;
  let bytesOut = 0;
  let flushes = 0;
  let coalesced = 0;
  let waiting = 0;
  let slow = 0;
  let rooms = 0;
  metrics.total('messages_accepted_total', 'Messages that this node took from clients.', () => messages);
  metrics.total(
    'message_wraps_total',
    'Copies of content keys in the messages that this node took.',
    () => wraps,
  );
  metrics.total('deliveries_total', 'Copies of messages handed to sessions of this node.', () => deliveries);
  metrics.total('sent_frames_total', 'Frames sent to clients.', () => frames);
  metrics.total('sent_bytes_total', 'Bytes of frames sent to clients.', () => bytesOut);
  metrics.total('outbox_flushes_total', 'Flushes of an outbox into its socket.', () => flushes);
  metrics.total(
    'outbox_coalesced_frames_total',
    'Frames that shared a flush with an earlier one.',
    () => coalesced,
  );
  metrics.level('outbox_bytes', 'Bytes that wait in sockets for slow clients.', () => waiting);
  metrics.total('slow_consumers_total', 'Connections closed because too much waited for them.', () => slow);
  metrics.level('rooms', 'Rooms that sessions of this node have entered.', () => rooms);
  const recipients = metrics.histogram(
    'fan_out_recipients',
    'Sessions that one message went to.',
    countBuckets,
  );
  const seconds = metrics.histogram('fan_out_duration_seconds', 'Time of one fan-out.', workSecondsBuckets);
  const lag = metrics.histogram(
    'publish_to_delivery_seconds',
    'Time from the publish of a message on any node to its fan-out here.',
    lagSecondsBuckets,
  );
  return {
    messageAccepted: (count) => {
      messages += 1;
      wraps += count;
    },
    fannedOut: (count, took, behind) => {
      deliveries += count;
      recipients(count);
      seconds(took);
      lag(behind);
    },
    flushed: (count, byteCount) => {
      flushes += 1;
      frames += count;
      coalesced += count - 1;
      bytesOut += byteCount;
    },
    outboxBytes: (change) => {
      waiting += change;
    },
    slowConsumer: () => {
      slow += 1;
    },
    roomsOnNode: (count) => {
      rooms = count;
    },
  };
}
