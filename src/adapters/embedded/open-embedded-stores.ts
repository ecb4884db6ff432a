import { uptime } from 'node:os';
import type { StoreBackend } from '../../ports/backend.ts';
import { CHANGES_KEPT_MAX } from '../../ports/room-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { FsFileStore } from './fs-file-store.ts';
import { LmdbBackupStore } from './lmdb-backup-store.ts';
import { LmdbContactStore } from './lmdb-contact-store.ts';
import { LmdbEpochStore } from './lmdb-epoch-store.ts';
import { LmdbIdentityStore } from './lmdb-identity-store.ts';
import { LmdbInviteStore } from './lmdb-invite-store.ts';
import { LmdbLink } from './lmdb-link.ts';
import { LmdbLinkStore } from './lmdb-link-store.ts';
import { LmdbMessageStore } from './lmdb-message-store.ts';
import { LmdbPrekeyStore } from './lmdb-prekey-store.ts';
import { LmdbRoomStore } from './lmdb-room-store.ts';
import { LmdbSecretStore } from './lmdb-secret-store.ts';
import { LmdbUserStateStore } from './lmdb-user-state-store.ts';
import { EmbeddedSchema } from './schema-number.ts';

const DISK_RESERVE_BYTES = 64 * 1024 * 1024;
const SWEEP_EVERY_MS = 60_000;

export interface EmbeddedStoresOptions {
  /** Made with mode 0700 when it is not there. One process at a time uses it. */
  readonly dataDir: string;
  /** Bytes that stay free on the disk: writes that would take from them are refused. */
  readonly diskReserveBytes?: number;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970, whole. Default: the machine's clock. */
  readonly now?: () => number;
  /** Milliseconds of a clock that nobody sets. Default: the machine's. */
  readonly monotonicNow?: () => number;
  /** Milliseconds between two sweeps for what has expired. Default: a minute. */
  readonly sweepEveryMs?: number;
  /** Default: CHANGES_KEPT_MAX. */
  readonly changesKeptMax?: number;
}

/** Stores in one LMDB file. A write is on the disk when it resolves; start() throws StartRefused, never waits. */
export function openEmbeddedStores({
  dataDir,
  diskReserveBytes = DISK_RESERVE_BYTES,
  telemetry,
  now = Date.now,
  // Unlike performance.now(), it counts the time that the machine sleeps.
  monotonicNow = () => uptime() * 1000,
  sweepEveryMs = SWEEP_EVERY_MS,
  changesKeptMax = CHANGES_KEPT_MAX,
}: EmbeddedStoresOptions): StoreBackend {
  const link = new LmdbLink(dataDir, diskReserveBytes, telemetry);
  const schema = new EmbeddedSchema(link);
  const sweep = new ExpirySweep(link, telemetry, { wall: now, monotonic: monotonicNow });
  return {
    identities: new LmdbIdentityStore(link),
    secrets: new LmdbSecretStore(link),
    invites: new LmdbInviteStore(link),
    rooms: new LmdbRoomStore(link, changesKeptMax),
    messages: new LmdbMessageStore(link, now, schema),
    epochs: new LmdbEpochStore(link, now),
    prekeys: new LmdbPrekeyStore(link),
    files: new FsFileStore(link, dataDir, sweep),
    backups: new LmdbBackupStore(link),
    links: new LmdbLinkStore(link),
    contacts: new LmdbContactStore(link),
    userStates: new LmdbUserStateStore(link),
    schema,
    async start() {
      await link.open();
      await schema.refresh();
      sweep.start(sweepEveryMs);
    },
    isUp: () => link.isUp,
    isFull: () => link.isFull,
    async close() {
      await sweep.close();
      await link.close();
    },
  };
}
