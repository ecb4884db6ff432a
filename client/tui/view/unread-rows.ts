import type { Ignored } from '../../chat/model/entry.ts';
import { firstUnread, unreadLabel } from '../../chat/model/reading.ts';
import { isUnread, type RoomModel, type Stretch } from '../../chat/model/room-model.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import type { KeyHints } from '../keys/key-hints.ts';
import { ranked, rankedRow, type StyledRow } from './styled-row.ts';

const { bars } = tuiTexts;

export interface BannerOptions {
  readonly room: RoomModel;
  readonly ignored: Ignored;
  /** What of the timeline is on the screen. */
  readonly shown: Stretch | undefined;
  readonly now: number;
  readonly hints: KeyHints;
  readonly columns: number;
}

/** In the place of the first row while unread messages lie above it; undefined when none do. */
export function unreadBanner({
  room,
  ignored,
  shown,
  now,
  hints,
  columns,
}: BannerOptions): StyledRow | undefined {
  if (shown === undefined || !isUnread(room)) return undefined;
  const first = firstUnread(room, ignored);
  const isAbove = room.mayHaveMoreUnread || (first !== undefined && 'seq' in first && first.seq < shown.from);
  if (!isAbove) return undefined;
  const since = first?.kind === 'message' ? first.at : undefined;
  const label = unreadLabel({ unread: room.unread, mayHaveMore: room.mayHaveMoreUnread, since }, now);
  const [jump, all] = [hints.of('jump-to-unread'), hints.of('cancel')];
  const left = [
    ranked(0, `↑ ${label}`, 'selected'),
    ...(room.loading ? [ranked(1, bars.loading, 'selected')] : []),
    ...(jump === undefined ? [] : [ranked(2, bars.shows_first(jump), 'selected')]),
    ...(all === undefined ? [] : [ranked(3, bars.marks_read(all), 'selected')]),
  ];
  return rankedRow({ left }, columns, { separator: ' · ', fill: 'selected' });
}
