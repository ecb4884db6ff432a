import type { ReadLine } from '../model/room-model.ts';
import { shortTime } from './dates.ts';

/** `120 unread since 09:12`; the day stands there when it is not that of `today`. */
export function unreadLabel(
  { unread, mayHaveMore, since }: Pick<ReadLine, 'unread' | 'mayHaveMore' | 'since'>,
  today: number,
): string {
  const count = `${unread}${mayHaveMore ? '+' : ''} unread`;
  return since === undefined || mayHaveMore ? count : `${count} since ${shortTime(since, today)}`;
}
