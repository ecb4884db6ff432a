import type { BlockList } from 'node:net';
import type { RedisTarget, S3Target } from '../ports/targets.ts';
import type { OptionalFeature } from '../protocol/features.ts';
import type { Rate } from '../protocol/limits.ts';
import type { Origin } from '../protocol/origin.ts';
import type { ConfigKey } from './config-key.ts';
import type { rateKeys } from './rate-keys.ts';
import type { S3Settings } from './s3-target.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
export type Registration = 'open' | 'invite' | 'closed';

type RateSettings = Readonly<Record<keyof typeof rateKeys, Rate>>;

/** Settings that stand for themselves: one field per key of the table. */
export interface PlainSettings extends RateSettings {
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
  readonly maxFileBytes: number;
  readonly maxUploadsPerUser: number;
  readonly maxFileTransfers: number;
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

export type ConfigKeys = { readonly [Field in keyof Settings]: ConfigKey<NonNullable<Settings[Field]>> };

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
