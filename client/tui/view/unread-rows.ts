import { shortTime } from '../../chat/model/dates.ts';
import type { Ignored } from '../../chat/model/entry.ts';
import { firstUnread } from '../../chat/model/reading.ts';
import { isUnread, type ReadLine, type RoomModel, type Stretch } from '../../chat/model/room-model.ts';
import { ranked, rankedRow, type StyledRow } from './styled-row.ts';

/** `120 unread since 09:12`; the day stands there when it is not that of `today`. */
export function unreadLabel(
  { unread, mayHaveMore, since }: Pick<ReadLine, 'unread' | 'mayHaveMore' | 'since'>,
  today: number,
): string {
  const count = `${unread}${mayHaveMore ? '+' : ''} unread`;
  return since === undefined || mayHaveMore ? count : `${count} since ${shortTime(since, today)}`;
}

export interface BannerOptions {
  readonly room: RoomModel;
  readonly ignored: Ignored;
  /** What of the timeline is on the screen. */
  readonly shown: Stretch | undefined;
  readonly now: number;
  readonly columns: number;
}

/** In the place of the first row while unread messages lie above it; undefined when none do. */
export function unreadBanner({ room, ignored, shown, now, columns }: BannerOptions): StyledRow | undefined {
  if (shown === undefined || !isUnread(room)) return undefined;
  const first = firstUnread(room, ignored);
  const isAbove = room.mayHaveMoreUnread || (first !== undefined && 'seq' in first && first.seq < shown.from);
  if (!isAbove) return undefined;
  const since = first?.kind === 'message' ? first.at : undefined;
  const label = unreadLabel({ unread: room.unread, mayHaveMore: room.mayHaveMoreUnread, since }, now);
  const left = [
    ranked(0, `↑ ${label}`, 'selected'),
    ...(room.loading ? [ranked(1, 'loading …', 'selected')] : []),
    ranked(2, 'Alt+U shows the first', 'selected'),
    ranked(3, 'Esc marks all as read', 'selected'),
  ];
  return rankedRow({ left }, columns, { separator: ' · ', fill: 'selected' });
}
