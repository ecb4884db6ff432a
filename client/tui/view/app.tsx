import { Box, Text } from 'ink';
import { createContext, memo, type ReactNode, useContext } from 'react';
import type { Frame } from './frame.ts';
import type { StyledRow } from './styled-row.ts';
import { lookOf, type ThemeName } from './theme.ts';

const ThemeContext = createContext<ThemeName>('dark');

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
function Rows({ rows }: { readonly rows: readonly StyledRow[] }): ReactNode {
  return rows.map((row, at) => <RowText key={placeKey(at)} row={row} />);
}

const Separator = memo(function Separator({ rows }: { readonly rows: number }): ReactNode {
  return (
    <Box width={1} flexShrink={0}>
      <Text dimColor>{Array<string>(rows).fill('│').join('\n')}</Text>
    </Box>
  );
});

function Panel(props: { readonly columns: number; readonly rows: Frame['main'] }): ReactNode {
  return (
    <Box flexDirection="column" width={props.columns} flexShrink={0}>
      <Rows rows={props.rows} />
    </Box>
  );
}

type Upper = Pick<Frame, 'layout' | 'title' | 'rooms' | 'main' | 'members'>;

/** The title, and the timeline between its panels. */
export function UpperScreen({
  frame,
  theme,
}: {
  readonly frame: Upper;
  readonly theme: ThemeName;
}): ReactNode {
  const { layout, title, rooms, main, members } = frame;
  return (
    <ThemeContext value={theme}>
      <Box flexDirection="column">
        <Rows rows={[title]} />
        <Box height={layout.bodyRows} overflow="hidden">
          {rooms === undefined ? null : <Panel columns={layout.roomColumns} rows={rooms} />}
          {rooms === undefined ? null : <Separator rows={layout.bodyRows} />}
          <Panel columns={layout.mainColumns} rows={main} />
          {members === undefined ? null : <Separator rows={layout.bodyRows} />}
          {members === undefined ? null : <Panel columns={layout.memberColumns} rows={members} />}
        </Box>
      </Box>
    </ThemeContext>
  );
}

type Lower = Pick<Frame, 'status' | 'notices' | 'input'>;

/** How things are, what was said last, and what is typed. */
export function LowerScreen({
  frame,
  theme,
}: {
  readonly frame: Lower;
  readonly theme: ThemeName;
}): ReactNode {
  const { status, notices, input } = frame;
  return (
    <ThemeContext value={theme}>
      <Box flexDirection="column">
        <Rows rows={[status]} />
        <Rows rows={notices} />
        <Rows rows={input} />
      </Box>
    </ThemeContext>
  );
}
