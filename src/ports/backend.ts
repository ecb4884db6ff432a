import type { BackupStore } from './backup-store.ts';
import type { Broker } from './broker.ts';
import type { ContactStore } from './contact-store.ts';
import type { EpochStore } from './epoch-store.ts';
import type { FileStore } from './file-store.ts';
import type { IdentityStore } from './identity-store.ts';
import type { InviteStore } from './invite-store.ts';
import type { LinkStore } from './link-store.ts';
import type { MessageStore } from './message-store.ts';
import type { NodeBoard } from './node-board.ts';
import type { PrekeyStore } from './prekey-store.ts';
import type { Presence } from './presence.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ReadyMarks } from './ready-marks.ts';
import type { Revocations } from './revocations.ts';
import type { RoomStore } from './room-store.ts';
import type { Schema } from './schema.ts';
import type { SecretStore } from './secret-store.ts';
import type { Sequencer } from './sequencer.ts';
import type { UserStateStore } from './user-state-store.ts';

/** The stores: the truth. */
export interface StoreBackend {
  readonly identities: IdentityStore;
  readonly secrets: SecretStore;
  readonly invites: InviteStore;
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly epochs: EpochStore;
  readonly prekeys: PrekeyStore;
  readonly files: FileStore;
  readonly backups: BackupStore;
  readonly links: LinkStore;
  readonly contacts: ContactStore;
  readonly userStates: UserStateStore;
  readonly schema: Schema;
  /** Absent where no other node can use these stores. */
  readonly readyMarks?: ReadyMarks;
  /**
   * Resolves when the stores are reachable and their indexes made; tries again with growing pauses until then or until
   * close(). Throws StartRefused when trying again can't help.
   */
  start(): Promise<void>;
  /** False from the first operation that found the service away until one that found it back; probed while idle. */
  isUp(): boolean;
  /** True while it is down because this node's own disk has too little room left. */
  isFull(): boolean;
  /** False while chunks of files can't be moved, though all else can. */
  areFilesUp(): boolean;
  close(): Promise<void>;
}

/** What nodes share besides the truth: live traffic, clocks, presence, limits. All of it can be lost and made again. */
export interface RelayBackend {
  readonly broker: Broker;
  readonly sequencer: Sequencer;
  readonly presence: Presence;
  readonly limits: RateLimits;
  readonly revocations: Revocations;
  readonly nodes: NodeBoard;
  /** Absent where no other node can use this relay. */
  readonly readyMarks?: ReadyMarks;
  /** Resolves when the relay answers; tries again as the stores do. Tells and takes nothing of other nodes yet. */
  connect(): Promise<void>;
  /** The same, and starts presence: from now on this node announces who left with others, so its store has to be there. */
  start(): Promise<void>;
  isUp(): boolean;
  close(): Promise<void>;
}

/** What a node keeps in and speaks through. */
export interface Backends {
  readonly stores: StoreBackend;
  readonly relay: RelayBackend;
}

/** The start can't succeed: `reason` decides the exit code (2: schema, 3: in use). */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly reason: 'schema_too_new' | 'data_dir_in_use' | 'configuration';

  constructor(reason: StartRefused['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
