import { Text } from 'ink';
import { createContext, memo, type ReactNode, useContext } from 'react';
import type { StyledRow } from './styled-row.ts';
import { lookOf, type ThemeName } from './theme.ts';

export const ThemeContext = createContext<ThemeName>('dark');

/** One row. A row that is the same object as before is not drawn again. */
const RowText = memo(function RowText({ row }: { readonly row: StyledRow }): ReactNode {
  const theme = useContext(ThemeContext);
  return (
    <Text wrap="truncate-end">
      {row.length === 0
        ? ' '
        : row.map(({ text, style }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a row have no identity but their place
            <Text key={at} {...lookOf(theme, style)}>
              {text}
            </Text>
          ))}
    </Text>
  );
});

/** Rows one below the other. */
export function Rows({ rows }: { readonly rows: readonly StyledRow[] }): ReactNode {
  return rows.map((row, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
    <RowText key={at} row={row} />
  ));
}
