import { utf8 } from '../../src/protocol/bytes.ts';
import { TEXT_BYTES_MAX } from '../../src/protocol/limits.ts';
import { bytesUpTo } from '../profile/bounded-file.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { usage } from './exit-codes.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** A line with its number, from 1, and how many bytes of the input end with it. */
export interface TextLine {
  readonly text: string;
  readonly number: number;
  readonly end: number;
}

/**
 * The lines of a stream, such as messages: empty ones are skipped. Throws a usage failure that names the line when one is
 * over `bytesMax` or not UTF-8; at most that much is held of a line.
 */
export async function* textLines(
  input: AsyncIterable<Uint8Array>,
  bytesMax: number = TEXT_BYTES_MAX,
): AsyncGenerator<TextLine> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let number = 1;
  let end = 0;
  const take = (): TextLine => {
    const line = Buffer.concat(pending);
    const text = lineText(number === 1 ? withoutMark(line) : line, number, bytesMax);
    end += line.length + 1;
    const taken = { text, number, end };
    pending = [];
    pendingBytes = 0;
    number += 1;
    return taken;
  };
  for await (const chunk of input) {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      pending.push(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const line = take();
      if (line.text !== '') yield line;
    }
    pending.push(rest);
    pendingBytes += rest.length;
    if (pendingBytes > bytesMax + 1) throw tooLong(number, bytesMax);
  }
  const last = take();
  if (last.text !== '') yield last;
}

/** Some programs begin a text with a byte order mark, which is none of it. */
function withoutMark(line: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.every((byte, i) => line[i] === byte) ? line.subarray(BYTE_ORDER_MARK.length) : line;
}

function lineText(line: Uint8Array, number: number, bytesMax: number): string {
  const bytes = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  if (bytes.length > bytesMax) throw tooLong(number, bytesMax);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usage(filled(cliTexts.usage.line_not_utf8, { line: number }));
  }
}

function tooLong(number: number, bytesMax: number): Error {
  return usage(filled(cliTexts.usage.line_too_long, { line: number, size: bytesMax }));
}

/** All of a stream as one text, less one line end. Throws a usage failure when it is over TEXT_BYTES_MAX, empty, or not UTF-8. */
export async function wholeText(input: AsyncIterable<Uint8Array>): Promise<string> {
  // A mark and a line end are no part of it.
  const given = await bytesUpTo(input, TEXT_BYTES_MAX + BYTE_ORDER_MARK.length + 2);
  if (given === undefined) throw inputTooLong();
  const bytes = withoutMark(given);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw usage(cliTexts.usage.stdin_not_utf8);
  }
  if (text === '') throw usage(cliTexts.usage.stdin_empty);
  if (utf8(text).length > TEXT_BYTES_MAX) throw inputTooLong();
  return text;
}

function inputTooLong(): Error {
  return usage(filled(cliTexts.usage.stdin_too_long, { size: TEXT_BYTES_MAX }));
}
