import { BlockList } from 'node:net';
import { hostname } from 'node:os';
import { ADMIN_TOKEN_FORM } from '../protocol/admin-actions.ts';
import { FILE_BYTES_MAX, ROOM_MEMBERS_MAX, WRAPPED_MEMBERS_MAX } from '../protocol/limits.ts';
import { type ConfigKeys, DRAIN_SECONDS_CLUSTER, DRAIN_WAIT_SECONDS_CLUSTER } from './gateway-config.ts';
import { maskedSecret, maskUrl } from './mask.ts';
import { mongoUrl } from './mongo-url.ts';
import { rateKeys } from './rate-keys.ts';
import { redisUrl } from './redis-target.ts';
import { s3Keys } from './s3-keys.ts';
import {
  browserOrigins,
  featuresToDisable,
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

const drainDefault = (inCluster: number): string => `${inCluster}; 0 on the embedded store`;

/** The one table of all settings: parsing, refusals, masking, `--help` and the documentation come from it. */
export const configKeys: ConfigKeys = {
  host: {
    name: 'HOST',
    parser: host,
    fallback: '127.0.0.1',
    meaning: 'Address on which the gateway listens for clients.',
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
      'Bearer token that administrative actions require. A gateway on the embedded store creates one if none is given.',
    mask: () => maskedSecret,
  },
  publicUrls: {
    name: 'PUBLIC_URLS',
    parser: publicUrls,
    absent: () => [],
    meaning: 'Addresses that clients dial; logins through any other are refused.',
  },
  allowedOrigins: {
    name: 'ALLOWED_ORIGINS',
    parser: browserOrigins,
    absent: () => [],
    meaning: 'Web origins whose pages may connect; clients other than browsers are not affected.',
  },
  web: {
    name: 'WEB',
    parser: oneOf('on', 'off'),
    whenAbsent: '`on` if HOST is loopback, else `off`',
    meaning: 'Whether browsers get the web client at `/`.',
  },
  tlsCertFile: {
    name: 'TLS_CERT_FILE',
    parser: path,
    meaning:
      'PEM file of the certificate chain; with it and TLS_KEY_FILE, the gateway itself terminates TLS.',
  },
  tlsKeyFile: { name: 'TLS_KEY_FILE', parser: path, meaning: "PEM file of the certificate's private key." },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    parser: networks,
    absent: () => new BlockList(),
    meaning: 'Load balancers whose X-Forwarded-For header is trusted.',
  },
  redisUrl: {
    name: 'REDIS_URL',
    parser: redisUrl,
    meaning: 'Redis of a cluster of gateways; requires MONGODB_URL as well.',
    mask: maskUrl,
  },
  mongodbUrl: {
    name: 'MONGODB_URL',
    parser: mongoUrl,
    meaning: 'MongoDB of a cluster of gateways; requires REDIS_URL as well.',
    mask: maskUrl,
  },
  ...s3Keys,
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
    meaning: 'Bytes that the embedded store keeps free on its disk; it refuses writes that would use them.',
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
    meaning: 'Lowest level that is logged; the `ready` line is always written.',
  },
  registration: {
    name: 'REGISTRATION',
    parser: oneOf('open', 'invite', 'closed'),
    fallback: 'open',
    meaning:
      'Who may create an account: everybody, those with a code from `conclave-admin invite`, or nobody.',
  },
  disabledFeatures: {
    name: 'DISABLED_FEATURES',
    parser: featuresToDisable,
    absent: () => [],
    meaning:
      'Optional features that this gateway does not offer: `typing` (notices that somebody is typing), `files`, `batches` (several events in one message).',
  },
  drainWaitSeconds: {
    name: 'DRAIN_WAIT_SECONDS',
    parser: integer(0, 600),
    whenAbsent: drainDefault(DRAIN_WAIT_SECONDS_CLUSTER),
    meaning: 'Seconds after SIGTERM for the load balancer to notice, before sessions are told to move.',
  },
  handOverSeconds: {
    name: 'HAND_OVER_SECONDS',
    parser: integer(0, 3_600),
    fallback: '5',
    meaning:
      'Seconds after which a gateway that lost Redis or MongoDB, while other gateways have both, moves its clients to them at the pace of a drain. 0: never.',
  },
  drainSeconds: {
    name: 'DRAIN_SECONDS',
    parser: integer(0, 3_600),
    whenAbsent: drainDefault(DRAIN_SECONDS_CLUSTER),
    meaning: 'Seconds over which sessions are then closed.',
  },
  backendTimeoutMs: {
    name: 'BACKEND_TIMEOUT_MS',
    parser: integer(50, 60_000),
    fallback: '450',
    meaning: 'Deadline in milliseconds for all Redis and MongoDB steps of one request.',
  },
  maxRoomMembers: {
    name: 'MAX_ROOM_MEMBERS',
    parser: integer(2, WRAPPED_MEMBERS_MAX),
    fallback: '256',
    meaning: 'Members of a room of suite 1, whose messages carry a key for each of them.',
  },
  maxEpochRoomMembers: {
    name: 'MAX_EPOCH_ROOM_MEMBERS',
    parser: integer(2, ROOM_MEMBERS_MAX),
    fallback: '2000',
    meaning: 'Members of a room of suite 2.',
  },
  maxRoomsPerConnection: {
    name: 'MAX_ROOMS_PER_CONNECTION',
    parser: integer(1, 1_000),
    fallback: '100',
    meaning: 'Rooms entered through one connection at a time.',
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
    meaning: 'Concurrent sessions of one user, over all nodes.',
  },
  loginSeconds: {
    name: 'LOGIN_SECONDS',
    parser: seconds(300),
    fallback: '10',
    meaning: 'Seconds that a new connection has to log in.',
  },
  maxLoginAttempts: {
    name: 'MAX_LOGIN_ATTEMPTS',
    parser: integer(1, 100),
    fallback: '3',
    meaning: 'Login attempts through one connection.',
  },
  pingSeconds: {
    name: 'PING_SECONDS',
    parser: seconds(3_600),
    fallback: '25',
    meaning: 'Seconds between two pings to a client.',
  },
  silenceSeconds: {
    name: 'SILENCE_SECONDS',
    parser: seconds(7_200),
    fallback: '60',
    meaning: 'Seconds of silence after which a connection counts as dead; more than PING_SECONDS.',
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
      'Bytes that may wait for all slow clients of this node together. Beyond that, the connections with the most bytes are closed first.',
  },
  maxConnections: {
    name: 'MAX_CONNECTIONS',
    parser: integer(1, 1_000_000),
    fallback: '50000',
    meaning: 'Connections of this node; fewer if the open-file limit allows fewer.',
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
      'Connections from one address that have not logged in. At most 4 while more than half of MAX_PENDING_CONNECTIONS are in use.',
  },
  maxFileBytes: {
    name: 'MAX_FILE_BYTES',
    parser: integer(1_048_576, FILE_BYTES_MAX),
    fallback: '104857600',
    meaning: 'Bytes of one file, encrypted and padded.',
  },
  maxUploadsPerUser: {
    name: 'MAX_UPLOADS_PER_USER',
    parser: integer(1, 1_000),
    fallback: '10',
    meaning: 'Unfinished uploads of one user. What is not finished within an hour is removed.',
  },
  maxFileTransfers: {
    name: 'MAX_FILE_TRANSFERS',
    parser: integer(1, 100_000),
    fallback: '128',
    meaning: 'Chunks of files that this node moves at a time. Each holds up to 256 KiB of memory.',
  },
  ...rateKeys,
};

function ownNodeId(): string {
  const host = hostname()
    .replace(/[^\w.-]/g, '-')
    .slice(0, 48);
  return `${host}-${process.pid}`;
}
