import type { AdminActionName, AdminErrorName } from '../protocol/admin-actions.ts';
import type { CloseName, ErrorName } from '../protocol/codes.ts';
import { type FileErrorName, fileErrors } from '../protocol/file-transfers.ts';
import type { RequestName } from '../protocol/requests.ts';
import type { LogEvent } from './log-events.ts';

/**
 * Why a service behind this node refused or failed. Those up to `masterdown` are Redis' own words, in small letters. `missing`,
 * `altered`: an object that should be there is not, or is another.
 */
export const backendErrorReasons = [
  'oom',
  'misconf',
  'noreplicas',
  'noperm',
  'readonly',
  'noauth',
  'wrongpass',
  'loading',
  'busy',
  'clusterdown',
  'masterdown',
  'notprimary',
  'writeconcern',
  'full',
  'missing',
  'altered',
  'timeout',
  'connection',
  'other',
] as const;
export type BackendErrorReason = (typeof backendErrorReasons)[number];
/** How the transfer of a chunk ends. `aborted`: the client went away, or was too slow. */
export const fileTransferOutcomes: readonly ('ok' | 'aborted' | FileErrorName)[] = [
  'ok',
  'aborted',
  ...(Object.keys(fileErrors) as FileErrorName[]),
];
export type FileTransferOutcome = (typeof fileTransferOutcomes)[number];

export type BackendName = 'redis' | 'mongodb' | 'lmdb' | 'bucket';

/** Why a connection was not let in. */
export const rejections = [
  'node_rate',
  'address_rate',
  'capacity',
  'origin',
  'version',
  'draining',
  'pending',
  'address_pending',
  'files',
] as const;

export type Rejection = (typeof rejections)[number];

/**
 * One method per event worth counting or logging. Implementations never throw and never see names, ids of people or
 * rooms, keys, tokens or ciphertext: only these bounded labels. Durations are seconds, sizes bytes.
 */
export interface Telemetry {
  connectionOpened(): void;
  connectionClosed(code: CloseName | 'normal' | 'lost' | 'other'): void;
  connectionRejected(reason: Rejection): void;
  /** As many connections as are not logged in now, from the moment the system accepted them. */
  pendingConnections(count: number): void;
  pendingConnectionsMax(count: number): void;
  /** As many connections as this node takes. */
  connectionsMax(count: number): void;
  /** `change` is +1 or -1: sessions that are logged in. */
  sessions(change: 1 | -1): void;
  loggedIn(way: 'login' | 'resume', outcome: 'ok' | ErrorName, seconds: number): void;
  handshake(seconds: number): void;
  requestDone(name: RequestName | 'unknown', outcome: 'ok' | ErrorName, seconds: number): void;
  rateLimited(limit: string): void;
  bytesIn(count: number): void;
  /** Bytes of frames that wait for their turn. */
  waitingFrameBytes(change: number): void;
  messageAccepted(wraps: number): void;
  /** An epoch was stored, with so many wraps under RSA alone, and so many that a prekey's secret opens. */
  epochMade(rsaWraps: number, hybridWraps: number): void;
  /** An epoch was refused, since another of its number was stored first. */
  epochRaceLost(): void;
  /** Bytes of wraps that wait for their epoch. */
  waitingWrapBytes(count: number): void;
  /** One call per envelope that was fanned out here, not per recipient. */
  fannedOut(recipients: number, seconds: number, publishToDeliverySeconds: number): void;
  /** One call per flush of one socket. */
  flushed(frames: number, byteCount: number): void;
  outboxBytes(change: number): void;
  /** Bytes for connections that were ended, until they are surely gone. */
  outboxBytesLeaving(change: number): void;
  /** What both may add up to. */
  outboxBytesMax(count: number): void;
  /** A connection is closed because too much waits for all of them together. */
  outboxEvicted(): void;
  slowConsumer(): void;
  roomsOnNode(count: number): void;
  /** Chunks of files that this node is moving. */
  fileTransfers(change: 1 | -1): void;
  fileTransfersMax(count: number): void;
  /** One call for each chunk. `byteCount`: of one that was stored or read. */
  fileTransferDone(direction: 'put' | 'get', outcome: FileTransferOutcome, byteCount: number): void;
  /** One call for each operation that failed, and for each connection that could not be made. */
  backendError(backend: BackendName, reason: BackendErrorReason): void;
  /** True while enough of the broker carries messages and takes writes. */
  brokerUp(up: boolean): void;
  brokerReconnected(): void;
  /** A connection that looked alive and heard nothing was given up. */
  brokerStarved(): void;
  brokerGap(channels: number): void;
  brokerProbe(lagSeconds: number): void;
  brokerSubscriptions(count: number): void;
  publishRetried(): void;
  storeDone(operation: string, outcome: 'ok' | 'unavailable', seconds: number): void;
  storeUp(up: boolean): void;
  /** Of the bucket for chunks of files. */
  objectsUp(up: boolean): void;
  /** Of the disk of the embedded store, which refuses writes at `reserveBytes`, or of MongoDB's primary. */
  storeFree(byteCount: number, reserveBytes: number): void;
  /** How far a majority of the store's replicas is behind. */
  storeLag(seconds: number): void;
  /** When the certificate that this node shows its clients expires, in seconds since 1970. */
  certificateUntil(seconds: number): void;
  /** The machine's clock was set by more than it drifts. */
  clockJumped(): void;
  appendBatch(messages: number): void;
  clockRebuilt(): void;
  voids(count: number): void;
  presenceStep(operation: string): void;
  /** Users with a session on any node, as the presence that all nodes share has it. */
  onlineUsers(count: number): void;
  presenceReaped(incarnations: number): void;
  leaseLost(): void;
  draining(now: boolean): void;
  /** What an operator asked through this node; `unknown`: something that is no action. */
  administered(action: AdminActionName | 'unknown', outcome: 'ok' | AdminErrorName): void;
  /** For a person: something failed that should not, or a service went or came back. No secrets, no ids of people. */
  warn(event: LogEvent, error?: unknown, details?: Readonly<Record<string, string | number | boolean>>): void;
  info(event: LogEvent, details?: Readonly<Record<string, string | number | boolean>>): void;
  /** One connection's life, by its id: for an operator who looks for one person's trouble. */
  debug(event: LogEvent, details: Readonly<Record<string, string | number | boolean>>): void;
}
