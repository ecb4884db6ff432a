import type { Role } from '../../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { ShownRoomName } from '../shown-room-name.ts';

export interface OwnRoom {
  readonly room: ShownRoomName;
  readonly id: RoomId;
  readonly role: Role;
  /** The room's last position when the user joined: messages after it can be read. */
  readonly joined: number;
  /** The room's last position as this client last heard it. */
  readonly head: number;
  /** The last position marked as read; unread are at most `head - read`. */
  readonly read: number;
  /** Seconds after it was shown that a message disappears by default, as this profile has found it; 0: messages stay. */
  readonly life: number;
  /** With whom it is a direct room. */
  readonly direct?: UserId;
}

/** How messages of a room are encrypted, as far as this profile and its server know. */
export interface RoomSuite {
  readonly suite: number;
  /** Members whose long-term keys alone open the newest epoch. */
  readonly exposedBy: readonly UserName[];
  /** Members for whom the server shows no prekey of this week. */
  readonly withoutPrekeys: readonly UserName[];
}
