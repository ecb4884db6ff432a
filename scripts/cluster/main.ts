/** npm run cluster: the deployed cluster on this machine, without containers. See docs/operations.md. */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { requireFree } from '../../src/transport/listen.ts';
import { ListenRefused } from '../../src/transport/listen-refused.ts';
import { refuse } from '../command-line.ts';
import { prepareTestTools } from '../test-tools.ts';
import { BALANCER_HOST } from './balancer.ts';
import { type Board, ChangesBoard, LiveBoard } from './board.ts';
import { parseClusterOptions } from './cluster-options.ts';
import { runCommand } from './commands.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { LocalCluster } from './local-cluster.ts';

const LOOK_EVERY_MS = 2_000;
const EXIT_FAILED = 1;
/** As of a gateway. */
const EXIT_IN_USE = 3;

/** Gives the exit code. */
export async function runCluster(args: readonly string[]): Promise<number> {
  const options = parseClusterOptions(args);
  if ('exitCode' in options) return refuse(options);
  // Before anything is installed, which takes a minute the first time.
  const refused = await portRefusal(options.port);
  if (refused !== undefined) return refused;
  const areThere = prepareTestTools({ operations: true, engines: false }, (line) => console.error(line));
  if (!areThere) return EXIT_FAILED;
  const input = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdout.isTTY,
  });
  const ended = endOfInput(input);
  const board: Board = process.stdout.isTTY ? new LiveBoard(input) : new ChangesBoard();
  const say = (line: string): void => board.say(line);
  const started = await LocalCluster.start(options, gatewaySettings(), say).catch(failedStart);
  if (typeof started === 'number') return started;
  await using cluster = started;
  if (cluster.prometheusUrl !== undefined) say(`prometheus at ${cluster.prometheusUrl}`);
  say(`logs of the gateways: ${cluster.logDir}/gateway-N.log`);
  cluster.sayOperation();
  say(`cluster ready: ${cluster.url}`);
  const quitting = new Promise<void>((resolve) => {
    input.on('line', (line) => {
      // Never rejects. A drain takes its time; meanwhile other commands are taken.
      void runCommand(line, cluster, say).then((outcome) => {
        if (outcome === 'quit') resolve();
      });
    });
  });
  const stopping = new AbortController();
  void watch(cluster, board, stopping.signal);
  await Promise.race([quitting, ended]);
  stopping.abort();
  console.log('stopping');
  return 0;
}

/** Gives the exit code when somebody listens there; 0 is any free port. */
async function portRefusal(port: number): Promise<number | undefined> {
  try {
    if (port !== 0) await requireFree(BALANCER_HOST, port);
    return undefined;
  } catch (error) {
    return failedStart(error);
  }
}

/** Gives the exit code. */
function failedStart(error: unknown): number {
  if (error instanceof ListenRefused && error.why === 'in_use') {
    console.error(
      `Another program uses ${error.address}. Stop it, or choose another port with --port P; 0 takes a free one.`,
    );
    return EXIT_IN_USE;
  }
  console.error(error instanceof Error ? error.message : error);
  return EXIT_FAILED;
}

function endOfInput(input: ReturnType<typeof createInterface>): Promise<void> {
  return new Promise((resolve) => {
    // A terminal in raw mode gives Ctrl-C to readline, anything else to the process.
    input.once('SIGINT', resolve);
    input.once('close', resolve);
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** Never rejects. */
async function watch(cluster: LocalCluster, board: Board, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const parts = await cluster.status().catch(() => []);
    if (!signal.aborted) board.show(parts);
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
