import type { RoomId } from '../../../src/protocol/ids.ts';
import type { NotifyLevel, UserState } from '../../../src/protocol/layouts/user-state.ts';
import type { FoldedName, UserName } from '../../../src/protocol/names.ts';

/** What follows a user to all devices. */
export interface UserSettings {
  /** The last position that was read, on whichever device. */
  readonly reads: ReadonlyMap<RoomId, number>;
  /** Rooms without an entry have the default level, `mentions`. */
  readonly levels: ReadonlyMap<RoomId, NotifyLevel>;
  readonly ignored: ReadonlySet<FoldedName>;
  /** As the user arranged them; other rooms follow by name. */
  readonly order: readonly RoomId[];
}

/** Settings that an earlier release kept in the profile. */
export type EarlierSettings = Pick<UserSettings, 'levels' | 'ignored'>;

/** Whether the server's record is what this device has; if not, why it is left alone, and the version that it has. */
export type StateStanding =
  | { readonly kind: 'kept' }
  | { readonly kind: 'refused' | 'newer'; readonly version: number };

/**
 * The settings that all devices of the user share, sealed by the account's keys and kept by the server. They are in the profile too,
 * and change there at once, whatever becomes of the connection or at a gateway that keeps none.
 */
export interface FollowedState {
  /**
   * Begins to follow what other devices change, and gives what is known by then; a server is waited for a moment only. `earlier` is
   * taken over if the profile has no settings yet.
   */
  begin(earlier: EarlierSettings): Promise<UserSettings>;
  /** As they are known here. No server is asked. */
  known(): Promise<UserSettings>;
  /** The settings, whenever some of them changed, from here or from elsewhere. */
  changes(): AsyncIterableIterator<UserSettings>;
  setLevel(room: RoomId, level: NotifyLevel): Promise<UserSettings>;
  /** Rejects with `too_large` for one person too many, of those who are and were ignored. */
  setIgnored(user: UserName, ignored: boolean): Promise<UserSettings>;
  setOrder(rooms: readonly RoomId[]): Promise<UserSettings>;
  /** Asks the server now. */
  standing(): Promise<StateStanding>;
  /**
   * Stores what is known here in the place of a record of this version that is left alone. Gives how it stands then: where the server
   * has another one by now, that one is looked at, and not replaced. Rejects with `usage` for a version that none may follow.
   */
  replace(version: number): Promise<StateStanding>;
  /** The user left it: its level is the default again. */
  forgetRoom(room: RoomId): Promise<void>;
}

export function settingsOf({ reads, levels, ignored, order }: UserState): UserSettings {
  return {
    reads,
    levels: new Map([...levels].map(([room, { value }]) => [room, value])),
    ignored: new Set([...ignored].flatMap(([name, { value }]) => (value ? [name] : []))),
    order: order.value,
  };
}
