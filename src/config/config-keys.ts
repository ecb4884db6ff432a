import { BlockList } from 'node:net';
import { hostname } from 'node:os';
import { ADMIN_TOKEN_FORM } from '../protocol/admin-actions.ts';
import { ROOM_MEMBERS_MAX } from '../protocol/limits.ts';
import type { ConfigKeys } from './config-key.ts';
import { maskedSecret, maskUrl } from './mask.ts';
import { mongoUrl } from './mongo-url.ts';
import { rateKeys } from './rate-keys.ts';
import { redisUrl } from './redis-target.ts';
import {
  browserOrigins,
  host,
  integer,
  matching,
  networks,
  oneOf,
  path,
  publicUrls,
  type ValueParser,
} from './value-parser.ts';

export const keyPrefix = 'CONCLAVE_';

const seconds = (max: number): ValueParser<number> => integer(1, max);

/** The one table of all settings: parsing, refusals, masking, `--help` and the documentation come from it. */
export const configKeys: ConfigKeys = {
  host: {
    name: 'HOST',
    parser: host,
    fallback: '127.0.0.1',
    meaning: 'Address that the gateway listens on for clients.',
  },
  port: {
    name: 'PORT',
    parser: integer(0, 65_535),
    fallback: '8080',
    meaning: 'Port for clients; 0 takes a free one.',
  },
  adminHost: {
    name: 'ADMIN_HOST',
    parser: host,
    fallback: '127.0.0.1',
    meaning: 'Address for metrics and administration.',
  },
  adminPort: {
    name: 'ADMIN_PORT',
    parser: integer(0, 65_535),
    fallback: '9464',
    meaning: 'Port for metrics and administration; 0 takes a free one.',
  },
  adminToken: {
    name: 'ADMIN_TOKEN',
    parser: matching(ADMIN_TOKEN_FORM, '16 to 256 visible ASCII characters without spaces'),
    meaning:
      'Bearer token that administrative actions require. A gateway on the embedded store makes one when none is given.',
    mask: () => maskedSecret,
  },
  publicUrls: {
    name: 'PUBLIC_URLS',
    parser: publicUrls,
    absent: () => [],
    meaning: 'Addresses that clients dial; a login through any other is refused.',
  },
  allowedOrigins: {
    name: 'ALLOWED_ORIGINS',
    parser: browserOrigins,
    absent: () => [],
    meaning: 'Web origins whose pages may connect; programs other than browsers are not affected.',
  },
  tlsCertFile: {
    name: 'TLS_CERT_FILE',
    parser: path,
    meaning: 'PEM file of the certificate chain; together with TLS_KEY_FILE the gateway itself speaks TLS.',
  },
  tlsKeyFile: { name: 'TLS_KEY_FILE', parser: path, meaning: "PEM file of the certificate's private key." },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    parser: networks,
    absent: () => new BlockList(),
    meaning: 'Load balancers whose X-Forwarded-For header is believed.',
  },
  redisUrl: {
    name: 'REDIS_URL',
    parser: redisUrl,
    meaning: 'Redis of a cluster of gateways; needs MONGODB_URL as well.',
    mask: maskUrl,
  },
  mongodbUrl: {
    name: 'MONGODB_URL',
    parser: mongoUrl,
    meaning: 'MongoDB of a cluster of gateways; needs REDIS_URL as well.',
    mask: maskUrl,
  },
  dataDir: {
    name: 'DATA_DIR',
    parser: path,
    fallback: './data',
    meaning: 'Folder of the embedded store, used when neither REDIS_URL nor MONGODB_URL is given.',
  },
  diskReserveBytes: {
    name: 'DISK_RESERVE_BYTES',
    parser: integer(1_048_576, 1_099_511_627_776),
    fallback: '67108864',
    meaning:
      'Bytes that the embedded store leaves free on its disk: it refuses writes that would take from them.',
  },
  nodeId: {
    name: 'NODE_ID',
    parser: matching(/^[\w.-]{1,64}$/, '1 to 64 letters, digits, ".", "_" or "-"'),
    fallback: { text: ownNodeId, described: 'host name and process id' },
    meaning: 'Name of this node in logs and metrics.',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    parser: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    fallback: 'info',
    meaning: 'Least level that is logged; the line that says the gateway is ready is always written.',
  },
  registration: {
    name: 'REGISTRATION',
    parser: oneOf('open', 'invite', 'closed'),
    fallback: 'open',
    meaning: 'Who may make an account: everybody, whoever has a code of `conclave-admin invite`, or nobody.',
  },
  drainWaitSeconds: {
    name: 'DRAIN_WAIT_SECONDS',
    parser: integer(0, 600),
    fallback: '5',
    meaning: 'Time after SIGTERM for the load balancer to notice, before sessions are told to move.',
  },
  handOverSeconds: {
    name: 'HAND_OVER_SECONDS',
    parser: integer(0, 3_600),
    fallback: '5',
    meaning:
      'Time after which a gateway that lost Redis or MongoDB, while others have both, moves its clients to them at the pace of a drain. 0: never.',
  },
  drainSeconds: {
    name: 'DRAIN_SECONDS',
    parser: integer(0, 3_600),
    fallback: '30',
    meaning: 'Time over which the sessions are then closed.',
  },
  backendTimeoutMs: {
    name: 'BACKEND_TIMEOUT_MS',
    parser: integer(50, 60_000),
    fallback: '450',
    meaning: 'Deadline of one request for all its steps at Redis and MongoDB, in milliseconds.',
  },
  maxRoomMembers: {
    name: 'MAX_ROOM_MEMBERS',
    parser: integer(2, ROOM_MEMBERS_MAX),
    fallback: '256',
    meaning: 'Members of a room.',
  },
  maxRoomsPerConnection: {
    name: 'MAX_ROOMS_PER_CONNECTION',
    parser: integer(1, 1_000),
    fallback: '100',
    meaning: 'Rooms entered at a time through one connection.',
  },
  maxRoomsPerUser: {
    name: 'MAX_ROOMS_PER_USER',
    parser: integer(1, 10_000),
    fallback: '500',
    meaning: 'Rooms that a user is a member of.',
  },
  maxSessionsPerUser: {
    name: 'MAX_SESSIONS_PER_USER',
    parser: integer(1, 1_000),
    fallback: '16',
    meaning: 'Sessions of one user at a time, over all nodes.',
  },
  loginSeconds: {
    name: 'LOGIN_SECONDS',
    parser: seconds(300),
    fallback: '10',
    meaning: 'Time that a new connection has to log in.',
  },
  maxLoginAttempts: {
    name: 'MAX_LOGIN_ATTEMPTS',
    parser: integer(1, 100),
    fallback: '3',
    meaning: 'Attempts to log in through one connection.',
  },
  pingSeconds: {
    name: 'PING_SECONDS',
    parser: seconds(3_600),
    fallback: '25',
    meaning: 'Time between two pings to a client.',
  },
  silenceSeconds: {
    name: 'SILENCE_SECONDS',
    parser: seconds(7_200),
    fallback: '60',
    meaning: 'A connection that is silent for so long is dead; more than PING_SECONDS.',
  },
  outboxBytes: {
    name: 'OUTBOX_BYTES',
    parser: integer(65_536, 1_073_741_824),
    fallback: '1048576',
    meaning: 'Bytes that may wait for a slow client before its connection is closed.',
  },
  outboxTotalBytes: {
    name: 'OUTBOX_TOTAL_BYTES',
    parser: integer(1_048_576, 1_099_511_627_776),
    fallback: '268435456',
    meaning:
      'Bytes that may wait for all slow clients of this node together. Beyond it, the connections that hold most are closed first.',
  },
  maxConnections: {
    name: 'MAX_CONNECTIONS',
    parser: integer(1, 1_000_000),
    fallback: '50000',
    meaning: 'Connections of this node; fewer when the limit of open files allows fewer.',
  },
  maxPendingConnections: {
    name: 'MAX_PENDING_CONNECTIONS',
    parser: integer(1, 1_000_000),
    fallback: '2048',
    meaning:
      'Connections of this node that have not logged in, counted from the moment the system accepts them. Each may hold 320 KiB.',
  },
  maxPendingConnectionsAddress: {
    name: 'MAX_PENDING_CONNECTIONS_ADDRESS',
    parser: integer(1, 1_000_000),
    fallback: '128',
    meaning:
      'Connections from one address that have not logged in. At most 4 while more than half of MAX_PENDING_CONNECTIONS are taken.',
  },
  ...rateKeys,
};

function ownNodeId(): string {
  const host = hostname()
    .replace(/[^\w.-]/g, '-')
    .slice(0, 48);
  return `${host}-${process.pid}`;
}
