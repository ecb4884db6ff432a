import { visibleLine } from '../../terminal/visible-text.ts';
import type { StartPage } from '../model/model.ts';
import { piece, type StyledRow } from './styled-row.ts';

const LABEL_COLUMNS = 12;

/** What was settled so far, and what goes on. */
export function startRows({ lines, busy }: StartPage): readonly StyledRow[] {
  const settled = lines.map(
    ({ label, text }): StyledRow => [
      piece(`  ${label.padEnd(LABEL_COLUMNS)}`, 'dim'),
      piece(visibleLine(text)),
    ],
  );
  const working: readonly StyledRow[] = busy === undefined ? [] : [[], [piece(`  ${busy}`, 'accent')]];
  return [[], ...settled, ...working];
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
