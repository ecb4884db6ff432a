import type { Role } from '../../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { NOTIFY_DEFAULT, type NotifyLevel } from '../../../src/protocol/layouts/user-state.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { Member } from '../../sdk/rooms/room.ts';
import type { ShownRoomName } from '../../sdk/shown-room-name.ts';
import { type Echo, type Entry, type Ignored, isToRead } from './entry.ts';
import { emptyTimeline, type Timeline } from './timeline.ts';

/** What is known of one room, and how it is shown. */
export interface RoomModel {
  readonly id: RoomId;
  readonly name: ShownRoomName;
  readonly settings: RoomSettings;
  /** It was entered: messages come. */
  readonly open: boolean;
  /** There was no connection yet: what is shown was kept by the profile. */
  readonly kept: boolean;
  /** Why it could not be entered, for people. Showing it tries again. */
  readonly fault: string | undefined;
  /** The user is no member any more; what was said stays until it is closed. */
  readonly gone: boolean;
  readonly online: number;
  /** Undefined until they were asked for. */
  readonly members: readonly Member[] | undefined;
  readonly timeline: Timeline;
  /** A page is on its way. */
  readonly loading: boolean;
  /** Undefined: the newest is in sight, and what comes moves up. */
  readonly anchor: Anchor | undefined;
  /** Messages that came while an anchor was set. */
  readonly below: number;
  /** The last position that was read. */
  readonly read: number;
  /** Undefined: nothing was unread when somebody began to look. */
  readonly readLine: ReadLine | undefined;
  /** What was looked at last, while something before it is unread. */
  readonly seen: Stretch | undefined;
  /** Messages of others after `read`, as far as they are loaded: positions say nothing about how many there are. */
  readonly unread: number;
  /** Something between `read` and what is loaded may be unread too. */
  readonly mayHaveMoreUnread: boolean;
  readonly mentions: number;
  /** Members who have their key of the epoch that is being made here; undefined: none is, or not for long. */
  readonly keying: Progress | undefined;
  /** Who is typing, as far as their clients tell; in the order in which they began. */
  readonly typing: ReadonlyMap<UserId, UserName>;
  /** The position of the message that somebody chose to act on; undefined: none. */
  readonly selected: number | undefined;
  /** Undefined: what is typed is a message of its own. */
  readonly intent: Intent | undefined;
  /** What is typed and not sent yet. */
  readonly draft: string;
  readonly notify: NotifyLevel;
  /** The user's own choice: seconds after it was shown that what is written here disappears; undefined: none was made. */
  readonly disappear: number | undefined;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
}

/** What the text in the input becomes when it is sent. */
export interface Intent {
  readonly kind: 'reply' | 'edit';
  /** The position of the message that it answers or changes. */
  readonly seq: number;
  /** What was typed before an edit began: it comes back after it. */
  readonly before: string;
}

/** Positions from the first to the last that somebody has looked at without a gap between them. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The line above the messages that were unread when somebody began to look. */
export interface ReadLine {
  /** It stands below this position. */
  readonly after: number;
  /** What came later is not counted. */
  readonly through: number;
  readonly unread: number;
  /** There may be more than that between `after` and what is loaded. */
  readonly mayHaveMore: boolean;
  /** When the oldest of them was sent, in milliseconds since 1970 UTC; undefined: none is loaded. */
  readonly since: number | undefined;
}

export interface RoomSettings {
  readonly role: Role;
  /** 0: nothing is stored. */
  readonly retentionHours: number;
  /** Seconds after it was shown that what is written here disappears by default; 0: it stays. */
  readonly life: number;
  readonly hidden: boolean;
  readonly locked: boolean;
  readonly unlocked: boolean;
  /** The layout of headers. */
  readonly header: number;
  readonly suite: number;
  /** In suite 2: whose long-term keys open what is sent now, as far as known here. */
  readonly exposedBy: readonly UserName[];
}

/** What stays where it is while messages come and older ones are loaded. */
export interface Anchor {
  readonly item: Entry | Echo;
  /** Where in sight it stands: first, in the middle, or last. */
  readonly block: 'start' | 'center' | 'end';
  /** How much of it is out of sight beyond that edge, in whatever the face measures; 0: it is whole. */
  readonly offset: number;
}

export interface RoomFacts {
  readonly id: RoomId;
  readonly name: ShownRoomName;
  readonly role: Role;
  readonly head: number;
  readonly read: number;
}

/** A room of which only the list of own rooms is known. */
export function newRoom({ id, name, role, head, read }: RoomFacts): RoomModel {
  return {
    id,
    name,
    settings: {
      role,
      retentionHours: 0,
      life: 0,
      hidden: false,
      locked: false,
      unlocked: true,
      header: 1,
      suite: 1,
      exposedBy: [],
    },
    open: false,
    kept: false,
    fault: undefined,
    gone: false,
    online: 0,
    members: undefined,
    timeline: emptyTimeline(head),
    loading: false,
    anchor: undefined,
    below: 0,
    read,
    readLine: undefined,
    seen: undefined,
    unread: 0,
    mayHaveMoreUnread: head > read,
    mentions: 0,
    keying: undefined,
    typing: new Map(),
    selected: undefined,
    intent: undefined,
    draft: '',
    notify: NOTIFY_DEFAULT,
    disappear: undefined,
  };
}

/** With the numbers of what was not read. */
export function counted(room: RoomModel, ignored: Ignored): RoomModel {
  const { unread, mayHaveMoreUnread, mentions } = countsOf(room, ignored);
  const isSame =
    unread === room.unread && mentions === room.mentions && mayHaveMoreUnread === room.mayHaveMoreUnread;
  return isSame ? room : { ...room, unread, mayHaveMoreUnread, mentions };
}

export function isUnread({ unread, mayHaveMoreUnread }: UnreadCount): boolean {
  return unread > 0 || mayHaveMoreUnread;
}

/** How much is unread: "7", "7+" while older messages are not counted, "…" while none is; empty when all is read. */
export function unreadText({ unread, mayHaveMoreUnread }: UnreadCount, shownMax: number): string {
  if (unread === 0) return mayHaveMoreUnread ? '…' : '';
  return unread > shownMax ? `${shownMax}+` : `${unread}${mayHaveMoreUnread ? '+' : ''}`;
}

type UnreadCount = Pick<RoomModel, 'unread' | 'mayHaveMoreUnread'>;

function countsOf(
  { below, read, timeline }: RoomModel,
  ignored: Ignored,
): UnreadCount & { readonly mentions: number } {
  let unread = 0;
  let mentions = 0;
  for (let i = timeline.entries.length - 1; i >= 0; i -= 1) {
    const entry = timeline.entries[i];
    if (entry === undefined || entry.kind !== 'message') continue;
    if (entry.seq <= read) break;
    if (!isToRead(entry, ignored)) continue;
    unread += 1;
    if (entry.mention) mentions += 1;
  }
  // What came while the newest were cut off is only known by its number.
  if (timeline.cutAfter !== undefined) unread += below;
  return { unread, mayHaveMoreUnread: timeline.from > read && !timeline.complete, mentions };
}

/**
 * Seconds after it was shown that what the user writes here disappears; undefined: it stays. The shorter of the own choice and the
 * room's: a choice that a device keeps may be older than what everybody in the room relies on.
 */
export function lifeIn({ disappear, settings: { life } }: RoomModel): number | undefined {
  if (life === 0) return disappear;
  return Math.min(life, disappear ?? life);
}
