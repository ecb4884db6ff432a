import { pino } from 'pino';
import { describeFallback } from '../src/config/config-help.ts';
import type { ConfigKey } from '../src/config/config-key.ts';
import { configKeys, keyPrefix } from '../src/config/config-keys.ts';
import type { GatewayConfig } from '../src/config/gateway-config.ts';
import { APPEND_WAITING_BYTES_MAX } from '../src/core/append-batcher.ts';
import { IDENTITIES_KEPT_MAX } from '../src/core/identities.ts';
import { MESSAGE_RATE_USERS_MAX } from '../src/core/limits.ts';
import { REPUBLISH_BYTES_MAX } from '../src/core/publisher.ts';
import { PRESENCES_BYTES_MAX } from '../src/core/room-presence.ts';
import { VIEWS_WEIGHT_MAX } from '../src/core/room-views.ts';
import { QUEUE_WAITING_MAX, QUEUES_PER_SESSION_MAX } from '../src/core/send-queue.ts';
import { ROOMS_SEEN_MAX } from '../src/core/watermarks.ts';
import { ABUSE_CONNECTIONS, ADDRESSES_MAX } from '../src/gateway/admission.ts';
import { OPEN_REQUESTS_MAX } from '../src/gateway/dispatcher.ts';
import {
  IGNORED_LIMITS,
  REPLY_BYTES_PER_REQUEST,
  UNDECODABLE_REQUESTS,
} from '../src/gateway/session-limits.ts';
import { BACKGROUND_TASKS_MAX } from '../src/lib/background.ts';
import { ADMIN_BODY_BYTES_MAX } from '../src/protocol/admin-actions.ts';
import * as wire from '../src/protocol/limits.ts';
import { MAP_KEYS_MAX, VALUES_MAX } from '../src/protocol/scan.ts';
import { requestCaps } from '../src/protocol/server-codec.ts';
import { createTelemetry } from '../src/telemetry/prometheus-telemetry.ts';
import { LAST_FILES, RESERVED_FILES } from '../src/transport/file-limit.ts';

/** The keys that hold something within bounds: each has a line, or this does not compile. */
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

interface Limit {
  /** What the one who goes beyond it gets: a code of PROTOCOL.md, or what happens instead. */
  readonly answer: string;
  /** Without the prefix. Undefined: nothing is refused. */
  readonly metric?: string;
  readonly protects: string;
}

const rejected = (reason: string): string => `connections_rejected_total{reason="${reason}"}`;
const closed = (code: string): string => `connections_closed_total{code="${code}"}`;
const refusedRequests = (outcome: string): string => `requests_total{outcome="${outcome}"}`;

/** Rates of requests are counted under the name of their key. */
function rateLimit(key: LimitKey, protects: string): Limit {
  const label = configKeys[key].name.replace(/^RATE_/, '').toLowerCase();
  return { answer: '`rate_limited`', metric: `rate_limited_total{limit="${label}"}`, protects };
}

function requestLimit(outcome: string, protects: string): Limit {
  return { answer: `\`${outcome}\``, metric: refusedRequests(outcome), protects };
}

const settings: Readonly<Record<LimitKey, Limit>> = {
  maxConnections: {
    answer: 'closed, `over_capacity`',
    metric: rejected('capacity'),
    protects: 'memory and files of the node',
  },
  maxPendingConnections: {
    answer: 'hung up on when accepted',
    metric: rejected('pending'),
    protects: 'the node against connections that never log in',
  },
  maxPendingConnectionsAddress: {
    answer: 'hung up on when accepted; behind a trusted proxy closed, `over_capacity`',
    metric: rejected('address_pending'),
    protects: 'places of MAX_PENDING_CONNECTIONS for other addresses',
  },
  rateConnectionsAddress: {
    answer: 'closed, `over_capacity`',
    metric: rejected('address_rate'),
    protects: 'CPU for handshakes and logins',
  },
  rateConnectionsNode: {
    answer: 'closed, `over_capacity`',
    metric: rejected('node_rate'),
    protects: 'CPU when everybody comes back at once',
  },
  loginSeconds: {
    answer: 'closed, `login_timeout`',
    metric: closed('login_timeout'),
    protects: 'places of connections that log in',
  },
  maxLoginAttempts: {
    answer: 'closed, `abuse`',
    metric: closed('abuse'),
    protects: 'accounts against guessing, CPU for challenges',
  },
  silenceSeconds: {
    answer: 'closed, `lost_heartbeat`',
    metric: closed('lost_heartbeat'),
    protects: 'memory of connections whose peer is gone',
  },
  maxSessionsPerUser: requestLimit('too_many_sessions', 'deliveries: each session gets its own'),
  rateFrameBytesSession: rateLimit('rateFrameBytesSession', 'CPU for reading and decoding frames'),
  rateRequestsSession: rateLimit('rateRequestsSession', 'CPU and stores; refused messages count as well'),
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
    protects: 'attempts of honest users against those of many others',
  },
  ratePasswordRoom: rateLimit('ratePasswordRoom', 'room passwords against guessing by many'),
  rateJoinsUserRoom: rateLimit('rateJoinsUserRoom', 'rosters against churn'),
  rateRosterChangesUser: rateLimit('rateRosterChangesUser', 'logs of roster changes'),
  rateLogoutsUser: rateLimit('rateLogoutsUser', 'lists of revoked tokens'),
  rateCreatesUser: rateLimit('rateCreatesUser', 'names of rooms, and the store'),
  rateRotationsUser: rateLimit('rateRotationsUser', 'rosters against churn'),
  rateRoomActsUser: rateLimit('rateRoomActsUser', 'rosters against churn'),
  maxRoomMembers: requestLimit('room_full', 'the size of messages, which carry a key for each member'),
  maxRoomsPerUser: requestLimit('too_large', 'the store, and the work that changed keys cause'),
  maxRoomsPerConnection: requestLimit('too_large', 'memory and deliveries of a session'),
  backendTimeoutMs: requestLimit('unavailable', 'memory of requests that wait for a service'),
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

