// npm start: installs, builds and runs one gateway from a clone. Only Node's own modules until packages are there.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { prepare } from './bootstrap.mjs';
import { forwardSignals } from './forward-signals.mjs';

function runGateway(args, readable) {
  // In a process group of its own, so that the terminal's Ctrl-C reaches it through here, once.
  const gateway = spawn(process.execPath, ['dist/src/main.js', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: process.platform !== 'win32',
  });
  forwardSignals(gateway);
  createInterface({ input: gateway.stdout }).on('line', (line) => process.stdout.write(readable(line)));
  return new Promise((resolve) => {
    gateway.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

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
process.exit(await runGateway(process.argv.slice(2), makeReadable(prettify)));
