import type { RoomId } from '../../src/protocol/ids.ts';
import type { UserName } from '../../src/protocol/names.ts';
import type { ContactNotice } from './contacts/invitation.ts';
import type { ConclaveError } from './errors.ts';
import type { Expulsion } from './rooms/gone-room.ts';
import type { RoomChange } from './rooms/room-events.ts';
import type { ShownRoomName } from './shown-room-name.ts';

/** What concerns the epochs of a room; the words are in client/texts. */
export type EpochEvent =
  /** Nothing is sent in the room until `trust`. */
  | 'two_epochs'
  /** An epoch is not what an honest server shows; its maker made one that does not open; it opens with nothing that is here any more. */
  | 'epoch_of_server'
  | 'epoch_of_member'
  | 'prekey_deleted'
  | 'epoch_unknown_form'
  /** The long-term keys of `users` open the epoch. */
  | 'no_forward_secrecy'
  /** `users` had prekeys, and the server shows none. */
  | 'prekeys_gone'
  /** The server shows other prekeys of this account than the profile has made. */
  | 'own_prekeys_differ'
  /** Numbers before this one are missing: a server that was put back to an earlier state. */
  | 'epochs_missing'
  /** Keys of the room's messages are kept for a shorter time from now on. */
  | 'keys_kept_shorter';

/** Things about people and rooms that concern the user outside of any one room. */
export type Notice =
  | ContactNotice
  /** A new key, signed by the old one, was taken as it should be. A verified user needs verifying again. */
  | {
      readonly type: 'key-rotated';
      readonly user: UserName;
      readonly fingerprint: string;
      readonly wasVerified: boolean;
    }
  /** The server says that the membership began later than it did: what lies between `from` and `to` is not shown any more. */
  | {
      readonly type: 'membership-moved';
      readonly room: ShownRoomName;
      readonly id: RoomId;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly type: 'epoch';
      readonly room: ShownRoomName;
      readonly id: RoomId;
      readonly kind: EpochEvent;
      readonly users: readonly UserName[];
      /** Of the epoch; with `keys_kept_shorter`, days. */
      readonly number: number;
    }
  /**
   * The server has kept somebody waiting for some seconds, and `error` says why; it is asked again all the while. Without one, nobody
   * waits for it any more, or the connection is lost, which its status tells.
   */
  | { readonly type: 'held-up'; readonly error: ConclaveError | undefined }
  /** The next message of the room is the first that these can read. */
  | { readonly type: 'new-recipients'; readonly room: ShownRoomName; readonly users: readonly UserName[] }
  /** As the change of the room of that name, where nobody listens to the room. */
  | Extract<RoomChange, { readonly type: 'members-differ' | 'life-changed' | 'life-refused' }>
  /** A key, id or name is not what was pinned: sending in rooms with this user stops until `trust`. */
  | { readonly type: 'key-changed'; readonly user: UserName; readonly fingerprint: string }
  /** The server shows more people than a profile pins: nothing is sent to, or believed of, those who are new. */
  | { readonly type: 'people-full'; readonly peopleMax: number }
  /** The backup of the account is not what this device left: see BackupStatus. */
  | { readonly type: 'backup'; readonly state: 'rolled_back' | 'gone' | 'elsewhere' }
  /**
   * The settings that the server keeps for the user's devices: it went back to earlier ones, which are replaced; what it has does not
   * open, or is of a later release, and stays as it is.
   */
  | { readonly type: 'state'; readonly kind: 'rolled_back' | 'refused' | 'newer' }
  /** Another session of this user joined or left a room, or somebody else ended the membership or the room. */
  | ({
      readonly type: 'own-room';
      readonly room: ShownRoomName;
      readonly id: RoomId;
      readonly kind: 'joined' | 'left' | 'kicked' | 'banned' | 'deleted';
    } & Expulsion);
