import type { Writable } from 'node:stream';
import { visibleLine } from '../terminal/visible-text.ts';
import { type CliTexts, cliTexts } from '../texts/cli-texts.ts';
import { type CommandFailure, rawCauseOf } from './exit-codes.ts';

/** One line of `--json`: an object with its `type`. Times in it are ISO 8601, ids hexadecimal. */
export type JsonLine = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Data goes to standard output, everything else to standard error. */
export class Output {
  readonly json: boolean;
  readonly #stdout: Writable;
  readonly #stderr: Writable;
  #progress = '';

  constructor(options: { readonly json: boolean; readonly stdout: Writable; readonly stderr: Writable }) {
    this.json = options.json;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
  }

  /** The same fact in both forms; the human one may be several lines, or nothing. */
  data(line: JsonLine, human?: string): void {
    if (this.json) this.#stdout.write(`${plainJson(line)}\n`);
    else if (human !== undefined) this.#stdout.write(`${human}\n`);
  }

  /** Rows under headings for people; a JSON line each for scripts, and `last` after them. */
  async table(
    headings: readonly (keyof CliTexts['headings'])[],
    rows: readonly { readonly line: JsonLine; readonly cells: readonly string[] }[],
    last?: { readonly line: JsonLine; readonly human: string },
  ): Promise<void> {
    if (this.json) for (const row of rows) this.data(row.line);
    else if (rows.length > 0) {
      const { plainTable } = await import('./plain-table.ts');
      const cells = rows.map((row) => row.cells);
      this.#stdout.write(
        `${plainTable(
          headings.map((heading) => cliTexts.headings[heading]),
          cells,
        )}\n`,
      );
    }
    if (last !== undefined) this.data(last.line, last.human);
  }

  /** For the person who watches; never part of the data. */
  note(text: string): void {
    const progress = this.#progress;
    this.progress(undefined);
    this.#stderr.write(`${visibleLine(text)}\n`);
    if (progress !== '') this.progress(progress);
  }

  /** A line on a terminal that the next one replaces; undefined takes it away. Elsewhere it is nothing. */
  progress(text: string | undefined): void {
    const next = text ?? '';
    if (!isTerminal(this.#stderr) || next === this.#progress) return;
    this.#progress = next;
    this.#stderr.write(`\r\x1b[K${next}`);
  }

  failure(failure: CommandFailure): void {
    const { code, message, connection, instead } = failure;
    // A file with several faults has a line for each.
    for (const line of (instead ?? message).split('\n')) this.note(line);
    if (!this.json) return;
    const cause = rawCauseOf(failure);
    this.data({ type: 'error', code, message: visibleLine(message), cause, connection });
  }
}

function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** What terminals obey, and what is invisible or turns text around, stands in JSON as escapes: it means the same. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function plainJson(line: JsonLine): string {
  return JSON.stringify(line).replace(unseen, (found) =>
    Array.from(
      { length: found.length },
      (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** The last moment that a Date can name. */
const DATE_MS_MAX = 8_640_000_000_000_000;

/** Any time that a server may tell, in ISO 8601. */
export const isoTime = (milliseconds: number): string =>
  new Date(Math.min(milliseconds, DATE_MS_MAX)).toISOString();

/** For people: where they are, to the second. */
export function localTime(milliseconds: number): string {
  const date = new Date(Math.min(milliseconds, DATE_MS_MAX));
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
