import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate, wrapText } from '../../terminal/wrap-text.ts';
import type { ScreenModel } from '../screen-model.ts';
import { fitted, piece, type StyledRow } from './styled-row.ts';

const ROWS_MAX = 3;
/** The title, the timeline, how things are, and the input. */
const ROWS_AROUND = 4;
const MARGIN = 1;

/** Above the input: the search through the input history, or what was said last, newest first. */
export function noticeRows({ notices, search, size }: ScreenModel): readonly StyledRow[] {
  const { columns, rows: height } = size;
  const rowsMax = Math.max(1, Math.min(ROWS_MAX, height - ROWS_AROUND));
  if (search !== undefined) {
    const found = search.found ?? (search.query === '' ? '' : 'nothing was written like this');
    return [
      fitted(
        [
          piece(' search: ', 'dim'),
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
  return lines.slice(0, rowsMax).map(({ line, style }, at) => {
    const isCut = at === rowsMax - 1 && lines.length > rowsMax;
    const shown = isCut ? truncate(`${line} …`, columns - 2 * MARGIN) : line;
    return fitted([piece(' '.repeat(MARGIN)), piece(shown, style)], columns);
  });
}