const { largest } = requestCaps;

/** Those that nobody sets: name, value, and the same as above. */
const constants: readonly (readonly [name: string, value: number | string, limit: Limit])[] = [
  [
    'files kept free of newcomers',
    LAST_FILES,
    {
      answer: 'hung up on when accepted',
      metric: rejected('files'),
      protects: 'the node: without a file it can accept nobody',
    },
  ],
  [
    'files kept free of connections',
    RESERVED_FILES,
    {
      answer: 'lowers MAX_CONNECTIONS',
      metric: 'connections_max',
      protects: 'stores, backing services and logs',
    },
  ],
  [
    'connections that one closed for abuse counts as',
    ABUSE_CONNECTIONS,
    {
      answer: 'see RATE_CONNECTIONS_ADDRESS',
      metric: rejected('address_rate'),
      protects: 'CPU against those who come back',
    },
  ],
  [
    'refusals for a limit in a session',
    `${IGNORED_LIMITS.count} a second, ${IGNORED_LIMITS.burst} at once`,
    {
      answer: 'closed, `abuse`',
      metric: closed('abuse'),
      protects: 'CPU against clients that ignore limits',
    },
  ],
  [
    'bytes of a reply that count as one more request',
    REPLY_BYTES_PER_REQUEST,
    rateLimit('rateRequestsSession', 'CPU for large pages'),
  ],
  [
    'requests that an unknown or undecodable one counts as',
    UNDECODABLE_REQUESTS,
    rateLimit('rateRequestsSession', 'CPU for decoding and answering what helps nobody'),
  ],
  [
    'requests of a session under way',
    OPEN_REQUESTS_MAX,
    {
      answer: '`rate_limited`',
      metric: 'rate_limited_total{limit="open_requests"}',
      protects: 'memory and stores',
    },
  ],
  [
    'bytes of a frame',
    wire.INBOUND_FRAME_BYTES_MAX,
    { answer: 'closed, `frame_too_large`', metric: closed('frame_too_large'), protects: 'memory' },
  ],
  [
    'bytes of a frame before the login',
    wire.INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN,
    { answer: 'closed, `frame_too_large`', metric: closed('frame_too_large'), protects: 'CPU' },
  ],
  [
    'nesting, elements of an array, keys of a map, values of a frame',
    [wire.NESTING_DEPTH_MAX, wire.CONTAINER_ITEMS_MAX, MAP_KEYS_MAX, VALUES_MAX].join(', '),
    {
      answer: 'closed, `malformed_frame`',
      metric: closed('malformed_frame'),
      protects: 'memory of decoding',
    },
  ],
  [
    'values, arrays and maps, keys of a map, bytes of a text in a request',
    [largest?.values, largest?.containers, largest?.keys, largest?.textBytes].join(', '),
    requestLimit('bad_request', 'CPU and memory of decoding: no request has more'),
  ],
  [
    'sends of a session that wait in a room',
    QUEUE_WAITING_MAX,
    requestLimit('rate_limited', 'memory, and the order of messages'),
  ],
  [
    'bytes of messages that wait for the store',
    APPEND_WAITING_BYTES_MAX,
    requestLimit('unavailable', 'memory when the store is slow'),
  ],
  ['bans of a room', wire.ROOM_BANS_MAX, requestLimit('too_large', "the room's record")],
  ['documents of an account', wire.IDENTITY_CHAIN_MAX, requestLimit('too_large', 'the store')],
  [
    'bytes of an administrative request',
    ADMIN_BODY_BYTES_MAX,
    { answer: '413', metric: 'admin_actions_total{outcome="too_large"}', protects: 'memory' },
  ],
  [
    'addresses whose rates are remembered',
    ADDRESSES_MAX,
    { answer: 'the oldest are forgotten', protects: 'memory' },
  ],
  [
    'users whose rates are remembered',
    MESSAGE_RATE_USERS_MAX,
    { answer: 'the longest idle is forgotten', protects: 'memory' },
  ],
  [
    'rooms of a session whose order of sends is kept',
    QUEUES_PER_SESSION_MAX,
    { answer: 'the oldest is forgotten', protects: 'memory' },
  ],
  ['members in rosters kept', VIEWS_WEIGHT_MAX, { answer: 'read again', protects: 'memory' }],
  ['identity documents kept', IDENTITIES_KEPT_MAX, { answer: 'read again', protects: 'memory' }],
  ['bytes of presence kept', PRESENCES_BYTES_MAX, { answer: 'read again', protects: 'memory' }],
  [
    'rooms whose clocks are watched',
    ROOMS_SEEN_MAX,
    { answer: 'the longest idle is forgotten', protects: 'memory' },
  ],
  [
    'bytes that wait to be published again',
    REPUBLISH_BYTES_MAX,
    { answer: 'left to gap checks', protects: 'memory when the broker is away' },
  ],
  [
    'tasks in the background',
    BACKGROUND_TASKS_MAX,
    { answer: 'left to a later reader', protects: 'memory and stores' },
  ],
];

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
  const others = constants.map(([name, value, limit]) => row(name, value, limit));
  const head = ['| limit | default | beyond it | counted by | protects |', '|---|---|---|---|---|'];
  return [...head, ...ofKeys, ...others].join('\n');
}
