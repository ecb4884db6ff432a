import { Text } from 'ink';
import { createContext, memo, type ReactNode, useContext } from 'react';
import type { StyledRow } from './styled-row.ts';
import { lookOf, type ThemeName } from './theme.ts';

export const ThemeContext = createContext<ThemeName>('dark');

/** Rows of a screen, and pieces of a row, have no identity but their place. */
const placeKey = (at: number): string => String(at);

/** One row. A row that is the same object as before is not drawn again. */
const RowText = memo(function RowText({ row }: { readonly row: StyledRow }): ReactNode {
  const theme = useContext(ThemeContext);
  return (
    <Text wrap="truncate-end">
      {row.length === 0
        ? ' '
        : row.map(({ text, style }, at) => (
            <Text key={placeKey(at)} {...lookOf(theme, style)}>
              {text}
            </Text>
          ))}
    </Text>
  );
});

/** Rows one below the other. */
export function Rows({ rows }: { readonly rows: readonly StyledRow[] }): ReactNode {
  return rows.map((row, at) => <RowText key={placeKey(at)} row={row} />);
}
