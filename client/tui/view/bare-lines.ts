import { clockTime } from '../../chat/model/dates.ts';
import { type Echo, type Entry, isIgnored, type MessageEntry } from '../../chat/model/entry.ts';
import { insteadOfText } from '../../chat/model/entry-words.ts';
import { activeRoom } from '../../chat/model/model.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { visibleLine, visibleText } from '../../terminal/visible-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import type { ScreenModel } from '../screen-model.ts';

const { bare } = tuiTexts;

/**
 * What the room says, down to where the screen stands: each line as it was written, for the terminal to wrap, so that selecting copies
 * it in one piece. As many as fill the screen but its last row; nothing in them is for the terminal to obey.
 */
export function bareLines(model: ScreenModel): readonly string[] {
  const room = activeRoom(model);
  if (room === undefined) return [];
  const { columns, rows } = model.size;
  const items: ReadonlyArray<Entry | Echo> = [...room.timeline.entries, ...room.timeline.echoes];
  const held = room.anchor === undefined ? -1 : items.lastIndexOf(room.anchor.item);
  const lines: string[] = [];
  let left = rows - 1;
  for (let at = held < 0 ? items.length - 1 : held; at >= 0; at -= 1) {
    const item = items[at];
    if (
      item === undefined ||
      ('kind' in item && item.kind === 'message' && isIgnored(item.from, model.ignored))
    )
      continue;
    for (const line of linesOf(item).toReversed()) {
      left -= Math.max(1, Math.ceil(textWidth(line) / columns));
      if (left < 0) return lines;
      lines.unshift(line);
    }
  }
  return lines;
}

function linesOf(item: Entry | Echo): readonly string[] {
  if (!('kind' in item)) return messageLines(item.at, item.from, item.text);
  switch (item.kind) {
    case 'message':
      return item.status === 'ok' ? messageLines(item.at, item.from, shownText(item)) : [];
    case 'event':
      return [bare.event(clockTime(item.at), visibleLine(item.text))];
    case 'gap':
      return [tuiTexts.timeline.gap(item.missing, item.from)];
    default:
      return item satisfies never;
  }
}

function shownText(message: MessageEntry): string {
  const instead = insteadOfText(message);
  return instead === undefined ? message.text : visibleLine(instead);
}

function messageLines(at: number, from: string, text: string): readonly string[] {
  return visibleText(bare.message(clockTime(at), from, text)).split('\n');
}
