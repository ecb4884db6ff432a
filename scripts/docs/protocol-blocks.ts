import { events } from '../../src/protocol/events.ts';
import { requests } from '../../src/protocol/requests.ts';
import { code } from './markdown-table.ts';

/** The requests and events of PROTOCOL.md, made from the tables that the code runs on. */

function block(
  title: string,
  about: string,
  lines: readonly (readonly [name: string, value: string])[],
): string {
  const details = lines.map(([name, value]) => `${name.padEnd(8)}${shape(value, '').trimStart()}`);
  const fenced = details.length === 0 ? [] : ['', '```', ...details, '```'];
  return [`### ${title}`, '', ...sentences(about), ...fenced].join('\n');
}

/** One sentence a line: a changed sentence is then a changed line. */
function sentences(text: string): string[] {
  return text.split(/(?<=[.!?]) (?=[A-Z`])/);
}

const SHAPE_COLUMNS = 100;

/** The label of a shape, broken at the commas of its outermost brackets as long as it is too wide. */
function shape(label: string, indent: string): string {
  const open = label.search(/[[{]/);
  if (indent.length + label.length <= SHAPE_COLUMNS || open < 0) return `${indent}${label}`;
  const close = closingBracket(label, open);
  const inner = `${indent}  `;
  const parts = splitOutside(label.slice(open + 1, close)).map((part) => shape(part, inner));
  return `${indent}${label.slice(0, open + 1)}\n${parts.join(',\n')}\n${indent}${label.slice(close)}`;
}

function closingBracket(label: string, open: number): number {
  let depth = 0;
  for (let at = open; at < label.length; at++) {
    if ('[{'.includes(label.charAt(at))) depth++;
    else if (']}'.includes(label.charAt(at)) && --depth === 0) return at;
  }
  throw new Error(`${label} lacks a closing bracket`);
}

/** `a: x, b: {c: y, d: z}` as `a: x` and `b: {c: y, d: z}`. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if ('[{'.includes(text.charAt(at))) depth++;
    else if (']}'.includes(text.charAt(at))) depth--;
    else if (depth === 0 && text.startsWith(', ', at)) {
      parts.push(text.slice(from, at));
      from = at + 2;
    }
  }
  return [...parts, text.slice(from)];
}

/** A heading and a block for each request, so that each can be linked to, and read without scrolling sideways. */
export function requestBlocks(): string {
  return Object.entries(requests)
    .map(([name, { op, states, about, body, reply, errors }]) =>
      block(`${code(name)} · operation ${op}`, about, [
        ['body', body.label],
        ['reply', reply.label],
        ['errors', errors.join(', ') || 'only those of every request'],
        ['states', states.join(', ')],
      ]),
    )
    .join('\n\n');
}

export function eventBlocks(): string {
  return Object.entries(events)
    .map(([name, { op, about, body }]) =>
      block(`${code(name)} · operation ${op}`, about, name === 'deliver' ? [] : [['body', body.label]]),
    )
    .join('\n\n');
}
