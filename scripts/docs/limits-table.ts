import { pino } from 'pino';
import { describeFallback } from '../../src/config/config-help.ts';
import type { ConfigKey } from '../../src/config/config-key.ts';
import { configKeys, keyPrefix } from '../../src/config/config-keys.ts';
import type { GatewayConfig } from '../../src/config/gateway-config.ts';
import { createTelemetry } from '../../src/telemetry/prometheus-telemetry.ts';
import { fixedLimits } from './fixed-limits.ts';
import { code, table } from './markdown-table.ts';

/** The keys that hold something within bounds: each has a row, or this does not compile. */
type LimitKey = Extract<
  keyof GatewayConfig,
  | `rate${string}`
  | `max${string}`
  | 'outboxBytes'
  | 'outboxTotalBytes'
  | 'loginSeconds'
  | 'silenceSeconds'
  | 'backendTimeoutMs'
>;

/**
 * What exceeding it causes, what the limit protects, and the metric that counts it, without the prefix. A <code> of
 * PROTOCOL.md is counted by itself where no metric is named. Of a rate, what it protects is enough.
 */
const settings: Readonly<Record<LimitKey, string>> = {
  maxConnections:
    'closed, <over_capacity> | memory and files of the node | connections_rejected_total{reason="capacity"}',
  maxPendingConnections:
    'dropped on accept | the node against connections that never log in | connections_rejected_total{reason="pending"}',
  maxPendingConnectionsAddress:
    'dropped on accept; behind a trusted proxy closed, <over_capacity> | MAX_PENDING_CONNECTIONS for other addresses | connections_rejected_total{reason="address_pending"}',
  rateConnectionsAddress:
    'closed, <over_capacity> | CPU for handshakes and logins | connections_rejected_total{reason="address_rate"}',
  rateConnectionsNode:
    'closed, <over_capacity> | CPU when everybody reconnects at once | connections_rejected_total{reason="node_rate"}',
  loginSeconds: 'closed, <login_timeout> | MAX_PENDING_CONNECTIONS for clients that log in',
  maxLoginAttempts: 'closed, <abuse> | accounts against guessing, and CPU for challenges',
  silenceSeconds: 'closed, <lost_heartbeat> | memory of connections whose peer is gone',
  maxSessionsPerUser: '<too_many_sessions> | deliveries: each session gets its own copy',
  rateFrameBytesSession: 'CPU for reading and decoding frames',
  rateRequestsSession: 'CPU and stores; refused messages count, too',
  rateMessagesUser: 'the members of rooms, stores and the broker',
  rateMessageBytesUser: 'the members of rooms, stores and the broker',
  rateStoredBytesUser: 'the store against one user',
  rateStoredBytesRoom: 'the store against one room',
  maxFileBytes: '<too_large> | the store',
  maxUploadsPerUser: '<too_many_uploads> | the store against uploads that are never finished',
  maxFileTransfers:
    'HTTP status 503 | memory: each holds up to 256 KiB | file_transfers_total{outcome="unavailable"}',
  rateUploadBytesUser: 'the store against one user',
  rateUploadBytesRoom: 'the store against one room',
  rateUploadBytesAll: 'the store',
  rateDownloadBytesUser:
    'HTTP status 429 | the network of the node | rate_limited_total{limit="download_bytes_user"}',
  rateRegistrationsAddress: 'names, and the store',
  rateLoginsName: 'CPU for challenges',
  rateLoginsAddress: 'CPU for challenges, and the store',
  ratePasswordUser: 'room passwords against guessing',
  ratePasswordShare: 'draws on RATE_PASSWORD_ROOM | attempts by honest users against guessing by many others',
  ratePasswordRoom: 'room passwords against guessing by many',
  rateJoinsUserRoom: 'rosters against churn',
  rateRosterChangesUser: 'the logs of roster changes',
  rateLogoutsUser: 'the lists of revoked tokens',
  rateCreatesUser: 'room names, and the store',
  rateRotationsUser: 'rosters against churn',
  ratePrekeysUser: 'the store',
  rateBackupsUser: 'the store',
  rateBackupTriesName: 'backups against guessing',
  rateBackupTriesAddress: 'backups against guessing, and the store',
  rateInvitesUser: 'people, and the store',
  rateInvitesPair: 'people',
  rateStateUser: 'the store, and the other sessions of the user',
  rateLinksUser: 'the store',
  rateLinksAddress: 'the store',
  rateEpochsRoom: 'the store, and the members of large rooms',
  rateRoomActsUser: 'rosters against churn',
  maxRoomMembers: '<room_full> | the size of messages, which carry a key for each member',
  maxEpochRoomMembers: '<room_full> | the size of epochs, which carry a key for each member',
  maxRoomsPerUser: '<too_large> | the store, and the work that a key rotation causes',
  maxRoomsPerConnection: '<too_large> | memory and deliveries for a session',
  backendTimeoutMs: '<unavailable> | memory for requests that wait for Redis or MongoDB',
  outboxBytes: 'closed, <slow_consumer> | memory against one slow client | slow_consumers_total',
  outboxTotalBytes:
    'the largest consumers are closed, <slow_consumer> | memory against many slow clients | outbox_evictions_total',
};

/** The table of docs/limits.md. Throws when a metric does not exist, or a limit lacks a line. */
export function limitsOfAGateway(): string {
  const ofKeys = Object.entries(settings).map(([field, text]) => {
    const key: ConfigKey<unknown> = configKeys[field as LimitKey];
    const label = key.name.replace(/^RATE_/, '').toLowerCase();
    const whole = text.includes(' | ')
      ? text
      : `<rate_limited> | ${text} | rate_limited_total{limit="${label}"}`;
    return rowOf(code(keyPrefix + key.name), describeFallback(key, '`'), whole);
  });
  const others = [...fixedLimits.matchAll(/^(\S.*): (.+)\n {2}(.+)$/gm)];
  if (others.length * 2 !== fixedLimits.trim().split('\n').length)
    throw new Error('each fixed limit has two lines: "NAME: VALUE", and its row');
  return table(
    ['limit', 'default', 'beyond it', 'counted by', 'protects'],
    [...ofKeys, ...others.map(([, name = '', value = '', text = '']) => rowOf(name, value, text))],
  );
}

const { metrics } = createTelemetry(pino({ level: 'silent' }), { version: '', nodeVersion: '' });
const known: ReadonlySet<string> = new Set(metrics.map(({ name }) => name));

function rowOf(name: string, value: string, text: string): readonly string[] {
  const [answer = '', protects = '', metric = metricOf(answer)] = text.split(' | ');
  if (metric !== undefined && !known.has(`conclave_${metric.replace(/\{.*$/, '')}`))
    throw new Error(`conclave_${metric} is no metric`);
  const counted = metric === undefined ? '–' : code(`conclave_${metric}`);
  return [name, value, answer.replace(/<(\w+)>/g, '`$1`'), counted, protects];
}

/** Of an answer that is nothing but a code. */
function metricOf(answer: string): string | undefined {
  const [, closed, name] = /^(closed, )?<(\w+)>$/.exec(answer) ?? [];
  if (name === undefined) return undefined;
  return closed === undefined
    ? `requests_total{outcome="${name}"}`
    : `connections_closed_total{code="${name}"}`;
}
