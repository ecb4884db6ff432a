import type { RoomId, UserId } from '../protocol/ids.ts';

/** How a room's presence stands after a step. `version` rises with every change of the room's presence. */
export interface PresenceStep {
  /** What the step changed over the whole cluster; undefined: the user was, and is, online through another session. */
  readonly change: 'online' | 'offline' | undefined;
  readonly online: number;
  readonly version: number;
}

export interface PresenceChange extends PresenceStep {
  readonly room: RoomId;
  readonly user: UserId;
}

export interface RoomOnline {
  readonly online: number;
  readonly version: number;
  /** At most `usersMax` of them, none when more are online. */
  readonly users: readonly { readonly user: UserId; readonly version: number }[];
}

export interface DirectorySnapshot {
  /** Rooms with someone online, in no order. */
  readonly rooms: readonly { readonly room: RoomId; readonly online: number }[];
  /** Users with a session anywhere. */
  readonly users: number;
}

/**
 * Who is online, over all nodes. A node writes only its own absolute numbers, under a random incarnation that holds a
 * lease; the adapter remembers them and writes them all again by itself after a pause of this node or a loss of the
 * service's data. A reaper on every node removes what belongs to incarnations without a lease (within 20 s of their
 * death) and tells of it by onReaped. All methods throw Unavailable when the service does not answer; numbers set
 * meanwhile are kept and written when it is back.
 */
export interface Presence {
  /** Takes the first lease and starts heartbeat and reaper. */
  start(): Promise<void>;
  /** This node has `sessions` sessions of this user in this room (0: none any more). Calls for one (room, user) take effect in order. */
  setInRoom(room: RoomId, user: UserId, sessions: number): Promise<PresenceStep>;
  /** Several rooms of one user in one round trip; same order. */
  setInRooms(
    rooms: readonly RoomId[],
    user: UserId,
    sessions: readonly number[],
  ): Promise<readonly PresenceStep[]>;
  /** One round trip for all; same order as asked. */
  inRooms(rooms: readonly RoomId[], usersMax: number): Promise<readonly RoomOnline[]>;
  /**
   * This node has `sessions` sessions of this user altogether. Refused, with nothing changed, when that would raise the
   * user's sum over all nodes above `max`.
   */
  setSessions(user: UserId, sessions: number, max: number): Promise<'ok' | 'too_many'>;
  directory(): Promise<DirectorySnapshot>;
  /** Changes that no call of this node caused: reaped entries, and own entries written again. */
  onChange(listener: (changes: readonly PresenceChange[]) => void): void;
  /** Removes this node's lease; its entries are left to the reapers. */
  close(): Promise<void>;
}
