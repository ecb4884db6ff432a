#!/usr/bin/env node
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { format } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import type { Addresses, App } from './app.ts';
import { loadBackends } from './backends.ts';
import { gatewayHelp } from './config/config-help.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { refuseNode } from './config/node-version.ts';
import { readProcessConfig } from './config/process-config.ts';

const EXIT_UNEXPECTED = 1;
const EXIT_CONFIGURATION = 2;
const EXIT_IN_USE = 3;
/** SIGINT ends the process within two seconds, whatever hangs. */
const INTERRUPT_MS = 1_800;
/**
 * How far the heap may grow before all of it is marked again. V8 counts the bytes of messages on their way as heap; with
 * its own choice for a small heap, a busy gateway marked everything for each 13 MB that came in from Redis, and a
 * delivery took twice the CPU. With this room the cheap collections of young memory come first.
 */
const HEAP_GROWING_PERCENT = 200;
const WRITE_ATTEMPTS_MAX = 20;
const WRITE_PAUSE_MS = 5;

/** Gives the exit code, or undefined while the gateway runs. */
async function main(args: readonly string[]): Promise<number | undefined> {
  const [option, ...rest] = args;
  const [target] = rest;
  if (option === '--backup' && target !== undefined && rest.length === 1) return backUp(target);
  if (rest.length > 0) return usage(args);
  switch (option) {
    case undefined:
      return run();
    case '--help':
      return print(gatewayHelp());
    case '--version':
      return print(`${readVersion()}\n`);
    case '--check-config':
      return checkConfig();
    case '--web-digest':
      return printWebDigests();
    default:
      return usage(args);
  }
}

function usage(args: readonly string[]): number {
  console.error(`conclave-gateway: unknown arguments: ${args.join(' ')}. See conclave-gateway --help`);
  return EXIT_CONFIGURATION;
}

function checkConfig(): number {
  const outcome = readProcessConfig();
  if (!outcome.ok) return refuseConfiguration(outcome.problems);
  for (const warning of outcome.warnings) console.error(`conclave-gateway: warning: ${warning}`);
  return print(`${outcome.lines.join('\n')}\n`);
}

async function printWebDigests(): Promise<number> {
  const { webDigests } = await import('./page/web-page.ts');
  const digests = webDigests();
  if (digests !== undefined) return print(digests);
  console.error('conclave-gateway: the web client was not built: run npm run build');
  return EXIT_UNEXPECTED;
}

/** What an option asks for. A reader of a pipe that has enough is no fault. */
function print(text: string): number {
  const fault = writeAll(text);
  if (fault === undefined || fault.code === 'EPIPE') return 0;
  const isFull = fault.code === 'ENOSPC' || fault.code === 'EDQUOT';
  console.error(
    `conclave-gateway: standard output could not be written${isFull ? ': the disk is full' : ''}`,
  );
  return EXIT_UNEXPECTED;
}

/** Of a gateway that keeps its own store, whether it runs or not. */
async function backUp(target: string): Promise<number> {
  const outcome = readProcessConfig();
  if (!outcome.ok) return refuseConfiguration(outcome.problems);
  const program = await loadProgram();
  const problem = typeof program === 'string' ? program : await program.backUp(outcome.config, target);
  if (problem === undefined) return 0;
  console.error(`conclave-gateway: ${problem}`);
  return EXIT_CONFIGURATION;
}

function refuseConfiguration(problems: readonly string[]): number {
  for (const problem of problems) console.error(`conclave-gateway: ${problem}`);
  return EXIT_CONFIGURATION;
}

