import type { Role } from '../../../src/protocol/entities.ts';
import type { MessageId, RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { FileSink, FileSource, TransferOptions } from '../files/file-source.ts';
import type { Trust } from '../people/trust-level.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { RoomActs } from './room-acts.ts';
import type { RoomChange, RoomMessage } from './room-events.ts';
import type { CarriedFiles } from './timeline.ts';

export interface Member {
  readonly user: UserName;
  readonly id: UserId;
  readonly role: Role;
  /** Undefined when the room has so many online that only their number is told. */
  readonly online: boolean | undefined;
  readonly trust: Trust;
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
