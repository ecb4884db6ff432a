import type { Role } from '../../src/protocol/entities.ts';
import type { MessageId, RoomId, UserId } from '../../src/protocol/ids.ts';
import type { SharedFile } from '../../src/protocol/layouts/content.ts';
import type { HeaderLayout } from '../../src/protocol/layouts/message-header.ts';
import type { RoomName, UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import type { AccountBackup, AccountHandOver } from './backup/account-backup.ts';
import type { LinkTicket } from './backup/link-ticket.ts';
import type { ConnectionStatus } from './connection/link-status.ts';
import type { Contacts } from './contacts/invitation.ts';
import type { ConclaveError } from './errors.ts';
import type { FileSink, FileSource, TransferOptions } from './files/file-source.ts';
import type { Notice } from './notice.ts';
import type { KeyInfo, Person, PublishedPrekeys, Safety, ShownKey } from './people/shown.ts';
import type { Trust } from './people/trust-level.ts';
import type { Disappeared } from './rooms/disappearing-messages.ts';
import type { OwnRoom, RoomSuite } from './rooms/own-room.ts';
import type { RoomActs, ShownRoom } from './rooms/room-acts.ts';
import type { KeptRoom, RoomChange, RoomMessage } from './rooms/room-events.ts';
import type { CarriedFiles } from './rooms/timeline.ts';
import type { ShownRoomName } from './shown-room-name.ts';
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

export interface Member {
  readonly user: UserName;
  readonly id: UserId;
  readonly role: Role;
  /** Undefined when the room has so many online that only their number is told. */
  readonly online: boolean | undefined;
  readonly trust: Trust;
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

export interface Sent {
  readonly room: ShownRoomName;
  readonly seq: number;
  readonly id: MessageId;
  readonly at: number;
}

export interface QueueOptions {
  /** Called before `send` returns, unless it refuses: the message's id, by which its copy is known when it comes back. */
  readonly onQueued?: (id: MessageId) => void;
  /** Refuse with `trust` when somebody would read this room for the first time, in place of a notice. Not for its first message. */
  readonly strict?: boolean;
}

export interface SendOptions extends QueueOptions {
  /** The message that this one answers. */
  readonly re?: MessageId;
  /** Who is meant, at most 100. */
  readonly mentions?: readonly UserId[];
  /** What `upload` gave, at most 10. With files, the text may be empty. */
  readonly files?: readonly SharedFile[];
  /**
   * Seconds after each reader was shown it at which that reader's client forgets it, from 5 to a year: clients from 0.2.0 on do.
   * An edit never makes a message stay longer. Absent: the room's default, see Room.life; 0: it stays, whatever that is.
   */
  readonly expires?: number;
}

export interface ActionOnFiles extends QueueOptions {
  /** What carriedFiles() says of the message. */
  readonly carried?: CarriedFiles;
}

export interface HistoryPage {
  /** In the order of the room, also when asked backwards. */
  readonly messages: readonly RoomMessage[];
  /** The page speaks for every position up to (`after`) or down to (`before`) this one. */
  readonly through: number;
  readonly more: boolean;
}

/** One room of the user, entered: it stays so over reconnects until `close`. */
export interface Room extends RoomActs {
  readonly id: RoomId;
  /** In the forms of ShownRoomName. */
  readonly name: ShownRoomName;
  /** With whom it is a direct room. */
  readonly direct: UserId | undefined;
  readonly role: Role;
  readonly joined: number;
  readonly head: number;
  /** Days; 0: nothing is stored. */
  readonly retention: number;
  /** Hours, of which `retention` is the days, rounded up. */
  readonly retentionHours: number;
  /** Seconds after it was shown that a message disappears by default, as the owner signed it; 0: messages stay. */
  readonly life: number;
  readonly hidden: boolean;
  /** The layout of headers, see RoomActs.raiseHeader; above the last that this client knows, it can't send. */
  readonly header: number;
  /** See RoomActs.raiseSuite. */
  readonly suite: number;
  /** In suite 2: members whose long-term keys alone open what is sent now, as far as this client knows. */
  readonly exposedBy: readonly UserName[];
  /** The room has a password. */
  readonly locked: boolean;
  /** False while the room's present password is not known here: `unlock`. */
  readonly unlocked: boolean;
  /** How many users are online in it. */
  readonly online: number;
  /** Most bytes of a file, encrypted and padded, see storedFileBytes(); undefined: without a connection, or the server takes none. */
  readonly fileBytesMax: number | undefined;

  /** Members now, by name. */
  members(): Promise<readonly Member[]>;

  /**
   * Messages after position `after` in the room's order, each exactly once, those of an outage included: first from
   * history, then live; it ends when the room is gone or closed. `joined` starts at the joining position, `now` after
   * the last message there is. May be called more than once; each has its own position. With `live: false` it ends when
   * it has caught up with the head that the room had at the call.
   */
  follow(options: {
    readonly after: number | 'joined' | 'now';
    readonly live?: boolean;
  }): AsyncIterableIterator<RoomMessage>;

  /** One page of stored copies; `limit` is at most 100. Expects one of `after` and `before`. */
  history(page: {
    readonly after?: number;
    readonly before?: number;
    readonly limit?: number;
  }): Promise<HistoryPage>;

  /** What happens in the room besides messages, from now on. Each call has its own queue. */
  changes(): AsyncIterableIterator<RoomChange>;

  /**
   * Encrypts for the members and sends. Resolves once the server has stored it; lives through outages, so it may wait
   * for long: only `close`, or a refusal that no retry can help, rejects. Messages of one room keep the order of the
   * calls. At most SENDS_QUEUED_MAX wait per room, more are refused with `usage`.
   * Refused with `trust` while a member's key is changed and not accepted, `needs_password`, `too_large`.
   */
  send(text: string, options?: SendOptions): Promise<Sent>;

  /** To be called with each key that the user types: tells the others, where the server passes it on, once in 3 seconds. */
  typing(): void;

  /**
   * Each of these is sent as a message is, and does something to message `of`: gives it another text, takes it back, or gives
   * or (`add: false`) takes back one emoji. Only the sender of a message may edit or retract it; readers refuse it to others.
   * Released clients before 0.2 can't read them.
   */
  edit(of: MessageId, text: string, options?: SendOptions): Promise<Sent>;
  /**
   * `carried`: its files, which are removed from the server, too. Rejects when that fails, though the message is taken back by then.
   */
  retract(of: MessageId, options?: ActionOnFiles): Promise<Sent>;
  /**
   * Owner and moderators: readers fold up message `of`, and may still look at its text. Readers refuse it to others. Of the files
   * that it carries, those that its sender uploaded are removed from the server, as by `retract`.
   */
  remove(of: MessageId, why?: string, options?: ActionOnFiles): Promise<Sent>;
  react(of: MessageId, emoji: string, options?: QueueOptions & { readonly add?: boolean }): Promise<Sent>;

  /**
   * Encrypts a file and stores it in the room, for a message that names it. An upload that broke off is continued when the same
   * file is uploaded again within an hour. Rejects with `too_large`, `too_many_uploads`, `forbidden` for a room that stores nothing,
   * `unsupported`, `unavailable` when the server did not answer for minutes, and the reason of the signal.
   */
  upload(source: FileSource, options?: TransferOptions): Promise<SharedFile>;
  /**
   * Writes a file of a message into `sink`. It is right only once this resolved: rejects with `trust` when the server gave anything
   * else than what was sent, with `no_such_file` when it is gone, and as `upload`.
   */
  download(file: SharedFile, sink: FileSink, options?: TransferOptions): Promise<void>;
  /**
   * Removes a file from the server, if `uploader` uploaded it: the user's own, or as owner or moderator somebody else's. A message may
   * name a file that is not its sender's, so whoever goes by one gives its sender here. That there is no such file is no fault.
   */
  discard(file: SharedFile, uploader?: UserId): Promise<void>;

  /**
   * Somebody has these before their eyes now. Those with `expires` disappear so many seconds later, here and in every other process
   * that shares the storage; `changes` tells it. What was shown before stays no longer. Own messages count from when they were sent.
   */
  shown(messages: readonly RoomMessage[]): Promise<void>;

  /** Takes the room's present password, so that its messages can be read and sent. Rejects when it is not the right one. */
  unlock(password: string): Promise<void>;

  /** The position that the user has read up to; it never goes back. Kept in the storage. */
  markRead(seq: number): Promise<void>;
  readPosition(): Promise<number>;

  /** Stops following; the membership stays. */
  close(): void;
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
