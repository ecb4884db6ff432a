import { answered } from '../../chat/model/actions.ts';
import { activeRoom } from '../../chat/model/model.ts';
import { messageAt } from '../../chat/model/selection.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate, wrapText } from '../../terminal/wrap-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import type { ScreenModel } from '../screen-model.ts';
import { fitted, piece, type StyledRow } from './styled-row.ts';

const ROWS_MAX = 3;
/** The title, the timeline, how things are, and the input. */
const ROWS_AROUND = 4;
const MARGIN = 1;

/** Above the input: the search through the input history, or what was said last, newest first. */
export function noticeRows(model: ScreenModel): readonly StyledRow[] {
  const { notices, search, size } = model;
  const { columns, rows: height } = size;
  const rowsMax = Math.max(1, Math.min(ROWS_MAX, height - ROWS_AROUND));
  if (search !== undefined) {
    const found = search.found ?? (search.query === '' ? '' : tuiTexts.bars.nothing_found);
    return [
      fitted(
        [
          piece(` ${tuiTexts.bars.search} `, 'dim'),
          piece(visibleLine(search.query), 'accent'),
          piece(` → ${visibleLine(found)}`),
        ],
        columns,
      ),
    ];
  }
  const lines = notices.toReversed().flatMap(({ text, tone }) =>
    wrapText(visibleLine(text), columns - 2 * MARGIN).map((line) => ({
      line,
      style: tone === 'info' ? ('accent' as const) : ('warning' as const),
    })),
  );
  const intent = model.dialog === undefined ? intentText(model) : undefined;
  const above = intent === undefined ? [] : [fitted([piece(` ${intent}`, 'accent')], columns)];
  const shownLines = lines.slice(0, rowsMax).map(({ line, style }, at) => {
    const isCut = at === rowsMax - 1 && lines.length > rowsMax;
    const shown = isCut ? truncate(`${line} …`, columns - 2 * MARGIN) : line;
    return fitted([piece(' '.repeat(MARGIN)), piece(shown, style)], columns);
  });
  return [...shownLines, ...above].slice(-rowsMax);
}

/** What the text in the input is for, when it is no message of its own. */
function intentText(model: ScreenModel): string | undefined {
  const room = activeRoom(model);
  if (room?.intent === undefined) return undefined;
  const entry = messageAt(room, room.intent.seq);
  const quoted = entry && answered(entry.id, entry);
  const { answering, editing } = tuiTexts.bars;
  const cancel = model.hints.of('cancel');
  // The hint comes last, and is worth more than the rest of a long text.
  const text = truncate(visibleLine(quoted?.text ?? ''), Math.floor(model.size.columns / 2));
  return room.intent.kind === 'edit' ? editing(text, cancel) : answering(quoted?.from ?? '', text, cancel);
}
