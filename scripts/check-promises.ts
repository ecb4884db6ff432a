/** Holds SECURITY.md against the tests that it names: every promise has one, and every title is that of a test. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const DOCUMENT = 'SECURITY.md';
/** The heading of the column with tests; every row of such a table is a promise. */
const PROOF_HEADING = 'proved by';

/** `[label]: path "title"`, a reference definition of Markdown. */
const definition = /^\[([^\]]+)\]: (\S+)(?: "(.*)")?$/gm;
const reference = /\]\[([^\]]+)\]/g;
/** A whole file as a proof. */
const fileLink = /\]\((\S+\.test\.ts)\)/g;

/** What is wrong, one sentence each; `baseDir` is the folder of the document, from which it names tests. */
export function promiseFaults(document: string, baseDir: string): readonly string[] {
  const definitions = [...document.matchAll(definition)];
  const labels = new Set(definitions.map(([, label]) => label));
  const used = new Set([...document.matchAll(reference)].map(([, label]) => label));
  const files = [...document.matchAll(fileLink)].map(([, file = '']) => file);
  return [
    ...definitions.flatMap(([, label = '', file = '', title]) => [
      ...(used.has(label) ? [] : [`[${label}] is defined and nowhere used`]),
      ...titleFaults(label, join(baseDir, file), title),
    ]),
    ...[...used].filter((label) => !labels.has(label)).map((label) => `[${label}] is not defined`),
    ...files.filter((file) => !existsSync(join(baseDir, file))).map((file) => `${file} does not exist`),
    ...unprovedRows(document).map((row) => `no test is named for: ${row}`),
  ];
}

function titleFaults(label: string, path: string, title: string | undefined): readonly string[] {
  if (!existsSync(path)) return [`[${label}]: ${path} does not exist`];
  if (title === undefined) return [`[${label}] names no test`];
  return hasTest(readFileSync(path, 'utf8'), title) ? [] : [`[${label}]: ${path} has no test "${title}"`];
}

/** Whether a source has a test with this title: the first argument of a call, before its body. */
function hasTest(source: string, title: string): boolean {
  const quoted = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'");
  return new RegExp(`\\(\\s*(['"\`])${quoted}\\1,`).test(source);
}

function unprovedRows(document: string): readonly string[] {
  const unproved: string[] = [];
  let isProved = false;
  for (const line of document.split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').map((cell) => cell.trim()) : [];
    const last = cells.at(-2);
    if (last === undefined) isProved = false;
    else if (last.startsWith(PROOF_HEADING)) isProved = true;
    else if (isProved && !/^-+$/.test(last) && !/\]\[|\]\(/.test(last)) unproved.push(cells[1] ?? '');
  }
  return unproved;
}

function main(): number {
  const faults = promiseFaults(readFileSync(DOCUMENT, 'utf8'), process.cwd());
  for (const fault of faults) console.error(`${DOCUMENT}: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = main();
