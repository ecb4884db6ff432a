import type { BlockList } from 'node:net';
import type { OptionalFeature } from '../protocol/features.ts';
import type { Rate } from '../protocol/limits.ts';
import type { Origin } from '../protocol/origin.ts';
import type { RedisTarget } from './redis-target.ts';
import type { S3Settings, S3Target } from './s3-target.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
export type Registration = 'open' | 'invite' | 'closed';

/** Settings that stand for themselves: one field per key of the table. */
export interface PlainSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly publicUrls: readonly Origin[];
  /** As in the Origin header of browsers. */
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: BlockList;
  readonly nodeId: string;
  readonly logLevel: LogLevel;
  readonly registration: Registration;
  readonly disabledFeatures: readonly OptionalFeature[];
  readonly drainWaitSeconds: number;
  readonly drainSeconds: number;
  readonly handOverSeconds: number;
  readonly backendTimeoutMs: number;
  readonly maxRoomMembers: number;
  readonly maxEpochRoomMembers: number;
  readonly maxRoomsPerConnection: number;
  readonly maxRoomsPerUser: number;
  readonly maxSessionsPerUser: number;
  readonly loginSeconds: number;
  readonly maxLoginAttempts: number;
  readonly pingSeconds: number;
  readonly silenceSeconds: number;
  readonly outboxBytes: number;
  readonly outboxTotalBytes: number;
  readonly maxConnections: number;
  readonly maxPendingConnections: number;
  readonly maxPendingConnectionsAddress: number;
  readonly rateConnectionsAddress: Rate;
  readonly rateConnectionsNode: Rate;
  readonly rateRegistrationsAddress: Rate;
  readonly rateLoginsName: Rate;
  readonly rateLoginsAddress: Rate;
  readonly ratePasswordUser: Rate;
  readonly ratePasswordShare: Rate;
  readonly ratePasswordRoom: Rate;
  readonly rateMessagesUser: Rate;
  readonly rateMessageBytesUser: Rate;
  readonly rateStoredBytesUser: Rate;
  readonly rateStoredBytesRoom: Rate;
  readonly maxFileBytes: number;
  readonly maxUploadsPerUser: number;
  readonly maxFileTransfers: number;
  readonly rateUploadBytesUser: Rate;
  readonly rateUploadBytesRoom: Rate;
  readonly rateUploadBytesAll: Rate;
  readonly rateDownloadBytesUser: Rate;
  readonly rateRequestsSession: Rate;
  readonly rateFrameBytesSession: Rate;
  readonly rateJoinsUserRoom: Rate;
  readonly rateRosterChangesUser: Rate;
  readonly rateCreatesUser: Rate;
  readonly rateLogoutsUser: Rate;
  readonly rateRotationsUser: Rate;
  readonly ratePrekeysUser: Rate;
  readonly rateBackupsUser: Rate;
  readonly rateBackupTriesName: Rate;
  readonly rateBackupTriesAddress: Rate;
  readonly rateInvitesUser: Rate;
  readonly rateInvitesPair: Rate;
  readonly rateStateUser: Rate;
  readonly rateLinksUser: Rate;
  readonly rateLinksAddress: Rate;
  readonly rateEpochsRoom: Rate;
  readonly rateRoomActsUser: Rate;
}

/** For the load balancer to notice, and for the other gateways to take the clients. Where there are none, waiting only keeps clients out. */
export const DRAIN_WAIT_SECONDS_CLUSTER = 5;
export const DRAIN_SECONDS_CLUSTER = 30;

/** Settings that only mean something together. */
export interface CombinedSettings extends S3Settings {
  /** Undefined: as the backend needs them. */
  readonly drainWaitSeconds: number | undefined;
  readonly drainSeconds: number | undefined;
  readonly adminToken: string | undefined;
  /** Undefined: on a loopback address only. */
  readonly web: 'on' | 'off' | undefined;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly redisUrl: RedisTarget | undefined;
  readonly mongodbUrl: string | undefined;
  readonly dataDir: string;
  /** Undefined: as rateMessageBytesUser needs it. */
  readonly rateFrameBytesSession: Rate | undefined;
  readonly diskReserveBytes: number;
}

export type Settings = Omit<PlainSettings, keyof CombinedSettings> & CombinedSettings;

export type Backend =
  | { readonly mode: 'embedded'; readonly dataDir: string; readonly diskReserveBytes: number }
  | {
      readonly mode: 'cluster';
      readonly redis: RedisTarget;
      readonly mongoUrl: string;
      /** Where chunks of files are. Undefined: in MongoDB. */
      readonly bucket: S3Target | undefined;
    };

export interface GatewayConfig extends PlainSettings {
  /** Browsers get the web client. */
  readonly servesWeb: boolean;
  readonly adminToken?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly backend: Backend;
}
