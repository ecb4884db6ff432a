import { styledCharsFromTokens, tokenize } from '@alcalzone/ansi-tokenize';
import { cellsOf } from '../client/terminal/text-width.ts';

/** As wide as a character of the fonts below at their size, so that none has to be stretched much. */
export const CELL_WIDTH_PX = 8;
const CELL_HEIGHT_PX = 18;
const FONT_PX = 13;
const MARGIN_PX = 14;

/** The sixteen colours of a terminal, as on a dark background. */
const palette = [
  ...['#21252b', '#e06c75', '#98c379', '#e5c07b', '#4f7fc4', '#c678dd', '#56b6c2', '#d7dae0'],
  ...['#6b7280', '#ff7b86', '#b5e08d', '#ffd68a', '#7fb2ff', '#dd93f0', '#7ad7e2', '#ffffff'],
];
const background = '#16181d';
const foreground = '#d7dae0';

interface Look {
  readonly color: string;
  readonly fill: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** A screen as `tmux capture-pane -e` gives it, as a picture. */
export function terminalSvg(
  screen: string,
  { title, columns, rows }: { readonly title: string; readonly columns: number; readonly rows: number },
): string {
  const width = columns * CELL_WIDTH_PX + 2 * MARGIN_PX;
  const height = rows * CELL_HEIGHT_PX + 2 * MARGIN_PX;
  const body = screen
    .split('\n')
    .slice(0, rows)
    .map((line, row) => rowOf(line, row))
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${background}"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT_PX}">
${body}</g>
</svg>
`;
}

function rowOf(line: string, row: number): string {
  const y = MARGIN_PX + row * CELL_HEIGHT_PX;
  let column = 0;
  let boxes = '';
  let texts = '';
  let run: { readonly look: Look; readonly column: number; text: string; width: number } | undefined;
  const flush = (): void => {
    if (run === undefined) return;
    const x = MARGIN_PX + run.column * CELL_WIDTH_PX;
    const { color, fill, bold, dim } = run.look;
    if (fill !== undefined)
      boxes += `<rect x="${x}" y="${y}" width="${run.width * CELL_WIDTH_PX}" height="${CELL_HEIGHT_PX}" fill="${fill}"/>\n`;
    const style = `fill="${color}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
    for (const word of wordsOf(run.text))
      texts += `<text x="${x + word.column * CELL_WIDTH_PX}" y="${y + CELL_HEIGHT_PX - 5}" textLength="${widthOf(word.text) * CELL_WIDTH_PX}" lengthAdjust="spacingAndGlyphs" ${style}>${escaped(word.text)}</text>\n`;
    run = undefined;
  };
  for (const { value, styles } of styledCharsFromTokens(tokenize(line))) {
    const look = lookOf(styles.map(({ code }) => code));
    const width = widthOf(value);
    if (run === undefined || !sameLook(run.look, look)) {
      flush();
      run = { look, column, text: '', width: 0 };
    }
    run.text += value;
    run.width += width;
    column += width;
  }
  flush();
  return boxes + texts;
}

/**
 * What stands between spaces, each with its column. An SVG text collapses its spaces unless every viewer honours
 * `white-space` or `xml:space`, and then stretches what is left over the whole length; no text here has any.
 */
function wordsOf(text: string): readonly { readonly text: string; readonly column: number }[] {
  return [...text.matchAll(/[^ ]+/g)].map((found) => ({
    text: found[0],
    column: widthOf(text.slice(0, found.index)),
  }));
}

function widthOf(text: string): number {
  return [...cellsOf(text)].reduce((sum, cell) => sum + cell.width, 0);
}

function lookOf(codes: readonly string[]): Look {
  let color = foreground;
  let fill: string | undefined;
  let [bold, dim, inverse] = [false, false, false];
  for (const code of codes) {
    const number = Number(code.slice(2, -1));
    if (number === 1) bold = true;
    else if (number === 2) dim = true;
    else if (number === 7) inverse = true;
    else if (number >= 30 && number <= 37) color = palette[number - 30] ?? color;
    else if (number >= 90 && number <= 97) color = palette[number - 90 + 8] ?? color;
    else if (number >= 40 && number <= 47) fill = palette[number - 40];
    else if (number >= 100 && number <= 107) fill = palette[number - 100 + 8];
  }
  return inverse ? { color: fill ?? background, fill: color, bold, dim } : { color, fill, bold, dim };
}

function sameLook(a: Look, b: Look): boolean {
  return a.color === b.color && a.fill === b.fill && a.bold === b.bold && a.dim === b.dim;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
