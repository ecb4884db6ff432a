import { chatTexts } from '../../texts/chat-texts.ts';
import { shortTime } from './dates.ts';
import { type Entry, type Ignored, isIgnored, isToRead } from './entry.ts';
import { counted, isUnread, type ReadLine, type RoomModel, type Stretch } from './room-model.ts';
import { newestSeq } from './timeline.ts';

/** The room with a line above what is unread, or without one when nothing is. */
export function withReadLine(room: RoomModel, ignored: Ignored): RoomModel {
  if (!isUnread(room)) return { ...room, readLine: undefined };
  return { ...room, readLine: lineOf(room, room.read, newest(room), ignored) };
}

/** After older messages came: the line with its new number, or none when it turns out that nothing was unread. */
export function withLineCounted(room: RoomModel, ignored: Ignored): RoomModel {
  const { readLine } = room;
  if (readLine === undefined) return room;
  const line = lineOf(room, readLine.after, readLine.through, ignored);
  return { ...room, readLine: line.unread > 0 || line.mayHaveMore ? line : undefined };
}

/**
 * These positions are before somebody's eyes. The room is read up to the last of them once everything unread before it was
 * shown too: what nobody has seen stays unread.
 */
export function seen(room: RoomModel, shown: Stretch | undefined, ignored: Ignored): RoomModel {
  if (!isUnread(room)) return readToEnd(room, ignored);
  if (shown === undefined) return room;
  const stretch = joined(room, shown, ignored);
  const isWhole = stretch.from <= room.read || !mayHoldUnread(room, room.read, stretch.from, ignored);
  const after = isWhole && stretch.to > room.read ? counted({ ...room, read: stretch.to }, ignored) : room;
  if (!isUnread(after)) return readToEnd({ ...after, seen: undefined }, ignored);
  const isKnown = room.seen?.from === stretch.from && room.seen.to === stretch.to;
  const noted = isKnown ? after : { ...after, seen: stretch };
  // More came at once than is in sight: the rest is below a line, as after an absence.
  return noted.readLine === undefined ? withReadLine(noted, ignored) : noted;
}

/** Everything that is loaded counts as read, up to the newest. */
export function readToEnd(room: RoomModel, ignored: Ignored): RoomModel {
  const end = newest(room);
  return end > room.read ? counted({ ...room, read: end, seen: undefined }, ignored) : room;
}

/** The oldest message of others that was not read; undefined when none is loaded. */
export function firstUnread({ timeline, read }: RoomModel, ignored: Ignored): Entry | undefined {
  return timeline.entries.find((entry) => isToRead(entry, ignored) && entry.seq > read);
}

/** Where what is unread begins, or began when all of it was read by now; undefined: nothing is unread, and nothing was. */
export function unreadStart({ readLine, timeline, unread, read }: RoomModel): Entry | undefined {
  const after = unread > 0 ? Math.max(read, readLine?.after ?? 0) : readLine?.after;
  if (after === undefined) return undefined;
  return timeline.entries.find((entry) => entry.kind !== 'event' && entry.seq > after);
}

/** The next mention after an entry, or the one before it; `from` undefined: after everything. Undefined: none is loaded. */
export function mentionFrom(
  { timeline: { entries } }: RoomModel,
  from: Entry | undefined,
  step: 1 | -1,
  ignored: Ignored,
): Entry | undefined {
  const known = from === undefined ? -1 : entries.lastIndexOf(from);
  const start = known < 0 ? entries.length : known;
  for (let index = start + step; index >= 0 && index < entries.length; index += step) {
    const entry = entries[index];
    if (entry?.kind === 'message' && entry.mention && !isIgnored(entry.from, ignored)) return entry;
  }
  return undefined;
}

/** Own messages, and what is done to messages, are read by whoever has read everything of others. */
export function withOwnRead(room: RoomModel, before: RoomModel, ignored: Ignored): RoomModel {
  return isUnread(before) || isUnread(room) ? room : readToEnd(room, ignored);
}

function newest({ timeline }: RoomModel): number {
  const entry = Math.max(newestSeq(timeline) ?? 0, timeline.from);
  return timeline.cutAfter === undefined ? Math.max(entry, timeline.lastAction) : entry;
}

function lineOf({ timeline }: RoomModel, after: number, through: number, ignored: Ignored): ReadLine {
  const unread = timeline.entries
    .filter((entry) => isToRead(entry, ignored))
    .filter(({ seq }) => seq > after && seq <= through);
  const [first] = unread;
  const mayHaveMore = timeline.from > after && !timeline.complete;
  return {
    // Own messages that nobody has read yet stand above it.
    after: first === undefined || mayHaveMore ? after : first.seq - 1,
    through,
    unread: unread.length,
    mayHaveMore,
    since: first?.at,
  };
}

/** What was seen before and is seen now in one, when nothing of others lies between. */
function joined(room: RoomModel, now: Stretch, ignored: Ignored): Stretch {
  const { seen: before } = room;
  if (before === undefined) return now;
  const [low, high] = before.from <= now.from ? [before, now] : [now, before];
  if (high.from > low.to && mayHoldUnread(room, low.to, high.from, ignored)) return now;
  return { from: low.from, to: Math.max(low.to, high.to) };
}

/** Whether a message of others may lie between two positions. */
function mayHoldUnread({ timeline }: RoomModel, after: number, before: number, ignored: Ignored): boolean {
  if (timeline.from > after && !timeline.complete) return true;
  return timeline.entries.some(
    (entry) => isToRead(entry, ignored) && entry.seq > after && entry.seq < before,
  );
}

/** `120 unread since 09:12`; the day stands there when it is not that of `today`. */
export function unreadLabel(
  { unread, mayHaveMore, since }: Pick<ReadLine, 'unread' | 'mayHaveMore' | 'since'>,
  today: number,
): string {
  const { status } = chatTexts;
  const count = `${unread}${mayHaveMore ? '+' : ''}`;
  return since === undefined || mayHaveMore
    ? status.unread(count)
    : status.unread_since(count, shortTime(since, today));
}
