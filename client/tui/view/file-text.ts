import type { ShownFile } from '../../chat/model/entry-file.ts';
import { fileSizes, fileStateText, percentMoved } from '../../chat/model/entry-words.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate } from '../../terminal/wrap-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';

/** Media types are shorter; senders may write anything. */
const FILE_TYPE_COLUMNS_MAX = 40;

const { timeline } = tuiTexts;

/** The row of a file. `number`: what commands call it; undefined for one of one's own on its way, which is nobody's to save yet. */
export function fileText(file: ShownFile, number: number | undefined, cancelKey: string | undefined): string {
  const { name, type, state } = file;
  const facts = [...fileSizes(file), truncate(visibleLine(type), FILE_TYPE_COLUMNS_MAX)];
  if (state !== undefined) {
    const text = fileStateText(state);
    facts.push(percentMoved(state) === undefined ? text : timeline.transfer(text, cancelKey));
  } else if (number !== undefined) facts.push(timeline.not_saved);
  return visibleLine(timeline.file(number, name, facts));
}
