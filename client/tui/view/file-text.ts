import type { FileState, ShownFile } from '../../chat/model/entry-file.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate } from '../../terminal/wrap-text.ts';
import { texts } from '../../texts/texts.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';

/** Media types are shorter; senders may write anything. */
const FILE_TYPE_COLUMNS_MAX = 40;

const { timeline } = tuiTexts;

/** The row of a file. `number`: what commands call it; undefined for one of one's own on its way, which is nobody's to save yet. */
export function fileText(file: ShownFile, number: number | undefined, cancelKey: string | undefined): string {
  const { name, type, size, width, height, state } = file;
  const pixels = width === undefined || height === undefined ? [] : [timeline.pixels(width, height)];
  const facts = [texts.words.size(size), ...pixels, truncate(visibleLine(type), FILE_TYPE_COLUMNS_MAX)];
  const known =
    state !== undefined ? [stateText(state, cancelKey)] : number === undefined ? [] : [timeline.not_saved];
  return visibleLine(timeline.file(number, name, [...facts, ...known]));
}

function stateText(state: FileState, cancelKey: string | undefined): string {
  switch (state.kind) {
    case 'reading':
    case 'sending':
    case 'receiving':
      return timeline.transfer(timeline.transfers[state.kind](state.percent), cancelKey);
    case 'saved':
      return timeline.saved(state.place);
    case 'opened':
    case 'gone':
    case 'altered':
      return timeline.file_states[state.kind];
    default:
      return state satisfies never;
  }
}
