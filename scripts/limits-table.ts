import { pino } from 'pino';
import { describeFallback } from '../src/config/config-help.ts';
import type { ConfigKey } from '../src/config/config-key.ts';
import { configKeys, keyPrefix } from '../src/config/config-keys.ts';
import { createTelemetry } from '../src/telemetry/prometheus-telemetry.ts';
import { fixedLimits } from './fixed-limits.ts';
import { closed, type Limit, type LimitKey, rateLimit, rejected, requestLimit } from './limit-row.ts';

const settings: Readonly<Record<LimitKey, Limit>> = {
  maxConnections: {
    answer: 'closed, `over_capacity`',
    metric: rejected('capacity'),
    protects: 'memory and files of the node',
  },
  maxPendingConnections: {
    answer: 'dropped on accept',
    metric: rejected('pending'),
    protects: 'the node against connections that never log in',
  },
  maxPendingConnectionsAddress: {
    answer: 'dropped on accept; behind a trusted proxy closed, `over_capacity`',
    metric: rejected('address_pending'),
    protects: 'MAX_PENDING_CONNECTIONS for other addresses',
  },
  rateConnectionsAddress: {
    answer: 'closed, `over_capacity`',
    metric: rejected('address_rate'),
    protects: 'CPU for handshakes and logins',
  },
  rateConnectionsNode: {
    answer: 'closed, `over_capacity`',
    metric: rejected('node_rate'),
    protects: 'CPU when everybody reconnects at once',
  },
  loginSeconds: {
    answer: 'closed, `login_timeout`',
    metric: closed('login_timeout'),
    protects: 'MAX_PENDING_CONNECTIONS for clients that log in',
  },
  maxLoginAttempts: {
    answer: 'closed, `abuse`',
    metric: closed('abuse'),
    protects: 'accounts against guessing, and CPU for challenges',
  },
  silenceSeconds: {
    answer: 'closed, `lost_heartbeat`',
    metric: closed('lost_heartbeat'),
    protects: 'memory of connections whose peer is gone',
  },
  maxSessionsPerUser: requestLimit('too_many_sessions', 'deliveries: each session gets its own copy'),
  rateFrameBytesSession: rateLimit('rateFrameBytesSession', 'CPU for reading and decoding frames'),
  rateRequestsSession: rateLimit('rateRequestsSession', 'CPU and stores; refused messages count, too'),
  rateMessagesUser: rateLimit('rateMessagesUser', 'the members of rooms, stores and the broker'),
  rateMessageBytesUser: rateLimit('rateMessageBytesUser', 'the members of rooms, stores and the broker'),
  rateStoredBytesUser: rateLimit('rateStoredBytesUser', 'the store against one user'),
  rateStoredBytesRoom: rateLimit('rateStoredBytesRoom', 'the store against one room'),
  rateRegistrationsAddress: rateLimit('rateRegistrationsAddress', 'names, and the store'),
  rateLoginsName: rateLimit('rateLoginsName', 'CPU for challenges'),
  rateLoginsAddress: rateLimit('rateLoginsAddress', 'CPU for challenges, and the store'),
  ratePasswordUser: rateLimit('ratePasswordUser', 'room passwords against guessing'),
  ratePasswordShare: {
    answer: 'draws on RATE_PASSWORD_ROOM',
    protects: 'attempts by honest users against guessing by many others',
  },
  ratePasswordRoom: rateLimit('ratePasswordRoom', 'room passwords against guessing by many'),
  rateJoinsUserRoom: rateLimit('rateJoinsUserRoom', 'rosters against churn'),
  rateRosterChangesUser: rateLimit('rateRosterChangesUser', 'the logs of roster changes'),
  rateLogoutsUser: rateLimit('rateLogoutsUser', 'the lists of revoked tokens'),
  rateCreatesUser: rateLimit('rateCreatesUser', 'room names, and the store'),
  rateRotationsUser: rateLimit('rateRotationsUser', 'rosters against churn'),
  ratePrekeysUser: rateLimit('ratePrekeysUser', 'the store'),
  rateRoomActsUser: rateLimit('rateRoomActsUser', 'rosters against churn'),
  maxRoomMembers: requestLimit('room_full', 'the size of messages, which carry a key for each member'),
  maxRoomsPerUser: requestLimit('too_large', 'the store, and the work that a key rotation causes'),
  maxRoomsPerConnection: requestLimit('too_large', 'memory and deliveries for a session'),
  backendTimeoutMs: requestLimit('unavailable', 'memory for requests that wait for Redis or MongoDB'),
  outboxBytes: {
    answer: 'closed, `slow_consumer`',
    metric: 'slow_consumers_total',
    protects: 'memory against one slow client',
  },
  outboxTotalBytes: {
    answer: 'the largest consumers are closed, `slow_consumer`',
    metric: 'outbox_evictions_total',
    protects: 'memory against many slow clients',
  },
};

/** The table of docs/limits.md. Throws when a metric does not exist. */
export function limitsOfAGateway(): string {
  const { metrics } = createTelemetry(pino({ level: 'silent' }), { version: '', nodeVersion: '' });
  const known = new Set(metrics.map(({ name }) => name));
  const row = (name: string, value: number | string, { answer, metric, protects }: Limit): string => {
    const full = metric === undefined ? undefined : `conclave_${metric}`;
    if (full !== undefined && !known.has(full.replace(/\{.*$/, ''))) throw new Error(`${full} is no metric`);
    return `| ${[name, value, answer, full === undefined ? '–' : `\`${full}\``, protects].join(' | ')} |`;
  };
  const ofKeys = Object.entries(settings).map(([field, limit]) => {
    const key: ConfigKey<unknown> = configKeys[field as LimitKey];
    return row(`\`${keyPrefix}${key.name}\``, describeFallback(key, '`'), limit);
  });
  const others = fixedLimits.map(([name, value, limit]) => row(name, value, limit));
  const head = ['| limit | default | beyond it | counted by | protects |', '|---|---|---|---|---|'];
  return [...head, ...ofKeys, ...others].join('\n');
}
