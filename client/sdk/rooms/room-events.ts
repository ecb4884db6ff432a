import type { Role } from '../../../src/protocol/entities.ts';
import type { MessageId, RoomId, UserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { Trust } from '../people/trust-level.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { Expulsion, GoneReason } from './gone-room.ts';
import type { LifeFault } from './life-fault.ts';

/**
 * - `ok`: everything holds
 * - `undecryptable`: no key of ours opens it
 * - `forged`: not by the user it is said to be from, or not by an accepted key of theirs
 * - `altered`: it opens, but is not what was signed
 * - `replayed`: a copy of an earlier message
 * - `needs_password`: encrypted under a room password that is not known here
 */
export type MessageStatus = 'ok' | 'undecryptable' | 'forged' | 'altered' | 'replayed' | 'needs_password';

/**
 * `late`: the sender's clock is more than a day away. `recipients_differ`: it was encrypted for others than the members.
 * `order_contradicted`: its sender had been shown other messages, or in another order, than were shown here.
 */
export type MessageMark = 'late' | 'recipients_differ' | 'order_contradicted';

/** What everything that was sent in a room has in common. */
interface Sent {
  readonly room: ShownRoomName;
  readonly seq: number;
  readonly id: MessageId;
  readonly from: UserName;
  readonly user: UserId;
  /** When the server took it. Milliseconds since 1970 UTC, like `sentAt`. */
  readonly at: number;
  /** When its sender wrote it, as the sender signed; absent when that is about the same. */
  readonly sentAt?: number;
  readonly trust: Trust;
  /** Absent when there are none. */
  readonly marks?: readonly MessageMark[];
}

/** A message that can be read, or can't; or one of a kind that this release does not know, with what its sender offers instead. */
export interface ShownMessage extends Sent {
  readonly type: 'message';
  readonly status: MessageStatus;
  /** Only with status `ok`. As the sender wrote it: whoever shows it on a terminal masks controls. */
  readonly text?: string;
  /** Absent with status `ok`: one line of English. */
  readonly reason?: string;
  /** The message that this one answers. */
  readonly re?: MessageId;
  readonly mentions?: readonly UserId[];
  /** Names are as the sender wrote them: not to be used as paths. */
  readonly files?: readonly SharedFile[];
  /** Seconds after it was shown here at which it disappears; see Room.shown(). */
  readonly expires?: number;
  /** It did: only its place is left. */
  readonly disappeared?: true;
}

/** Something that its sender does to message `of`. What becomes of that message is up to timeline.ts. */
export type MessageAction = Sent & { readonly of: MessageId } & (
    | {
        readonly type: 'edit';
        readonly text: string;
        readonly re?: MessageId;
        readonly mentions?: readonly UserId[];
        readonly files?: readonly SharedFile[];
        readonly expires?: number;
        readonly disappeared?: true;
      }
    | { readonly type: 'retract' }
    | { readonly type: 'react'; readonly emoji: string; readonly add: boolean }
    | {
        readonly type: 'remove';
        readonly why?: string;
        /** What the sender was when it was sent, as the server says; absent: that is not known any more. */
        readonly role?: Role;
      }
  );

/** `missing` messages of this sender should stand somewhere before `seq`, and do not. */
export interface MessageGap {
  readonly type: 'gap';
  readonly room: ShownRoomName;
  readonly from: UserName;
  readonly missing: number;
  readonly seq: number;
}

export type RoomMessage = ShownMessage | MessageAction | MessageGap;

export type RoomChange =
  | {
      readonly type: 'member-joined' | 'member-left';
      readonly room: ShownRoomName;
      readonly user: UserName;
      readonly id: UserId;
    }
  /** `banned`: may not come back. */
  | ({
      readonly type: 'member-kicked';
      readonly room: ShownRoomName;
      readonly user: UserName;
      readonly id: UserId;
      readonly banned: boolean;
    } & Expulsion)
  /** The roster lists other members than this profile knew, and no event told when that changed: a while offline, or a server that hid it. */
  | {
      readonly type: 'members-differ';
      readonly room: ShownRoomName;
      readonly joined: readonly UserName[];
      readonly left: readonly UserName[];
    }
  /** The role of a member changed. */
  | {
      readonly type: 'member-role';
      readonly room: ShownRoomName;
      readonly user: UserName;
      readonly id: UserId;
      readonly role: 'owner' | 'moderator' | 'member';
    }
  /** A member has a new key; `accepted` when the old one signed it. */
  | {
      readonly type: 'key-changed';
      readonly room: ShownRoomName;
      readonly user: UserName;
      readonly accepted: boolean;
    }
  | {
      readonly type: 'presence';
      readonly room: ShownRoomName;
      readonly online: number;
      readonly users: readonly { readonly id: UserId; readonly online: boolean }[];
    }
  /** A member is typing: true for 6 seconds, or until a message of theirs comes. */
  | { readonly type: 'typing'; readonly room: ShownRoomName; readonly user: UserName; readonly id: UserId }
  /** Name, retention, listing or password are as given now. `unlocked` is false when the new password is not known here. */
  | {
      readonly type: 'room-changed';
      readonly room: ShownRoomName;
      /** The name before, when it is another one. */
      readonly formerName?: ShownRoomName;
      readonly retention: number;
      readonly retentionHours: number;
      readonly hidden: boolean;
      readonly locked: boolean;
      readonly unlocked: boolean;
      /** The layout of headers. */
      readonly header: number;
      readonly suite: number;
    }
  /** The owner set how long messages stay by default; 0: they stay. */
  | {
      readonly type: 'life-changed';
      readonly room: ShownRoomName;
      readonly user: UserName;
      readonly id: UserId;
      readonly seconds: number;
    }
  /** The server shows another such setting than the one that holds here: `seconds`, see LifeFault. */
  | {
      readonly type: 'life-refused';
      readonly room: ShownRoomName;
      readonly kind: LifeFault;
      readonly seconds: number;
    }
  /** An epoch is being made, which takes a while: `done` of `of` members have their key. The last one tells that all have. */
  | {
      readonly type: 'epoch-progress';
      readonly room: ShownRoomName;
      readonly done: number;
      readonly of: number;
    }
  /** `exposedBy` of the room is another now: members whose long-term keys alone open what is sent. */
  | { readonly type: 'exposure-changed'; readonly room: ShownRoomName }
  /** What these said, edits included, is to be shown no longer. */
  | {
      readonly type: 'messages-disappeared';
      readonly room: ShownRoomName;
      readonly messages: readonly { readonly id: MessageId; readonly user: UserId }[];
    }
  /** More came than a queue holds: read the room's state again. */
  | { readonly type: 'overflow'; readonly room: ShownRoomName }
  | ({
      readonly type: 'room-gone';
      readonly room: ShownRoomName;
      readonly id: RoomId;
      readonly reason: GoneReason;
    } & Expulsion);

/**
 * From this difference on, the sender's time is shown beside the server's. Honest clocks and a send differ by less. More is a message
 * written offline, a clock that is wrong, or a server that held a message back or lies about its time.
 */
export const WRITTEN_APART_MS = 120_000;

/** The sender's time where it differs from the server's. Both in milliseconds since 1970 UTC. */
export function writtenAt(sentAt: number, at: number): { readonly sentAt?: number } {
  return Math.abs(sentAt - at) > WRITTEN_APART_MS ? { sentAt } : {};
}

/** What this profile kept of a room, with nothing but the storage. */
export interface KeptRoom {
  readonly id: RoomId;
  /** The newest that were opened here before, oldest first, and without what was removed; none when no opened messages are kept. */
  messages(limit: number): Promise<readonly RoomMessage[]>;
  /** As `Room.shown`. */
  shown(messages: readonly RoomMessage[]): Promise<void>;
}
