import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { HeaderLayout } from '../../../src/protocol/layouts/message-header.ts';
import type { RoomName, UserName } from '../../../src/protocol/names.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { GivenUpEpochs } from './epoch-book.ts';
import type { ToldVersions } from './room-pins.ts';

export interface BannedUser {
  readonly user: UserName;
  readonly id: UserId;
}

/**
 * What owners and moderators may do to a room. Each resolves when it holds on the whole server, and rejects with
 * `forbidden` when the own role does not allow it. Users are names in any case; one who is not in the room is refused
 * with `no_such_member`, one who does not exist with `invalid_name`.
 */
export interface RoomActs {
  /** Owner. Rejects with `name_taken` when another room has the name. */
  rename(name: string): Promise<void>;
  /** Owner. Days; 0: nothing is stored. What is stored already follows. */
  setRetention(days: number): Promise<void>;
  /** The same in hours; `unsupported` when they are no whole days and the gateway knows only those. */
  setRetentionHours(hours: number): Promise<void>;
  /**
   * Owner. The layout of headers, which is never lowered: from 2 on each message says what its sender had seen, and members whose
   * client is of an earlier release can't read it. `unsupported` when the gateway does not offer it.
   */
  raiseHeader(layout: HeaderLayout): Promise<void>;
  /**
   * Owner. The suite, which is never lowered. In 2 a key is wrapped once for every member and epoch; what was sent before stays as it is.
   * `unsupported_version`, with the names of those members, while clients of members may not speak it, `unsupported` when the gateway does not offer it.
   */
  raiseSuite(suite: 2): Promise<void>;
  /**
   * Owner, not in direct rooms. Seconds after it was shown that a message disappears, 5 to a year, unless its sender says otherwise;
   * 0: messages stay. It is signed, so that no server makes one up. `unsupported` when the gateway does not offer it.
   */
  setLife(seconds: number): Promise<void>;
  /** Owner. Hidden rooms are left out of the public list. */
  setHidden(hidden: boolean): Promise<void>;
  /**
   * Owner. Undefined: no password any more. Resolves with the members who have to be told the new one: they can't read or
   * write what comes until they `unlock`, and have to accept it when there is none any more. Old messages stay readable.
   */
  setPassword(password: string | undefined): Promise<{ readonly toTell: readonly UserName[] }>;
  /** Owner. Ends the room for all, its stored copies included. */
  delete(): Promise<void>;
  /** Owner over all, moderators over plain members. The kicked may join again. `why` is told to the members and to who is put out. */
  kick(user: string, why?: string): Promise<void>;
  /** As `kick`, also for somebody who is no member; the banned may not join until `unban`. */
  ban(user: string, why?: string): Promise<void>;
  unban(user: string): Promise<void>;
  /** Who is banned, by name; for owners and moderators. */
  bans(): Promise<readonly BannedUser[]>;
  /** Owner. Makes a member a moderator. */
  grant(user: string): Promise<void>;
  /** Owner. Makes a moderator a plain member. */
  revoke(user: string): Promise<void>;
  /** Owner. Makes a member the owner, and oneself a moderator. */
  handOver(user: string): Promise<void>;
}

/** How a room was shown: what `trustRoom` accepts. */
export interface ShownRoom {
  /** As people are told it. */
  readonly room: ShownRoomName;
  readonly name: RoomName;
  /** Undefined for a room that the user is not in. */
  readonly id: RoomId | undefined;
  /** Number of its password setting; 0: none. */
  readonly password: number;
  /** Undefined for a room that the user is not in. */
  readonly versions: ToldVersions | undefined;
  /** What accepting the room gives up of its epochs. Undefined for a room without, or that the user is not in. */
  readonly epochs: GivenUpEpochs | undefined;
  /** The life of its messages is not the pinned one, nor one that may follow: accepting the room forgets that. */
  readonly lifeDiffers: boolean;
  /** All that differs from what is pinned, for people; undefined when nothing does. */
  readonly fault: string | undefined;
}
