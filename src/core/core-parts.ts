import type { RelayBackend, StoreBackend } from '../ports/backend.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Rate } from '../protocol/limits.ts';

/** Wall clock: milliseconds since 1970. */
export interface WallClock {
  nowMs(): number;
}

/** What createCore() is made of. */
export interface CoreParts {
  readonly stores: StoreBackend;
  readonly relay: RelayBackend;
  readonly limits: CoreLimits;
  readonly telemetry: Telemetry;
  readonly clock: WallClock;
}

/** What an operator sets and the use cases enforce. Defaults are in the table of configuration keys. */
export interface CoreLimits {
  readonly registration: 'open' | 'invite' | 'closed';
  /** A request is answered within this time, whatever becomes of it. */
  readonly backendTimeoutMs: number;
  readonly maxRoomMembers: number;
  readonly maxEpochRoomMembers: number;
  readonly maxRoomsPerUser: number;
  readonly rateRegistrationsAddress: Rate;
  readonly rateLoginsName: Rate;
  readonly rateLoginsAddress: Rate;
  readonly ratePasswordUser: Rate;
  readonly ratePasswordShare: Rate;
  readonly ratePasswordRoom: Rate;
  readonly rateJoinsUserRoom: Rate;
  readonly rateRosterChangesUser: Rate;
  readonly rateCreatesUser: Rate;
  readonly rateLogoutsUser: Rate;
  readonly rateRotationsUser: Rate;
  readonly ratePrekeysUser: Rate;
  readonly rateBackupsUser: Rate;
  readonly rateBackupTriesName: Rate;
  readonly rateBackupTriesAddress: Rate;
  readonly rateLinksUser: Rate;
  readonly rateLinksAddress: Rate;
  readonly rateInvitesUser: Rate;
  readonly rateInvitesPair: Rate;
  readonly rateStateUser: Rate;
  readonly rateEpochsRoom: Rate;
  readonly rateRoomActsUser: Rate;
  readonly rateMessagesUser: Rate;
  readonly rateMessageBytesUser: Rate;
  readonly rateStoredBytesUser: Rate;
  readonly rateStoredBytesRoom: Rate;
  /** Of the chunks of one file together. */
  readonly maxFileBytes: number;
  /** Unfinished ones of one user. */
  readonly maxUploadsPerUser: number;
  readonly rateUploadBytesUser: Rate;
  readonly rateUploadBytesRoom: Rate;
  readonly rateUploadBytesAll: Rate;
}
