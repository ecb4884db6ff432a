import { cellsOf } from '../../terminal/text-width.ts';

/** Where frames go: a terminal, or what a test collects. */
export interface FrameTarget {
  readonly writableNeedDrain: boolean;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface CursorPlace {
  /** Both count from 0. */
  readonly row: number;
  readonly column: number;
}

interface Frame {
  readonly lines: readonly string[];
  readonly cursor: CursorPlace | undefined;
}

const ESC = '\u001b';
const beginUpdate = `${ESC}[?2026h`;
const endUpdate = `${ESC}[?2026l`;
const hideCursor = `${ESC}[?25l`;
const showCursor = `${ESC}[?25h`;

const plain = new RegExp(`^[${ESC} -~─│]*$`);
/** Of styles, and of the beginnings and ends of links: they take no column. */
const styleSequence = new RegExp(`${ESC}(?:\\[[\\d;]*m|\\]8;[\\x20-\\x7e]*\\x07)`, 'y');

/**
 * Puts whole frames on a screen by writing only the lines that differ from the frame before, in one write. A terminal
 * that takes its time gets the newest frame when it is ready again, and never the ones between.
 */
export class FrameWriter {
  readonly #target: FrameTarget;
  #shown: readonly (string | undefined)[] = [];
  #waiting: Frame | undefined;

  constructor(target: FrameTarget) {
    this.#target = target;
  }

  draw(text: string, cursor: CursorPlace | undefined): void {
    const frame = { lines: text.split('\n'), cursor };
    if (!this.#target.writableNeedDrain) {
      this.#write(frame);
      return;
    }
    if (this.#waiting === undefined) this.#target.once('drain', () => this.#drained());
    this.#waiting = frame;
  }

  /** The screen holds something else by now: the next frame is written whole. */
  forget(): void {
    this.#shown = [];
  }

  #drained(): void {
    const frame = this.#waiting;
    this.#waiting = undefined;
    if (frame !== undefined) this.#write(frame);
  }

  #write({ lines, cursor }: Frame): void {
    const changes: string[] = [];
    const rows = Math.max(lines.length, this.#shown.length);
    for (let row = 0; row < rows; row += 1) {
      const line = lines[row] ?? '';
      if (line !== this.#shown[row]) changes.push(`${ESC}[${row + 1};1H${ESC}[2K${pinned(line)}${ESC}[m`);
    }
    this.#shown = lines;
    const place = cursor === undefined ? '' : `${ESC}[${cursor.row + 1};${cursor.column + 1}H${showCursor}`;
    this.#target.write(`${beginUpdate}${hideCursor}${changes.join('')}${place}${endUpdate}`);
  }
}

/**
 * Terminals disagree about the width of some characters: after each that is not plain, the column is set, so that what
 * stands right of it stays where it belongs.
 */
function pinned(line: string): string {
  if (plain.test(line)) return line;
  let pinnedLine = '';
  let column = 1;
  let skipTo = 0;
  for (const { text, start, width } of cellsOf(line)) {
    if (start < skipTo) continue;
    styleSequence.lastIndex = start;
    const style = text === ESC ? styleSequence.exec(line)?.[0] : undefined;
    if (style !== undefined) {
      pinnedLine += style;
      skipTo = start + style.length;
      continue;
    }
    column += width;
    pinnedLine += plain.test(text) ? text : `${text}${ESC}[${column}G`;
  }
  return pinnedLine;
}
