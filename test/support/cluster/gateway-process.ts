import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { endsWithUs } from '../programs/at-end.ts';
import { suspend } from '../programs/suspend.ts';
import { jsonLines } from './cli-process.ts';
import { patientBackends } from './patience.ts';

interface Addresses {
  /** ws://127.0.0.1:PORT */
  readonly url: string;
  readonly adminUrl: string;
}

/** One real gateway as its own process, run from `dist` as an operator would run it. */
export interface GatewayProcess extends AsyncDisposable, Addresses {
  readonly pid: number;
  /** Every line that it logged, oldest first; at most LOG_LINES_MAX. */
  readonly logs: readonly string[];
  readonly exitCode: Promise<number>;
  /** SIGTERM: drains. Resolves with the exit code. */
  drain(): Promise<number>;
  /** SIGINT. */
  interrupt(): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  pause(): void;
  resume(): void;
  /** The text of /metrics. */
  metrics(): Promise<string>;
}

const LOG_LINES_MAX = 20_000;
const READY_DEADLINE_MS = 40_000;

export interface GatewayOptions {
  /** Where its `dist` is, in place of this project's. */
  readonly folder?: string;
  readonly cwd?: string;
  /** A command that becomes the program that its further arguments name, such as `taskset`. */
  readonly runner?: readonly string[];
  /** Starts it, with the environment that it is given, in place of this Node and `dist`. */
  readonly command?: readonly string[];
  /** Gets every line that it prints. */
  readonly onLine?: (line: string) => void;
}

/** `env`: configuration keys without the prefix CONCLAVE_. Ports are free ones, and backends have time, unless given. */
export async function startGateway(
  env: Readonly<Record<string, string>>,
  { folder = '.', cwd, runner = [], command, onLine }: GatewayOptions = {},
): Promise<GatewayProcess> {
  const usual = [...runner, process.execPath, resolve(folder, 'dist/src/main.js')];
  const [program = process.execPath, ...args] = command ?? usual;
  const child = spawn(program, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      ...prefixed({ PORT: '0', ADMIN_PORT: '0', ...patientBackends, ...env }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithUs(child, 'SIGKILL');
  const logs: string[] = [];
  const exitCode = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const started = new Promise<Addresses>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        if (logs.length < LOG_LINES_MAX) logs.push(line);
        onLine?.(line);
        const addresses = addressesIn(line);
        if (addresses !== undefined) resolve(addresses);
      });
  });
  const failed = exitCode.then((code) => {
    throw new Error(`the gateway ended with ${code}:\n${logs.join('\n')}`);
  });
  const impatience = setTimeout(() => child.kill('SIGKILL'), READY_DEADLINE_MS);
  const { url, adminUrl } = await Promise.race([started, failed]).finally(() => clearTimeout(impatience));
  const signalled = async (signal: NodeJS.Signals): Promise<number> => {
    child.kill(signal);
    return exitCode;
  };
  return {
    url,
    adminUrl,
    pid: child.pid ?? -1,
    logs,
    exitCode,
    drain: () => signalled('SIGTERM'),
    interrupt: () => signalled('SIGINT'),
    kill: async () => {
      await signalled('SIGKILL');
    },
    pause: () => {
      if (child.pid !== undefined) suspend(child.pid);
    },
    resume: () => void child.kill('SIGCONT'),
    metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await signalled('SIGKILL');
    },
  };
}

function prefixed(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([key, value]) => [`CONCLAVE_${key}`, value]));
}

/** Of the line that a gateway logs when it is ready. */
function addressesIn(line: string): Addresses | undefined {
  const [{ event, url, adminUrl } = {}] = line.includes('"ready"') ? jsonLines(line) : [];
  return event === 'ready' && typeof url === 'string' && typeof adminUrl === 'string'
    ? { url, adminUrl }
    : undefined;
}
