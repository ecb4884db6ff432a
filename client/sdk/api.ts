import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import type { HeaderLayout } from '../../src/protocol/layouts/message-header.ts';
import type { RoomName, UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import type { AccountBackup, AccountHandOver } from './backup/account-backup.ts';
import type { LinkTicket } from './backup/link-ticket.ts';
import type { ConnectionStatus } from './connection/link-status.ts';
import type { Contacts } from './contacts/invitation.ts';
import type { ConclaveError } from './errors.ts';
import type { Notice } from './notice.ts';
import type { KeyInfo, Person, PublishedPrekeys, Safety, ShownKey } from './people/shown.ts';
import type { Disappeared } from './rooms/disappearing-messages.ts';
import type { OwnRoom, RoomSuite } from './rooms/own-room.ts';
import type { Room } from './rooms/room.ts';
import type { ShownRoom } from './rooms/room-acts.ts';
import type { KeptRoom, RoomMessage } from './rooms/room-events.ts';
import type { FollowedState } from './state/user-settings.ts';

/**
 * The public interface of the SDK. Everything here rejects with `ConclaveError`. Times are milliseconds since 1970 UTC,
 * ids 32 hexadecimal digits, fingerprints 64. Names are accepted in any case.
 */

export interface Me {
  readonly server: Origin;
  readonly user: UserName;
  readonly id: UserId;
  readonly fingerprint: string;
}

export interface ListedRoom {
  readonly room: RoomName;
  readonly online: number;
  readonly members: number;
  readonly password: boolean;
  readonly suite: number;
}

export interface CreateOptions {
  readonly hidden?: boolean;
  /** 6–60 characters. */
  readonly password?: string;
  /** Days that copies are stored; 0: not at all. Default 30. */
  readonly retention?: number;
  /** The same in hours, in its place. */
  readonly retentionHours?: number;
  /** Layout of headers; 2: each message says what its sender had seen, and clients of earlier releases can't read it. Default 1. */
  readonly header?: HeaderLayout;
  /** 2: one key an epoch, with forward secrecy and against quantum computers; clients of earlier releases can't join. Default 1. */
  readonly suite?: 1 | 2;
}

export interface SearchOptions {
  /** Only this room's messages. */
  readonly room?: string;
  /** Default 50, at most 1,000. */
  readonly limit?: number;
}

export interface RegisterOptions {
  /** The code that a server by invitation asks for; in any case, with or without dashes. */
  readonly invite?: string;
}

/** One account on one server. */
export interface ConclaveClient {
  readonly origin: Origin;
  readonly status: ConnectionStatus;
  /** Why the server has not answered something that somebody waits for; the notice `held-up` tells it when it takes long. */
  readonly heldUp: ConclaveError | undefined;

  /** The status now, and every later one; ends after `closed`. */
  statuses(): AsyncIterableIterator<ConnectionStatus>;
  /** Ends the pause before the next attempt to connect; without effect in other states than `waiting`. */
  retryNow(): void;
  notices(): AsyncIterableIterator<Notice>;

  /** The sealed copy of the account on its server. */
  readonly backup: AccountBackup;

  /** What was read, levels of rooms, ignored people: the same on all devices of the user. */
  readonly userState: FollowedState;

  /** Direct rooms, invitations, and who may not send any. */
  readonly contacts: Contacts;

  /** Finds a new device that waits for this account, to give it the whole of it: see beginHandOver(). */
  handOver(ticket: LinkTicket): Promise<AccountHandOver>;

  /**
   * Makes the account of the keys in the storage on the server, and is connected then. The keys name the user.
   * Rejects like `connect`, and with `name_taken`, `invalid_identity`, `forbidden`, `invite_needed`.
   */
  register(options?: RegisterOptions): Promise<Me>;

  /**
   * Opens a session: by the stored token, else by the keys; then keeps it open over outages until `close`.
   * Rejects with `auth_failed`, `wrong_origin`, `unsupported_version`; with `no_connection` when `timeoutMs` has passed
   * first (it goes on trying until `close`). Without `timeoutMs` it
   * waits for ever.
   */
  connect(options?: { readonly timeoutMs?: number | undefined }): Promise<Me>;

  /** Who this client is. Rejects with `no_profile` when the account was never opened from here. */
  me(): Promise<Me>;
  /** The own keys, oldest first. */
  keys(): readonly KeyInfo[];

  /**
   * Ends presence and keeps the token for the next start. Everything that waits rejects with `closed`. If the account's prekeys are
   * being published, waits for that up to two seconds, or until `signal` is aborted.
   */
  close(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** Revokes the token of this session (`everywhere`: of all, and opened messages are no longer kept) and closes. */
  logout(options?: { readonly everywhere?: boolean }): Promise<void>;

  /**
   * Puts new keys in the place of the present ones, which sign them, and comes back with them. The old ones stay in the
   * storage, to open old copies. All other sessions end; those that share the storage come back by themselves, other
   * machines need the new keys. Rejects with `keys_replaced` when others were first, `rate_limited`, `timeout` when what
   * became of it is not known: the next `connect` finds out.
   */
  rotate(): Promise<Me>;

  /** Publishes the account's prekeys that are due. Undefined: the server stores none. */
  publishPrekeys(): Promise<PublishedPrekeys | undefined>;

  /** Closes the account for ever, its memberships with it, and this client. Own rooms pass to who joined them first. */
  closeAccount(): Promise<void>;

  /** Milliseconds of one round trip. */
  ping(): Promise<number>;

  /** The public list, most online first, with `prefix` by name, page by page as it is consumed. */
  listRooms(options?: { readonly prefix?: string }): AsyncIterableIterator<ListedRoom>;
  /** How many users are online on the server. */
  usersOnline(): Promise<number>;
  /** Rooms that the user is a member of. */
  ownRooms(): Promise<readonly OwnRoom[]>;

  /** The same as the server listed them last, which is not asked. */
  keptRooms(): Promise<readonly OwnRoom[]>;
  /** What was kept of a room; the server is not asked. `gone` is called when messages of it disappear, until the room is opened. */
  keptRoom(room: RoomId, gone: (messages: readonly Disappeared[]) => void): KeptRoom;

  /** Whether joining this room takes a password. Rooms that do not exist seem to take one. */
  lookup(room: string): Promise<{ readonly password: boolean }>;
  create(room: string, options?: CreateOptions): Promise<OwnRoom>;
  /**
   * Joining a room that one is in already is no fault. `trust` when a room that had a password, or for which one is given,
   * is said to have none.
   */
  join(room: string, password?: string): Promise<OwnRoom>;
  leave(room: string): Promise<void>;
  /** Enters a room that the user is a member of, also `@NAME`; rejects with `not_a_member` otherwise. The same object while it is open. */
  room(room: string): Promise<Room>;
  /** How a room of the user is encrypted. Enters it only if it has new epochs. */
  suiteOf(room: RoomId): Promise<RoomSuite>;
  /** How a room's name leads now, and what differs from before. */
  inspectRoom(room: string): Promise<ShownRoom>;
  /** Accepts what was shown: that the name leads to another room than before, or that the room lost its password. Asks no server. */
  trustRoom(shown: ShownRoom): Promise<void>;

  /**
   * Messages with this text in them, newest first, of those that were opened here before: the server is not asked, so it works without a
   * connection. Case, diacritics and compatible forms of letters make no difference. `usage` when no opened messages are kept.
   */
  search(text: string, options?: SearchOptions): Promise<readonly RoomMessage[]>;

  /** A user's verified chain of identities, pinned by this. Rejects with `invalid_name` when nobody has the name. */
  person(user: string): Promise<Person>;
  safetyNumber(user: string): Promise<Safety>;
  /** Marks the key that was shown as compared by people. Rejects with `trust` when it is not the accepted one; asks no server. */
  verify(shown: ShownKey): Promise<void>;
  /**
   * Accepts the changed key that was shown, and with it sending in rooms with this user again. Rejects with `trust` when
   * another one waits by now; asks no server.
   */
  trust(shown: ShownKey): Promise<void>;
}
