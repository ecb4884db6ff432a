import type { Telemetry } from '../ports/telemetry.ts';
import { loginSecondsBuckets, requestSecondsBuckets } from './buckets.ts';
import type { MetricSet } from './metric-set.ts';

type ConnectionEvents = Pick<
  Telemetry,
  | 'connectionOpened'
  | 'connectionClosed'
  | 'sessions'
  | 'loggedIn'
  | 'handshake'
  | 'requestDone'
  | 'rateLimited'
  | 'bytesIn'
  | 'certificateUntil'
>;

type CloseLabel = Parameters<Telemetry['connectionClosed']>[0];

const closeLabels: readonly CloseLabel[] = [
  'normal',
  'lost',
  'going_away',
  'node_error',
  'slow_consumer',
  'lost_heartbeat',
  'over_capacity',
  'login_timeout',
  'malformed_frame',
  'frame_too_large',
  'revoked',
  'account_closed',
  'abuse',
  'unsupported_version',
  'other',
];

/** Connections that were admitted, logins and requests. */
export function connectionMetrics(metrics: MetricSet): ConnectionEvents {
  let expires = Number.POSITIVE_INFINITY;
  metrics.level(
    'tls_certificate_not_after_seconds',
    'Expiry of the certificate that this node presents to clients, in seconds since 1970; +Inf without TLS.',
    () => expires,
  );
  let opened = 0;
  let closed = 0;
  let sessions = 0;
  let bytesIn = 0;
  metrics.level('connections', 'Open connections.', () => opened - closed);
  metrics.total('connections_opened_total', 'Admitted connections.', () => opened);
  const closedBy = metrics.counter(
    'connections_closed_total',
    'Closed connections, by close code.',
    ['code'],
    closeLabels.map((code) => ({ code })),
  );
  metrics.level('sessions', 'Logged-in connections.', () => sessions);
  const logins = metrics.counter('logins_total', 'Logins and resumes, by way and outcome.', [
    'way',
    'outcome',
  ]);
  const loginSeconds = metrics.labelledHistogram(
    'login_duration_seconds',
    'Duration of the step that opens a session, by way.',
    ['way'],
    loginSecondsBuckets,
  );
  const handshakeSeconds = metrics.histogram(
    'handshake_duration_seconds',
    'Time from opening a connection to its hello.',
    loginSecondsBuckets,
  );
  const requests = metrics.counter('requests_total', 'Answered requests, by operation and outcome.', [
    'operation',
    'outcome',
  ]);
  const requestSeconds = metrics.labelledHistogram(
    'request_duration_seconds',
    'Time from a request to its answer, by operation.',
    ['operation'],
    requestSecondsBuckets,
  );
  const limited = metrics.counter('rate_limited_total', 'Requests refused by a rate limit, by limit.', [
    'limit',
  ]);
  metrics.total('received_bytes_total', 'Frame bytes received from clients.', () => bytesIn);
  return {
    certificateUntil: (seconds) => {
      expires = seconds;
    },
    connectionOpened: () => {
      opened += 1;
    },
    connectionClosed: (code) => {
      closed += 1;
      closedBy({ code });
    },
    sessions: (change) => {
      sessions += change;
    },
    loggedIn: (way, outcome, seconds) => {
      logins({ way, outcome });
      loginSeconds({ way }, seconds);
    },
    handshake: handshakeSeconds,
    requestDone: (operation, outcome, seconds) => {
      requests({ operation, outcome });
      requestSeconds({ operation }, seconds);
    },
    rateLimited: (limit) => limited({ limit }),
    bytesIn: (count) => {
      bytesIn += count;
    },
  };
}
