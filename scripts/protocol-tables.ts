import { closeCodes, errorCodes } from '../src/protocol/codes.ts';
import { events } from '../src/protocol/events.ts';
import { features } from '../src/protocol/features.ts';
import * as limits from '../src/protocol/limits.ts';
import { requests } from '../src/protocol/requests.ts';

/** The tables of PROTOCOL.md, made from the ones that the code runs on. */

function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;
const fields = (label: string): string => (label === '{}' ? '–' : code(label));

export function requestsTable(): string {
  const rows = Object.entries(requests).map(([name, { op, states, about, body, reply, errors }]) => [
    op,
    code(name),
    `${about}<br>body ${fields(body.label)}<br>reply ${fields(reply.label)}`,
    states.join(', '),
    errors.map(code).join(', ') || '–',
  ]);
  return table(['op', 'request', 'what it does, body and reply', 'in state', 'its own errors'], rows);
}

export function featuresTable(): string {
  const rows = Object.entries(features).map(([name, { since, meaning }]) => [code(name), since, meaning]);
  return table(['feature', 'since', 'what it is'], rows);
}

export function eventsTable(): string {
  const rows = Object.entries(events).map(([name, { op, about, body }]) => [
    op,
    code(name),
    name === 'deliver' ? about : `${about}<br>body ${fields(body.label)}`,
  ]);
  return table(['op', 'event', 'what it tells'], rows);
}

const retryText = {
  never: 'no',
  later: 'yes, later',
  'after-change': 'after mending what it names',
} as const;

export function errorCodesTable(): string {
  const rows = Object.entries(errorCodes).map(([name, { code: number, meaning, retry }]) => [
    number,
    code(name),
    meaning,
    retryText[retry],
  ]);
  return table(['code', 'name', 'meaning', 'can a retry help?'], rows);
}

export function closeCodesTable(): string {
  const rows = Object.entries(closeCodes).map(([name, { code: number, meaning }]) => [
    number,
    code(name),
    meaning,
    number < 3500 ? 'yes' : 'no',
  ]);
  return table(['code', 'name', 'meaning', 'reconnect?'], rows);
}

export function limitsTable(): string {
  const rows = Object.entries(limits)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => [code(name), value]);
  return table(['limit', 'value'], rows);
}
