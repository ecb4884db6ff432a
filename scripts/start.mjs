// npm start: installs, builds and runs one gateway from a clone. Only Node's own modules until packages are there.
import { createInterface } from 'node:readline';
import { prepare } from './bootstrap.mjs';
import { runApart } from './run-apart.mjs';

/** A log line as a person reads it; the one that says the gateway is ready becomes the welcome. */
function makeReadable(prettify) {
  return (line) => {
    const entry = parseJson(line);
    if (entry?.event === 'ready') {
      const page = entry.pageUrl === undefined ? '' : `or in a browser: ${entry.pageUrl}\n`;
      return `Conclave is ready at ${entry.url}\n${chatCommand(entry.url)}\n${page}`;
    }
    // Standard error says the same.
    if (entry?.event === 'start_refused') return '';
    return entry === undefined ? `${line}\n` : (prettify(entry) ?? '');
  };
}

function chatCommand(url) {
  const isDefault = url === 'ws://127.0.0.1:8080';
  return `npx conclave ${isDefault ? '' : `--server ${url} `}chat`;
}

function parseJson(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

if (!(await prepare())) process.exit(1);
const { prettyFactory } = await import('pino-pretty');
const prettify = prettyFactory({
  colorize: process.stdout.isTTY === true,
  ignore: 'pid,hostname',
  translateTime: 'SYS:HH:MM:ss',
});
const readable = makeReadable(prettify);
const gateway = runApart(['dist/src/main.js', ...process.argv.slice(2)], 'pipe');
createInterface({ input: gateway.stdout }).on('line', (line) => process.stdout.write(readable(line)));
process.exit(await gateway.exitCode);
