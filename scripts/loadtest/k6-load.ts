import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayWatch, gatewayLines } from '../../loadtest/gateway-watch.ts';
import { loadAverages, machineLine } from '../../loadtest/machine.ts';
import { prepare, tooManyFrames } from '../../loadtest/prepare/prepare.ts';
import { makeFolders } from '../../src/lib/make-folders.ts';
import { refuse } from '../command-line.ts';
import { bundleK6 } from './bundle.ts';
import { K6_VERSION, k6Program } from './k6-program.ts';
import { type LoadOptions, parseLoadOptions } from './options.ts';
import { startSlowRelay } from './slow-relay.ts';
import { openTarget, type Target } from './target.ts';

const keysFile = join('.cache', 'loadtest', 'keys.json');
const PROGRESS_EVERY_MS = 5_000;
const INTERRUPTED = 130;
/** What k6 ends with when a threshold was crossed. */
const K6_THRESHOLDS_CROSSED = 99;

const say = (line: string): void => console.error(line);

/** Gives the exit code: 0 every threshold held, 1 not, or it could not be run, 2 wrong arguments, 130 interrupted. */
export async function runK6Load(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parseLoadOptions(args);
  if ('exitCode' in options) return refuse(options);
  const tooMany = tooManyFrames(options.parameters);
  if (tooMany !== undefined) {
    say(tooMany);
    return 2;
  }
  const k6 = await k6Program(say);
  if (!k6.ok) {
    say(k6.problem);
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'conclave-loadtest-'));
  try {
    return await loadTarget(options, k6.path, folder, signal);
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    say(error instanceof Error ? error.message : String(error));
    if (options.url !== undefined && String(error).includes('rate_limited'))
      say('The rate limits of that cluster are on: set CONCLAVE_RATE_…=off for the time of the load.');
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loadTarget(
  options: LoadOptions,
  k6: string,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  await using target = await openTarget(options, say);
  if (target === undefined) return 1;
  const { parameters, scenario } = options;
  await using relay =
    parameters['slow-members'] > 0
      ? await startSlowRelay(target.url, parameters['slow-bytes-per-second'])
      : undefined;
  await prepare({
    scenario: scenario.name,
    parameters,
    url: target.url,
    origin: options.origin ?? target.url,
    ...(relay !== undefined && { slowUrl: relay.url }),
    folder,
    keysFile,
    say,
    signal,
  });
  const script = join(folder, 'k6.js');
  await bundleK6(script);
  const watch = new GatewayWatch(() => target.metricsPages());
  await watch.start();
  const [startedAt, loadBefore] = [Date.now(), loadAverages()];
  const ended = new AbortController();
  const rolling = rollDuring(options, target, ended.signal);
  const progress = setInterval(() => sayProgress(watch, startedAt), PROGRESS_EVERY_MS);
  const code = await runK6(k6, script, {
    folder,
    remoteWrite: options.remoteWrite ?? target.remoteWrite,
    signal,
  });
  clearInterval(progress);
  ended.abort();
  const figures = await watch.stop();
  const rolled = await rolling;
  const lines = [
    ...(figures === undefined ? [] : gatewayLines(figures)),
    ...(rolled === undefined ? [] : [`- ${rolled}`]),
    `- load average before and after: ${loadBefore} / ${loadAverages()}`,
    `- ${machineLine(target.store)}, k6 ${K6_VERSION}`,
  ];
  console.log(lines.join('\n'));
  keepResults(options, folder, lines);
  return signal.aborted ? INTERRUPTED : exitCodeOf(code);
}

function exitCodeOf(k6Code: number): number {
  if (k6Code === K6_THRESHOLDS_CROSSED) say('A threshold was crossed: see the report.');
  else if (k6Code !== 0) say(`k6 ended with ${k6Code}`);
  return k6Code === 0 ? 0 : 1;
}

interface K6Options {
  readonly folder: string;
  readonly remoteWrite: string | undefined;
  readonly signal: AbortSignal;
}

/** Resolves with k6's exit code. At the signal k6 stops, and writes what it has measured. */
function runK6(k6: string, script: string, { folder, remoteWrite, signal }: K6Options): Promise<number> {
  const args = ['run', '--quiet', '--no-usage-report', '--no-color', '--address', ''];
  const output = remoteWrite === undefined ? [] : ['--out', 'experimental-prometheus-rw'];
  const child = spawn(k6, [...args, ...output, script], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      CONCLAVE_LOAD: resolve(folder),
      ...(remoteWrite !== undefined && remoteWriteEnv(remoteWrite)),
    },
  });
  const interrupt = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      signal.removeEventListener('abort', interrupt);
      done(code ?? 1);
    });
  });
}

function remoteWriteEnv(url: string): Record<string, string> {
  return {
    K6_PROMETHEUS_RW_SERVER_URL: url,
    K6_PROMETHEUS_RW_TREND_STATS: 'p(50),p(95),p(99),max',
    K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
    K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
  };
}

/** k6's own progress counts iterations, of which there is one. */
function sayProgress({ now }: GatewayWatch, startedAt: number): void {
  const seconds = `${Math.round((Date.now() - startedAt) / 1_000)} s`.padStart(7);
  if (now === undefined) {
    say(seconds);
    return;
  }
  const { connections, messages, deliveries, silent } = now;
  const blind = silent === 0 ? '' : `, without ${silent} of the gateways, which do not answer`;
  say(`${seconds}  ${connections} connections, ${messages} messages, ${deliveries} deliveries${blind}`);
}

/** Replaces the gateways at the time that was asked for, unless the load has ended by then. Gives a line for the report. */
async function rollDuring(
  { parameters }: LoadOptions,
  { roll }: Target,
  loadEnds: AbortSignal,
): Promise<string | undefined> {
  const afterSeconds = parameters['roll-after-seconds'];
  if (afterSeconds === 0) return undefined;
  if (roll === undefined) {
    say('Replace the gateways of that cluster yourself, one by one, while the load runs.');
    return undefined;
  }
  await pause(afterSeconds * 1_000, undefined, { signal: loadEnds }).catch(() => undefined);
  if (loadEnds.aborted) return undefined;
  const startedAt = Date.now();
  say('replacing all gateways');
  try {
    await roll();
    return `all gateways were replaced within ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`;
  } catch (error) {
    return `the gateways could not be replaced: ${String(error)}`;
  }
}

function keepResults({ out }: LoadOptions, folder: string, lines: readonly string[]): void {
  makeFolders(out, 0o777);
  const [report, summary] = [join(folder, 'report.md'), join(folder, 'summary.json')];
  // k6 may have ended before it could write them.
  if (!existsSync(report) || !existsSync(summary)) return;
  copyFileSync(summary, join(out, 'summary.json'));
  writeFileSync(join(out, 'report.md'), `${readFileSync(report, 'utf8')}\n${lines.join('\n')}\n`);
  say(`report.md and summary.json are in ${out}`);
}
