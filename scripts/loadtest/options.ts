import { Argument, type Command, Option } from 'commander';
import {
  type ParameterEntry,
  type ParameterName,
  type Parameters,
  parameterTable,
  parseParameters,
} from '../../loadtest/parameters.ts';
import { type Scenario, scenarios } from '../../loadtest/scenarios.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { parseCommand, parser, type Refusal, wholeNumber } from '../command-line.ts';

/** A cluster of its own, or one that runs. */
export interface TargetOptions {
  readonly url?: Origin;
  /** Addresses of /metrics of gateways that are not its own. */
  readonly metrics?: readonly string[];
  readonly gateways: number;
  readonly redisCluster?: boolean;
  readonly prometheus?: boolean;
}

/** What `npm run loadtest` was told. */
export interface LoadOptions extends TargetOptions {
  readonly scenario: Scenario;
  readonly parameters: Parameters;
  /** What clients say that they dialled; canonical. */
  readonly origin?: Origin;
  readonly out: string;
  /** Where k6 writes what it measures: the remote write address of a Prometheus. */
  readonly remoteWrite?: string;
}

const GATEWAYS_MAX = 50;

const origin = parser('a ws:// or wss:// address', parseOrigin);
const isHttp = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);
const pages = parser('http:// or https:// addresses, separated by commas', (text) => {
  const all = text.split(',');
  return all.every(isHttp) ? all : undefined;
});
const httpUrl = parser('an http:// or https:// address', (text) => (isHttp(text) ? text : undefined));

/** Adds the options of a target. */
export function withTarget(program: Command): Command {
  return program
    .optionsGroup('Target:')
    .option(
      '--gateways <n>',
      'number of gateways of a cluster on this machine',
      wholeNumber(1, GATEWAYS_MAX),
      2,
    )
    .option('--redis-cluster', 'three Redis nodes with sharded pub/sub instead of one')
    .option('--url <url>', 'a running gateway or balancer. Its rate limits must be off', origin)
    .option('--metrics <url,…>', '/metrics pages of its gateways, to report their CPU', pages);
}

/** Adds the options of a table of parameters. What it returns gives those that were given, as text. */
export function withParameters<Name extends string>(
  program: Command,
  table: Readonly<Record<Name, ParameterEntry>>,
): () => Partial<Record<Name, string>> {
  const entries = Object.entries<ParameterEntry>(table).map(([name, { meaning, fallback }]) => {
    const option = new Option(`--${name} <n>`, `${meaning} (${fallback})`).helpGroup('Parameters:');
    program.addOption(option);
    return [name, option.attributeName()] as const;
  });
  const given = (): [string, unknown][] =>
    entries.map(([name, attribute]) => [name, program.getOptionValue(attribute)]);
  return () => Object.fromEntries(given()) as Partial<Record<Name, string>>;
}

const about =
  'Starts a cluster on this machine with every rate limit off, prepares accounts, rooms and messages, runs k6, and ' +
  'exits with 0 if every threshold was met. CONCLAVE_… environment variables are passed to the gateways that it starts.';

const scenarioLines = scenarios.map((scenario) => `  ${scenario.name.padEnd(20)}${scenario.about}`);

/** Never throws. */
export function parseLoadOptions(args: readonly string[]): LoadOptions | Refusal {
  return parseCommand('npm run loadtest --', args, (program) => {
    program
      .description(about)
      .addArgument(new Argument('<scenario>').choices(scenarios.map(({ name }) => name)))
      .addHelpText('after', `\nScenarios, which override some parameters:\n${scenarioLines.join('\n')}`);
    withTarget(program)
      .option('--origin <url>', 'address that clients claim to have dialled, if it is not --url', origin)
      .option('--prometheus', 'run a Prometheus, to which k6 writes, too')
      .optionsGroup('Output:')
      .option('--out <dir>', 'folder for report.md and summary.json (.cache/loadtest/SCENARIO)')
      .option('--remote-write <url>', 'Prometheus to write to: http://127.0.0.1:9090/api/v1/write', httpUrl);
    const given = withParameters<ParameterName>(program, parameterTable);
    return () => {
      const scenario = scenarios.find(({ name }) => name === program.args[0]);
      if (scenario === undefined) throw new TypeError('no scenario but those was let through');
      const found = parseParameters(given(), scenario.defaults);
      if (!found.ok) return program.error(`error: ${found.problem}`);
      const out = `.cache/loadtest/${scenario.name}`;
      return { out, ...program.opts<TargetOptions>(), scenario, parameters: found.parameters };
    };
  });
}
