import { rejections, type Telemetry } from '../ports/telemetry.ts';
import type { MetricSet } from './metric-set.ts';

type AdmissionEvents = Pick<
  Telemetry,
  | 'connectionRejected'
  | 'connectionsMax'
  | 'pendingConnections'
  | 'pendingConnectionsMax'
  | 'waitingFrameBytes'
>;

/** Who gets in, who does not, and what waits. */
export function admissionMetrics(metrics: MetricSet): AdmissionEvents {
  let most = 0;
  let pending = 0;
  let pendingMost = 0;
  let waitingBytes = 0;
  metrics.level('connections_max', 'Maximum number of connections on this node.', () => most);
  metrics.level(
    'pending_connections',
    'Accepted connections that are not logged in, including those that are not a WebSocket yet.',
    () => pending,
  );
  metrics.level(
    'pending_connections_max',
    'Maximum number of connections without a login on this node.',
    () => pendingMost,
  );
  metrics.level(
    'waiting_frame_bytes',
    'Bytes of frames waiting for their turn, from clients that send more than their share.',
    () => waitingBytes,
  );
  const rejected = metrics.counter(
    'connections_rejected_total',
    'Rejected connections, by reason.',
    ['reason'],
    rejections.map((reason) => ({ reason })),
  );
  return {
    connectionRejected: (reason) => rejected({ reason }),
    connectionsMax: (count) => {
      most = count;
    },
    pendingConnections: (count) => {
      pending = count;
    },
    pendingConnectionsMax: (count) => {
      pendingMost = count;
    },
    waitingFrameBytes: (change) => {
      waitingBytes += change;
    },
  };
}