async function run(): Promise<number | undefined> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const outcome = readProcessConfig();
  if (!outcome.ok) return refuseConfiguration(outcome.problems);
  for (const warning of outcome.warnings) console.error(`conclave-gateway: warning: ${warning}`);
  const program = await loadProgram();
  if (typeof program === 'string') {
    console.error(`conclave-gateway: ${program}`);
    return EXIT_CONFIGURATION;
  }
  const app: App = new program.App({
    config: outcome.config,
    openBackends: await loadBackends(outcome.config),
    version: readVersion(),
    log: { write: writeLine },
    onDrainOrder: () => endAfter(app.drain()),
  });
  // ioredis prints its warnings, which would stand between the lines of JSON.
  console.warn = (...words: readonly unknown[]) => app.libraryWarned(format(...words));
  endOnSignals(app);
  const started = await app.start();
  switch (started.kind) {
    case 'ready':
      announce(outcome.config, started);
      return undefined;
    case 'stopped':
      return 0;
    case 'refused':
      console.error(`conclave-gateway: ${started.reason}`);
      return started.why === 'in_use' ? EXIT_IN_USE : EXIT_CONFIGURATION;
    default:
      return started satisfies never;
  }
}

/** Loaded here: the WebSocket server is a binary, and without one for this machine it can't be. Gives the reason then. */
async function loadProgram(): Promise<typeof import('./app.ts') | string> {
  const refused = refuseNode(process.versions.node, packageText(['engines', 'node']));
  if (refused !== undefined) return refused;
  try {
    return await import('./app.ts');
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `it can't be loaded on this machine (${process.platform} ${process.arch}): ${reason}`;
  }
}

/** Written at any log level: programs wait for it. */
function announce(config: GatewayConfig, { url, adminUrl, pageUrl }: Addresses): void {
  const { nodeId: node, backend } = config;
  const line = {
    level: 'info',
    time: new Date().toISOString(),
    node,
    event: 'ready',
    url,
    adminUrl,
    pageUrl,
  };
  writeLine(`${JSON.stringify({ ...line, mode: backend.mode, version: readVersion(), pid: process.pid })}\n`);
}

function endOnSignals(app: App): void {
  let terminated = false;
  // SIGHUP, whose default would end it at once, comes from those who want a configuration read again, and from a terminal that
  // was closed: neither is a reason to cut the clients off.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (terminated) process.exit(0);
      terminated = true;
      endAfter(app.drain());
    });
  process.on('SIGINT', () => {
    setTimeout(() => process.exit(0), INTERRUPT_MS).unref();
    endAfter(app.interrupt());
  });
}

function endAfter(ended: Promise<void>): void {
  ended.then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  );
}

function fail(error: unknown): never {
  console.error('conclave-gateway: unexpected:', error);
  process.exit(EXIT_UNEXPECTED);
}

/**
 * A line of the log. A reader that went away or does not read is no reason to end or to wait: the line is lost.
 */
function writeLine(line: string): void {
  writeAll(line);
}

/** Written when it returns, so that nothing is lost when the process ends; gives what was in the way. */
function writeAll(text: string): NodeJS.ErrnoException | undefined {
  const bytes = Buffer.from(text);
  let written = 0;
  let fault: NodeJS.ErrnoException | undefined;
  for (let attempt = 0; written < bytes.length && attempt < WRITE_ATTEMPTS_MAX; attempt += 1) {
    try {
      written += writeSync(1, bytes, written);
      fault = undefined;
    } catch (error) {
      fault = error instanceof Error ? error : new Error(String(error));
      // A pipe that is full for a moment.
      if (fault.code !== 'EAGAIN') return fault;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WRITE_PAUSE_MS);
    }
  }
  return fault;
}

function readVersion(): string {
  return packageText(['version']) || '0.0.0';
}

/** A text from the package that this file belongs to, built or not. Empty: it is not there. */
function packageText(path: readonly string[]): string {
  const places = ['../package.json', '../../package.json'].map((place) => new URL(place, import.meta.url));
  const file = places.find((place) => existsSync(place));
  let value: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
  for (const name of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof value === 'string' ? value : '';
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
main(process.argv.slice(2)).then((code) => {
  if (code !== undefined) process.exit(code);
}, fail);
