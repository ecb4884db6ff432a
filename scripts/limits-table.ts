import { pino } from 'pino';
import { describeFallback } from '../src/config/config-help.ts';
import type { ConfigKey } from '../src/config/config-key.ts';
import { configKeys, keyPrefix } from '../src/config/config-keys.ts';
import { createTelemetry } from '../src/telemetry/prometheus-telemetry.ts';
import { fixedLimits } from './fixed-limits.ts';
import { closes, type Limit, type LimitKey, limit, rateLimit, rejected, requestLimit } from './limit-row.ts';

const settings: Readonly<Record<LimitKey, Limit>> = {
  maxConnections: limit('closed, `over_capacity`', 'memory and files of the node', rejected('capacity')),
  maxPendingConnections: limit(
    'dropped on accept',
    'the node against connections that never log in',
    rejected('pending'),
  ),
  maxPendingConnectionsAddress: limit(
    'dropped on accept; behind a trusted proxy closed, `over_capacity`',
    'MAX_PENDING_CONNECTIONS for other addresses',
    rejected('address_pending'),
  ),
  rateConnectionsAddress: limit(
    'closed, `over_capacity`',
    'CPU for handshakes and logins',
    rejected('address_rate'),
  ),
  rateConnectionsNode: limit(
    'closed, `over_capacity`',
    'CPU when everybody reconnects at once',
    rejected('node_rate'),
  ),
  loginSeconds: closes('login_timeout', 'MAX_PENDING_CONNECTIONS for clients that log in'),
  maxLoginAttempts: closes('abuse', 'accounts against guessing, and CPU for challenges'),
  silenceSeconds: closes('lost_heartbeat', 'memory of connections whose peer is gone'),
  maxSessionsPerUser: requestLimit('too_many_sessions', 'deliveries: each session gets its own copy'),
  rateFrameBytesSession: rateLimit('rateFrameBytesSession', 'CPU for reading and decoding frames'),
  rateRequestsSession: rateLimit('rateRequestsSession', 'CPU and stores; refused messages count, too'),
  rateMessagesUser: rateLimit('rateMessagesUser', 'the members of rooms, stores and the broker'),
  rateMessageBytesUser: rateLimit('rateMessageBytesUser', 'the members of rooms, stores and the broker'),
  rateStoredBytesUser: rateLimit('rateStoredBytesUser', 'the store against one user'),
  rateStoredBytesRoom: rateLimit('rateStoredBytesRoom', 'the store against one room'),
  maxFileBytes: requestLimit('too_large', 'the store'),
  maxUploadsPerUser: requestLimit('too_many_uploads', 'the store against uploads that are never finished'),
  maxFileTransfers: limit(
    'HTTP status 503',
    'memory: each holds up to 256 KiB',
    'file_transfers_total{outcome="unavailable"}',
  ),
  rateUploadBytesUser: rateLimit('rateUploadBytesUser', 'the store against one user'),
  rateUploadBytesRoom: rateLimit('rateUploadBytesRoom', 'the store against one room'),
  rateUploadBytesAll: rateLimit('rateUploadBytesAll', 'the store'),
  rateDownloadBytesUser: limit(
    'HTTP status 429',
    'the network of the node',
    'rate_limited_total{limit="download_bytes_user"}',
  ),
  rateRegistrationsAddress: rateLimit('rateRegistrationsAddress', 'names, and the store'),
  rateLoginsName: rateLimit('rateLoginsName', 'CPU for challenges'),
  rateLoginsAddress: rateLimit('rateLoginsAddress', 'CPU for challenges, and the store'),
  ratePasswordUser: rateLimit('ratePasswordUser', 'room passwords against guessing'),
  ratePasswordShare: limit(
    'draws on RATE_PASSWORD_ROOM',
    'attempts by honest users against guessing by many others',
  ),
  ratePasswordRoom: rateLimit('ratePasswordRoom', 'room passwords against guessing by many'),
  rateJoinsUserRoom: rateLimit('rateJoinsUserRoom', 'rosters against churn'),
  rateRosterChangesUser: rateLimit('rateRosterChangesUser', 'the logs of roster changes'),
  rateLogoutsUser: rateLimit('rateLogoutsUser', 'the lists of revoked tokens'),
  rateCreatesUser: rateLimit('rateCreatesUser', 'room names, and the store'),
  rateRotationsUser: rateLimit('rateRotationsUser', 'rosters against churn'),
  ratePrekeysUser: rateLimit('ratePrekeysUser', 'the store'),
  rateBackupsUser: rateLimit('rateBackupsUser', 'the store'),
  rateBackupTriesName: rateLimit('rateBackupTriesName', 'backups against guessing'),
  rateBackupTriesAddress: rateLimit('rateBackupTriesAddress', 'backups against guessing, and the store'),
  rateInvitesUser: rateLimit('rateInvitesUser', 'people, and the store'),
  rateInvitesPair: rateLimit('rateInvitesPair', 'people'),
  rateStateUser: rateLimit('rateStateUser', 'the store, and the other sessions of the user'),
  rateLinksUser: rateLimit('rateLinksUser', 'the store'),
  rateLinksAddress: rateLimit('rateLinksAddress', 'the store'),
  rateEpochsRoom: rateLimit('rateEpochsRoom', 'the store, and the members of large rooms'),
  rateRoomActsUser: rateLimit('rateRoomActsUser', 'rosters against churn'),
  maxRoomMembers: requestLimit('room_full', 'the size of messages, which carry a key for each member'),
  maxEpochRoomMembers: requestLimit('room_full', 'the size of epochs, which carry a key for each member'),
  maxRoomsPerUser: requestLimit('too_large', 'the store, and the work that a key rotation causes'),
  maxRoomsPerConnection: requestLimit('too_large', 'memory and deliveries for a session'),
  backendTimeoutMs: requestLimit('unavailable', 'memory for requests that wait for Redis or MongoDB'),
  outboxBytes: limit('closed, `slow_consumer`', 'memory against one slow client', 'slow_consumers_total'),
  outboxTotalBytes: limit(
    'the largest consumers are closed, `slow_consumer`',
    'memory against many slow clients',
    'outbox_evictions_total',
  ),
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
