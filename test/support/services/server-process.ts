import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterKill } from '../programs/after-kill.ts';
import { atEnd } from '../programs/at-end.ts';
import { suspend } from '../programs/suspend.ts';

/** A real server as a child process, with the handles that fault tests need. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now: it changes with restart(). */
  readonly pid: number;
  /** False from the end of its process, whatever ended it. */
  readonly isAlive: boolean;
  /** Ends the server and removes its data when the data folder was made for it. Safe to call twice. */
  stop(): Promise<void>;
  /** SIGKILL, resolved when the process is gone. The data stays for restart(). */
  kill(): Promise<void>;
  /** Starts the server again on the same port and data folder; kills it first when it still runs. */
  restart(): Promise<void>;
  /** SIGSTOP: the port stays open and nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
}

export interface ServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: a folder under the system's temporary one, removed by stop(). */
  readonly dir?: string;
  /** More arguments for the server's command line. */
  readonly args?: readonly string[];
}

export interface ServerRecipe {
  readonly name: string;
  /** Called at every start, so it must not depend on earlier starts. */
  command(port: number, dir: string): readonly [command: string, ...args: string[]];
  url(port: number): string;
  /** Resolves when the server answers a request; rejects when it does not yet. */
  probe(port: number): Promise<void>;
}

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 5_000;
const PORT_ATTEMPTS = 5;

/** Below the range from which Linux, macOS and Windows serve port 0 and outgoing connections. */
const portRange = { first: 10_000, end: 32_000 } as const;
/** Each worker of vitest has a part of the range to itself. */
const PORT_PARTS = 16;
const portsEach = Math.floor((portRange.end - portRange.first) / PORT_PARTS);
const ownPorts = portRange.first + (Number(process.env['VITEST_POOL_ID'] ?? 0) % PORT_PARTS) * portsEach;
let nextPort = randomInt(portsEach);

/** A port that is free, that the system gives to nobody who asks for any, and that this process gives out once. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portsEach; tries += 1) {
    const port = ownPorts + nextPort;
    nextPort = (nextPort + 1) % portsEach;
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Starts the server of a recipe and waits until it answers. */
export async function startServer(recipe: ServerRecipe, options: ServerOptions): Promise<RunningServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), `conclave-${recipe.name}-`));
  let failure: unknown;
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt += 1) {
    const port = options.port ?? (await freePort());
    const server = serverOn(port, dir, recipe, options);
    try {
      await server.restart();
      return server;
    } catch (error) {
      failure = error;
      await server.kill();
      if (options.port !== undefined) break;
    }
  }
  if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  throw failure;
}

/** It does not run yet. */
function serverOn(
  port: number,
  dir: string,
  recipe: ServerRecipe,
  { dir: givenDir, args: more = [] }: ServerOptions,
): RunningServer {
  const { name } = recipe;
  const ownsDir = givenDir === undefined;
  const logFile = join(dir, 'server.log');
  let running: ChildProcess | undefined;
  let forgetEnd: () => void = () => undefined;

  const pid = (): number => {
    if (running?.pid === undefined) throw new Error(`${name} is not running`);
    return running.pid;
  };
  const removeOwnDir = (): void => {
    if (ownsDir) rmSync(dir, { recursive: true, force: true });
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const child = running;
    running = undefined;
    forgetEnd();
    if (child?.pid === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // A stopped process does not act on SIGTERM before it continues.
    child.kill('SIGCONT');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(impatience);
  };
  const stop = async (): Promise<void> => {
    // Data in a temporary folder is thrown away, so nothing is gained by a slow, orderly end.
    await end(ownsDir ? 'SIGKILL' : 'SIGTERM');
    removeOwnDir();
  };
  const start = async (): Promise<void> => {
    const [command, ...args] = recipe.command(port, dir);
    const log = openSync(logFile, 'a');
    const child = spawn(command, [...args, ...more], { cwd: dir, stdio: ['ignore', log, log] });
    closeSync(log);
    running = child;
    const forgetEndOfUs = atEnd(() => {
      child.kill('SIGKILL');
      removeOwnDir();
    });
    const forgetKill = afterKill({
      ...(child.pid !== undefined && { pid: child.pid }),
      ...(ownsDir && { dir }),
    });
    forgetEnd = () => {
      forgetEndOfUs();
      forgetKill();
    };
    let spawnError: Error | undefined;
    child.once('error', (error) => {
      spawnError = error;
    });
    const lastLog = (): string => readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
    const deadline = Date.now() + START_DEADLINE_MS;
    for (;;) {
      if (spawnError !== undefined) throw new Error(`${command} could not be started`, { cause: spawnError });
      if (hasEnded(child)) throw new Error(`${name} ended at its start:\n${lastLog()}`);
      const answered = await recipe.probe(port).then(
        () => true,
        () => false,
      );
      // Another process on this port may be the one that answered: ours must be alive as well.
      if (answered && !hasEnded(child)) return;
      if (Date.now() > deadline) throw new Error(`${name} does not answer:\n${lastLog()}`);
      await pause(20);
    }
  };
  return {
    url: recipe.url(port),
    port,
    get pid() {
      return pid();
    },
    get isAlive() {
      return running !== undefined && !hasEnded(running);
    },
    stop,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      await start();
    },
    pause: () => suspend(pid()),
    resume: () => void process.kill(pid(), 'SIGCONT'),
    [Symbol.asyncDispose]: stop,
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
