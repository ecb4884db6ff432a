import type { StartPage } from '../../chat/model/model.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { piece, type StyledRow } from './styled-row.ts';

const MARGIN = 2;
const LABEL_COLUMNS = 12;
/** A server's reason may be as long as it likes. */
const BUSY_ROWS_MAX = 4;

/** What was settled so far, and what goes on. */
export function startRows({ lines, busy }: StartPage, columns: number): readonly StyledRow[] {
  const settled = lines.map(
    ({ label, text }): StyledRow => [
      piece(' '.repeat(MARGIN) + label.padEnd(LABEL_COLUMNS), 'dim'),
      piece(visibleLine(text)),
    ],
  );
  const working: readonly StyledRow[] =
    busy === undefined
      ? []
      : wrapText(visibleLine(busy), columns - 2 * MARGIN)
          .slice(0, BUSY_ROWS_MAX)
          .map((text) => [piece(' '.repeat(MARGIN)), piece(text, 'accent')]);
  return [[], ...settled, ...(working.length === 0 ? [] : [[], ...working])];
}

/** In the place of a timeline, for somebody who is in no room. */
export const noRoomRows: readonly StyledRow[] = [
  [],
  [piece('  You are in no room yet.', 'strong')],
  [],
  [piece('  /rooms', 'accent'), piece('         what there is, and how many are in it')],
  [piece('  /join NAME', 'accent'), piece('     goes into a room')],
  [piece('  /create NAME', 'accent'), piece('   makes one that is yours')],
  [piece('  /help', 'accent'), piece('          all commands and keys; also F1')],
];
