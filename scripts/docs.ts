/**
 * npm run docs              writes the generated parts of the documentation
 * npm run docs -- --check   says which are out of date, and changes nothing
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTable } from '../src/config/config-help.ts';
import { commandsTable, optionsTable } from './command-tables.ts';
import { sessionWalkThrough } from './protocol-session.ts';
import {
  closeCodesTable,
  errorCodesTable,
  eventsTable,
  limitsTable,
  requestsTable,
  reservedTable,
} from './protocol-tables.ts';

interface GeneratedPart {
  readonly file: string;
  /** Stands in the file as `<!-- generated: NAME -->` and `<!-- end: NAME -->`. */
  readonly name: string;
  readonly render: () => string;
}

const parts: readonly GeneratedPart[] = [
  { file: 'docs/configuration.md', name: 'configuration', render: configurationTable },
  { file: 'docs/command-line.md', name: 'commands', render: commandsTable },
  { file: 'docs/command-line.md', name: 'options', render: optionsTable },
  { file: 'PROTOCOL.md', name: 'requests', render: requestsTable },
  { file: 'PROTOCOL.md', name: 'reserved', render: reservedTable },
  { file: 'PROTOCOL.md', name: 'events', render: eventsTable },
  { file: 'PROTOCOL.md', name: 'error-codes', render: errorCodesTable },
  { file: 'PROTOCOL.md', name: 'close-codes', render: closeCodesTable },
  { file: 'PROTOCOL.md', name: 'session', render: sessionWalkThrough },
  { file: 'PROTOCOL.md', name: 'limits', render: limitsTable },
];

function main(onlyCheck: boolean): number {
  let outdated = 0;
  for (const { file, name, render } of parts) {
    const before = readFileSync(file, 'utf8');
    const start = `<!-- generated: ${name} -->\n`;
    const end = `\n<!-- end: ${name} -->`;
    const [head, rest] = splitAt(before, start);
    const [, tail] = splitAt(rest ?? '', end);
    if (rest === undefined || tail === undefined) {
      console.error(`${file} lacks the marks of the generated part "${name}"`);
      return 1;
    }
    const after = `${head}${start}${render()}${end}${tail}`;
    if (after === before) continue;
    outdated += 1;
    if (onlyCheck) console.error(`${file} is out of date: run npm run docs`);
    else writeFileSync(file, after);
  }
  return onlyCheck && outdated > 0 ? 1 : 0;
}

function splitAt(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

process.exitCode = main(process.argv.includes('--check'));
