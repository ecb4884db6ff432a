import type { StartPage } from '../../chat/model/model.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { cell, piece, type StyledRow } from './styled-row.ts';

const MARGIN = 2;
const margin = ' '.repeat(MARGIN);
const LABEL_COLUMNS = 12;
/** A server's reason may be as long as it likes. */
const BUSY_ROWS_MAX = 4;

/** What was settled so far, and what goes on. */
export function startRows({ lines, busy }: StartPage, columns: number): readonly StyledRow[] {
  const settled = lines.map(
    ({ label, text }): StyledRow => [
      piece(margin + label.padEnd(LABEL_COLUMNS), 'dim'),
      piece(visibleLine(text)),
    ],
  );
  const working: readonly StyledRow[] =
    busy === undefined
      ? []
      : wrapText(visibleLine(busy), columns - 2 * MARGIN)
          .slice(0, BUSY_ROWS_MAX)
          .map((text) => [piece(margin), piece(text, 'accent')]);
  return [[], ...settled, ...(working.length === 0 ? [] : [[], ...working])];
}

/** Between the longest command and what commands do. */
const GAP = 3;
const { no_room: title, no_room_commands: commands } = tuiTexts.start;
const widest = Math.max(...commands.map(([command = '']) => textWidth(command)));

/** In the place of a timeline, for somebody who is in no room. */
export function noRoomRows(columns: number): readonly StyledRow[] {
  const left = MARGIN + widest + GAP;
  return [
    [],
    [piece(margin + title, 'strong')],
    [],
    ...commands.flatMap(([command = '', about = '']) =>
      wrapText(about, columns - left - MARGIN).map(
        (text, at): StyledRow => [
          piece(at === 0 ? margin + cell(command, widest + GAP) : ' '.repeat(left), 'accent'),
          piece(text),
        ],
      ),
    ),
  ];
}
