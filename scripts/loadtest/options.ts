import { parseArgs } from 'node:util';
import {
  type ParameterName,
  type Parameters,
  parameterNames,
  parameterTable,
  parseParameters,
} from '../../loadtest/parameters.ts';
import { type Scenario, scenarios } from '../../loadtest/scenarios.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';

/** What `npm run loadtest` was told. */
export interface LoadOptions extends TargetOptions {
  readonly scenario: Scenario;
  readonly parameters: Parameters;
  /** What clients say that they dialled; canonical. */
  readonly origin: Origin | undefined;
  readonly out: string;
  /** Where k6 writes what it measures: the remote write address of a Prometheus. */
  readonly remoteWrite: string | undefined;
}

/** A cluster of its own, or one that runs. */
export interface TargetOptions {
  readonly url: Origin | undefined;
  /** Addresses of /metrics of gateways that are not its own. */
  readonly metrics: readonly string[];
  readonly gateways: number;
  readonly redisCluster: boolean;
  readonly prometheus: boolean;
}

export type ParsedLoadOptions =
  | { readonly ok: true; readonly options: LoadOptions }
  | { readonly ok: false; readonly exitCode: number; readonly text: string };

const GATEWAYS_MAX = 50;

const commonOptions = {
  url: { type: 'string' },
  metrics: { type: 'string' },
  gateways: { type: 'string', default: '2' },
  'redis-cluster': { type: 'boolean', default: false },
  prometheus: { type: 'boolean', default: false },
  origin: { type: 'string' },
  out: { type: 'string' },
  'remote-write': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

export function loadUsage(): string {
  const shown = (name: string): string => `  ${name.padEnd(28)}`;
  const scenarioLines = scenarios.map(({ name, about }) => `${shown(name)}${about}`);
  const parameterLines = parameterNames.map((name) => {
    const { fallback, meaning } = parameterTable[name];
    return `${shown(`--${name} N`)}${meaning} (${fallback})`;
  });
  return `npm run loadtest -- SCENARIO [options]

Starts a cluster on this machine with every rate limit off, prepares accounts, rooms and messages, runs k6, and exits with 0
if every threshold was met.

Scenarios:
${scenarioLines.join('\n')}

Target:
  --gateways N                Number of gateways of that cluster (2)
  --redis-cluster             Use three Redis nodes with sharded pub/sub instead of one
  --prometheus                Run a Prometheus, to which k6 writes, too
  --url URL                   Use a running cluster, such as ws://127.0.0.1:8080. Its rate limits must be off
  --origin URL                Address that clients claim to have dialled, if it is not --url
  --metrics URL,…             /metrics pages of its gateways, to report their CPU

Output:
  --out DIR                   Folder for report.md and summary.json (.cache/loadtest/SCENARIO)
  --remote-write URL          Prometheus to write to, such as http://127.0.0.1:9090/api/v1/write

Parameters, with their defaults; scenarios override some:
${parameterLines.join('\n')}

CONCLAVE_… environment variables are passed to the gateways that it starts.`;
}

/** Never throws. */
export function parseLoadOptions(args: readonly string[]): ParsedLoadOptions {
  const refused = (problem: string): ParsedLoadOptions => ({
    ok: false,
    exitCode: 2,
    text: `${problem}\nSee npm run loadtest -- --help`,
  });
  const ofParameters = Object.fromEntries(parameterNames.map((name) => [name, { type: 'string' } as const]));
  let parsed: ReturnType<typeof parseArgs>;
  try {
    const config = { args: [...args], allowPositionals: true } as const;
    parsed = parseArgs({ ...config, options: { ...commonOptions, ...ofParameters } });
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values['help'] === true) return { ok: false, exitCode: 0, text: loadUsage() };
  const scenario = scenarios.find(({ name }) => name === positionals[0]);
  if (scenario === undefined || positionals.length !== 1) {
    const known = scenarios.map(({ name }) => name).join(', ');
    return refused(`one scenario is needed: ${known}`);
  }
  const given: Partial<Record<ParameterName, string>> = {};
  for (const name of parameterNames) {
    const text = values[name];
    if (typeof text === 'string') given[name] = text;
  }
  const found = parseParameters(given, scenario.defaults);
  if (!found.ok) return refused(found.problem);
  const target = parseTarget(values);
  if (typeof target === 'string') return refused(target);
  const text = (name: keyof typeof commonOptions): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const origin = text('origin');
  if (origin !== undefined && parseOrigin(origin) === undefined)
    return refused('--origin must be a ws:// or wss:// address');
  const remoteWrite = text('remote-write');
  if (remoteWrite !== undefined && !URL.canParse(remoteWrite))
    return refused('--remote-write must be an http:// or https:// address');
  return {
    ok: true,
    options: {
      ...target,
      scenario,
      parameters: found.parameters,
      origin: origin === undefined ? undefined : parseOrigin(origin),
      out: text('out') ?? `.cache/loadtest/${scenario.name}`,
      remoteWrite,
    },
  };
}

/** Gives what is wrong as a text. */
export function parseTarget(values: Readonly<Record<string, unknown>>): TargetOptions | string {
  const { url, metrics, gateways } = values;
  if (url !== undefined && parseOrigin(url) === undefined) return '--url must be a ws:// or wss:// address';
  const pages = typeof metrics === 'string' ? metrics.split(',') : [];
  if (!pages.every((page) => /^https?:\/\//.test(page) && URL.canParse(page)))
    return '--metrics must be http:// or https:// addresses, separated by commas';
  const count = Number(gateways);
  if (!Number.isInteger(count) || count < 1 || count > GATEWAYS_MAX)
    return `--gateways must be a whole number from 1 to ${GATEWAYS_MAX}`;
  return {
    url: typeof url === 'string' ? parseOrigin(url) : undefined,
    metrics: pages,
    gateways: count,
    redisCluster: values['redis-cluster'] === true,
    prometheus: values['prometheus'] === true,
  };
}
