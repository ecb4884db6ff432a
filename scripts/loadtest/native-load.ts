import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAverages, machineLine } from '../../loadtest/machine.ts';
import { deliver, type NativeTarget } from '../../loadtest/native/deliver.ts';
import {
  type DeliverParameters,
  deliverParameters,
  type ReconnectParameters,
  reconnectParameters,
} from '../../loadtest/native/native-parameters.ts';
import {
  deliverReport,
  deliverVerdicts,
  reconnectReport,
  suiteLine,
} from '../../loadtest/native/native-report.ts';
import { reconnect } from '../../loadtest/native/reconnect.ts';
import { readParameters } from '../../loadtest/parameters.ts';
import { makeFolders } from '../../src/lib/make-folders.ts';
import { connectionsWithinFileLimit } from '../../src/transport/file-limit.ts';
import { parseCommand, type Refusal, refuse } from '../command-line.ts';
import { type TargetOptions, withParameters, withTarget } from './options.ts';
import { openTarget } from './target.ts';

const INTERRUPTED = 130;
const say = (line: string): void => console.error(line);

const acts = {
  deliver: {
    about: 'Thousands of receivers count what members send at fixed times: latency, loss, CPU per delivery.',
    table: deliverParameters,
  },
  reconnect: {
    about: 'All clients are cut off at once and resume with their tokens: time, CPU, store reads.',
    table: reconnectParameters,
  },
} as const;
type Act = keyof typeof acts;

interface NativeOptions {
  readonly act: Act;
  readonly target: TargetOptions;
  readonly given: Readonly<Partial<Record<string, string>>>;
  readonly out: string;
}

const about =
  'Starts a cluster on this machine with every rate limit off, and loads its gateways directly, bypassing HAProxy.';

const exits = `
Exit codes: 0 every message was accepted in time and delivered once, or everybody came back; 1 otherwise, or if the run
failed; 2 wrong arguments; 130 interrupted.`;

function parseNative(args: readonly string[]): NativeOptions | Refusal {
  return parseCommand('npm run loadtest:native --', args, (program) => {
    let options: NativeOptions | undefined;
    program.description(about).addHelpText('after', exits);
    for (const act of ['deliver', 'reconnect'] as const) {
      const command = withTarget(program.command(act).description(acts[act].about))
        .optionsGroup('Output:')
        .option('--out <dir>', 'folder for report.md', join('.cache', 'loadtest', `native-${act}`));
      const given = withParameters<string>(command, acts[act].table);
      command.action(({ out, ...target }: TargetOptions & { readonly out: string }) => {
        options = { act, target, given: given(), out };
      });
    }
    return () => options ?? program.error('error: give deliver or reconnect as the first argument');
  });
}

/** Gives the exit code. */
export async function runNativeLoad(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parseNative(args);
  if ('exitCode' in options) return refuse(options);
  const planned = plan(options);
  if (typeof planned === 'string') {
    say(planned);
    return 2;
  }
  try {
    await using target = await openTarget(options.target, say);
    if (target === undefined) return 1;
    const before = loadAverages();
    const { lines, holds } = await planned.run({
      gatewayUrls: target.gatewayUrls(),
      metricsPages: () => target.metricsPages(),
      say,
      signal,
    });
    const report = [
      `## native ${withoutOut(args).join(' ')}`,
      '',
      ...lines,
      `- load average before and after: ${before} / ${loadAverages()}`,
      `- ${machineLine(target.store)}`,
    ].join('\n');
    console.log(report);
    makeFolders(options.out, 0o777);
    writeFileSync(join(options.out, 'report.md'), `${report}\n`);
    return signal.aborted ? INTERRUPTED : holds ? 0 : 1;
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    say(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** Where the report went says nothing about what is in it. */
function withoutOut(args: readonly string[]): readonly string[] {
  return args.filter((arg, i) => !arg.startsWith('--out') && args[i - 1] !== '--out');
}

interface Plan {
  run(target: NativeTarget): Promise<{ readonly lines: readonly string[]; readonly holds: boolean }>;
}

/** Gives what is wrong as a text. */
function plan({ act, given, target }: NativeOptions): Plan | string {
  if (act === 'deliver') {
    const read = readParameters<keyof DeliverParameters>(deliverParameters, given, {});
    if (!read.ok) return read.problem;
    const { parameters } = read;
    if (parameters.senders > parameters.members) return '--senders are more than --members';
    return (
      tooManyFiles(parameters.rooms * parameters.members, parameters['receiver-processes'], target) ?? {
        run: async (to) => {
          const result = await deliver(to, parameters);
          const verdicts = deliverVerdicts(result, parameters);
          return {
            lines: [suiteLine(parameters), '', ...deliverReport(result), ...verdicts.map(({ line }) => line)],
            holds: verdicts.every(({ holds }) => holds),
          };
        },
      }
    );
  }
  const read = readParameters<keyof ReconnectParameters>(reconnectParameters, given, {});
  if (!read.ok) return read.problem;
  const { parameters } = read;
  return (
    tooManyFiles(parameters.clients, parameters['client-processes'], target) ?? {
      run: async (to) => {
        const rounds = await reconnect(to, parameters);
        const holds = rounds.every(({ gaveUp }) => gaveUp === 0);
        return { lines: [suiteLine(parameters), '', ...reconnectReport(rounds, parameters.clients)], holds };
      },
    }
  );
}

function tooManyFiles(
  connections: number,
  processes: number,
  { url, gateways }: TargetOptions,
): string | undefined {
  const perProcess = Math.ceil(connections / Math.min(processes, url === undefined ? gateways : processes));
  if (connectionsWithinFileLimit(perProcess) >= perProcess) return undefined;
  return `${perProcess} connections of one process are more than its limit of open files: raise it (ulimit -n), or use more processes and gateways`;
}
