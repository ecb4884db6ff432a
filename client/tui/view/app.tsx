import { Box, Text, Transform } from 'ink';
import { createContext, memo, type ReactNode, useContext } from 'react';
import { linked } from '../../terminal/terminal-link.ts';
import type { Frame } from './frame.ts';
import type { StyledRow } from './styled-row.ts';
import { lookOf, type ThemeName } from './theme.ts';

/** What the terminal can, and what somebody wants of it. */
export interface ScreenLook {
  readonly theme: ThemeName;
  /** Addresses are links. */
  readonly links: boolean;
}

const LookContext = createContext<ScreenLook>({ theme: 'dark', links: false });

/** Rows of a screen, and pieces of a row, have no identity but their place. */
const placeKey = (at: number): string => String(at);

/** One row. A row that is the same object as before is not drawn again. */
const RowText = memo(function RowText({ row }: { readonly row: StyledRow }): ReactNode {
  const { theme, links } = useContext(LookContext);
  return (
    <Text wrap="truncate-end">
      {row.length === 0
        ? ' '
        : row.map(({ text, style, link }, at) => {
            const words = (
              <Text key={placeKey(at)} {...lookOf(theme, style)}>
                {text}
              </Text>
            );
            if (link === undefined || !links) return words;
            return (
              <Transform key={placeKey(at)} transform={(drawn) => linked(drawn, link)}>
                {words}
              </Transform>
            );
          })}
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
  look,
}: {
  readonly frame: Upper;
  readonly look: ScreenLook;
}): ReactNode {
  const { layout, title, rooms, main, members } = frame;
  return (
    <LookContext value={look}>
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
    </LookContext>
  );
}

type Lower = Pick<Frame, 'status' | 'notices' | 'input'>;

/** How things are, what was said last, and what is typed. */
export function LowerScreen({
  frame,
  look,
}: {
  readonly frame: Lower;
  readonly look: ScreenLook;
}): ReactNode {
  const { status, notices, input } = frame;
  return (
    <LookContext value={look}>
      <Box flexDirection="column">
        <Rows rows={[status]} />
        <Rows rows={notices} />
        <Rows rows={input} />
      </Box>
    </LookContext>
  );
}
