import type { Telemetry } from '../ports/telemetry.ts';
import { countBuckets, lagSecondsBuckets, workSecondsBuckets } from './buckets.ts';
import type { MetricSet } from './metric-set.ts';

type DeliveryEvents = Pick<Telemetry, 'messageAccepted' | 'fannedOut' | 'roomsOnNode'>;

/** Messages on their way out. Counted once per envelope or flush; nothing is looked up per delivery. */
export function deliveryMetrics(metrics: MetricSet): DeliveryEvents {
  let messages = 0;
  let wraps = 0;
  let deliveries = 0;
  let rooms = 0;
  metrics.total('messages_accepted_total', 'Messages that this node accepted from clients.', () => messages);
  metrics.total(
    'message_wraps_total',
    'Copies of content keys in the messages that this node accepted.',
    () => wraps,
  );
  metrics.total('deliveries_total', 'Copies of messages handed to sessions of this node.', () => deliveries);
  metrics.level('rooms', 'Rooms that sessions of this node have entered.', () => rooms);
  const recipients = metrics.histogram(
    'fan_out_recipients',
    'Sessions that one message was delivered to.',
    countBuckets,
  );
  const seconds = metrics.histogram(
    'fan_out_duration_seconds',
    'Duration of one fan-out.',
    workSecondsBuckets,
  );
  const lag = metrics.histogram(
    'publish_to_delivery_seconds',
    'Time from publishing a message on any node to its fan-out on this node.',
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
    roomsOnNode: (count) => {
      rooms = count;
    },
  };
}
