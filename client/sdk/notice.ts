import type { RoomId } from '../../src/protocol/ids.ts';
import type { RoomName, UserName } from '../../src/protocol/names.ts';
import type { Expulsion } from './rooms/gone-room.ts';
import type { RoomChange } from './rooms/room-events.ts';

/** Things about people and rooms that concern the user outside of any one room. */
export type Notice =
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
      readonly room: RoomName;
      readonly id: RoomId;
      readonly from: number;
      readonly to: number;
    }
  /** The next message of the room is the first that these can read. */
  | { readonly type: 'new-recipients'; readonly room: RoomName; readonly users: readonly UserName[] }
  /** As the change of the room of that name, where nobody listens to the room. */
  | Extract<RoomChange, { readonly type: 'members-differ' }>
  /** A key, id or name is not what was pinned: sending in rooms with this user stops until `trust`. */
  | { readonly type: 'key-changed'; readonly user: UserName; readonly fingerprint: string }
  /** The server shows more people than a profile pins: nothing is sent to, or believed of, those who are new. */
  | { readonly type: 'people-full'; readonly peopleMax: number }
  /** The backup of the account is not what this device left: see BackupStatus. */
  | { readonly type: 'backup'; readonly state: 'rolled_back' | 'gone' | 'elsewhere' }
  /** Another session of this user joined or left a room, or somebody else ended the membership or the room. */
  | ({
      readonly type: 'own-room';
      readonly room: RoomName;
      readonly id: RoomId;
      readonly kind: 'joined' | 'left' | 'kicked' | 'banned' | 'deleted';
    } & Expulsion);
