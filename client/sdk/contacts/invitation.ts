import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { RoomName, UserName } from '../../../src/protocol/names.ts';
import { hasCode } from '../errors.ts';
import type { Person } from '../people/shown.ts';
import type { Trust } from '../people/trust-level.ts';
import type { OwnRoom } from '../rooms/own-room.ts';
import type { ShownRoomName } from '../shown-room-name.ts';

/** Somebody asks the user into a room, or to talk in a direct room. Exactly what was shown is accepted. */
export interface RoomInvitation {
  readonly kind: 'room' | 'direct';
  readonly room: ShownRoomName;
  readonly id: RoomId;
  /** As the inviter signed it. */
  readonly name: RoomName;
  readonly from: UserName;
  readonly user: UserId;
  /** Of the key that signed the invitation; with kind `direct`, of the key that is accepted or waits to be. */
  readonly fingerprint: string;
  readonly trust: Trust;
  readonly password: boolean;
  /** When the server took it, in milliseconds since 1970. */
  readonly at: number;
}

export interface BlockedUser {
  readonly user: UserName;
  readonly id: UserId;
}

export type ContactNotice =
  | { readonly type: 'invited'; readonly invitation: RoomInvitation }
  /** It was answered by another session, or its room is gone. */
  | { readonly type: 'invitation-gone'; readonly id: RoomId }
  /** The server shows an invitation that this user did not sign, or not with the key that is accepted. It is not shown. */
  | { readonly type: 'invitation-unproven'; readonly from: UserName; readonly room: RoomName };

/** How people find each other. Users are names in any case. All of it needs a gateway that offers it, else rejects with `unsupported`. */
export interface Contacts {
  /**
   * The one direct room with this user, which is created if there is none. Rejects with `unreachable` when the user takes none from
   * here, `trust` while the user's key is changed, or when the server leads elsewhere.
   */
  direct(user: string): Promise<OwnRoom>;
  /** Invites to a room of the user's; the invitation is signed. Resolves with who was invited. Rejects as `direct`, and `already_a_member`. */
  invite(room: string, user: string): Promise<Person>;
  /** The invitations that wait for an answer. */
  waiting(): Promise<readonly RoomInvitation[]>;
  /** Joins the room, or keeps the direct room. */
  accept(invitation: RoomInvitation, password?: string): Promise<OwnRoom>;
  /** Of a direct room: leaves it. */
  decline(invitation: RoomInvitation): Promise<void>;
  /** No more invitations and direct rooms by this user; the direct room with the user is left. */
  block(user: string): Promise<Person>;
  unblock(user: string): Promise<Person>;
  /** By name. */
  blocked(): Promise<readonly BlockedUser[]>;
}

/** What waits; at a gateway that has no invitations, nothing does. */
export async function waitingIfOffered(contacts: Contacts): Promise<readonly RoomInvitation[]> {
  try {
    return await contacts.waiting();
  } catch (error) {
    if (hasCode(error, 'unsupported')) return [];
    throw error;
  }
}
