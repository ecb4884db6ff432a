import type { Writable } from 'node:stream';
import { visibleLine } from '../terminal/visible-text.ts';
import type { CommandFailure } from './exit-codes.ts';

/** One line of `--json`: an object with its `type`. Times in it are ISO 8601, ids hexadecimal. */
export type JsonLine = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Data goes to standard output, everything else to standard error. */
export class Output {
  readonly json: boolean;
  readonly #stdout: Writable;
  readonly #stderr: Writable;

  constructor(options: { readonly json: boolean; readonly stdout: Writable; readonly stderr: Writable }) {
    this.json = options.json;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
  }

  /** The same fact in both forms; the human one may be several lines, or nothing. */
  data(line: JsonLine, human?: string): void {
    if (this.json) this.#stdout.write(`${JSON.stringify(line)}\n`);
    else if (human !== undefined) this.#stdout.write(`${human}\n`);
  }

  /** Rows under headings for people; a JSON line each for scripts, and `last` after them. */
  async table(
    headings: readonly string[],
    rows: readonly { readonly line: JsonLine; readonly cells: readonly string[] }[],
    last?: { readonly line: JsonLine; readonly human: string },
  ): Promise<void> {
    if (this.json) for (const row of rows) this.data(row.line);
    else if (rows.length > 0) {
      const { plainTable } = await import('./plain-table.ts');
      const cells = rows.map((row) => row.cells);
      this.#stdout.write(`${plainTable(headings, cells)}\n`);
    }
    if (last !== undefined) this.data(last.line, last.human);
  }

  /** For the person who watches; never part of the data. */
  note(text: string): void {
    this.#stderr.write(`${visibleLine(text)}\n`);
  }

  failure(failure: CommandFailure): void {
    this.note(failure.message);
    if (this.json) this.data({ type: 'error', code: failure.code, message: visibleLine(failure.message) });
  }
}

/** The last moment that a Date can name. */
const DATE_MS_MAX = 8_640_000_000_000_000;

/** Any time that a server may tell, in ISO 8601. */
export const isoTime = (milliseconds: number): string =>
  new Date(Math.min(milliseconds, DATE_MS_MAX)).toISOString();
