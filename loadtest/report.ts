import type { Cast } from './cast.ts';
import { type ParameterName, parameterNames, parameterTable } from './parameters.ts';

/** Of what k6 gives to handleSummary, the parts that are reported. */
export interface SummaryData {
  readonly metrics: Readonly<Record<string, SummaryMetric>>;
  readonly state: { readonly testRunDurationMs: number };
}

interface SummaryMetric {
  readonly values: Readonly<Record<string, number>>;
  /** By expression. */
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

const trends: ReadonlyArray<readonly [metric: string, label: string]> = [
  ['conclave_connecting', 'connecting, up to hello'],
  ['conclave_login', 'login'],
  ['conclave_entering', 'entering the room'],
  ['conclave_acknowledged', 'message due → accepted'],
  ['conclave_echo', "message due → its sender's copy"],
  ['conclave_delivery', 'position given → read by a receiver'],
  ['conclave_reconnecting', 'connection lost → entered again'],
];
const fileTrends: typeof trends = [
  ['conclave_file_stored', 'file due → stored'],
  ['conclave_file_moved', 'file due → fetched by another member'],
];

const counts: ReadonlyArray<readonly [metric: string, label: string]> = [
  ['conclave_messages_due', 'messages due'],
  ['conclave_messages_accepted', 'messages accepted'],
  ['conclave_deliveries', 'deliveries'],
  ['conclave_caught_up', 'copies fetched from history'],
  ['conclave_lost', 'copies lost'],
  ['conclave_duplicates', 'messages at two positions'],
  ['conclave_repeats', 'deliveries repeated, which clients drop'],
  ['conclave_reordered', 'deliveries overtaken'],
  ['conclave_resyncs', 'resyncs told by a gateway'],
  ['conclave_refusals', 'requests refused, and sent again'],
  ['conclave_closes', 'connections closed'],
  ['conclave_failed', 'failed for good'],
];

const fileCounts: typeof counts = [
  ['conclave_files_due', 'files due'],
  ['conclave_files_moved', 'files stored and fetched'],
  ['conclave_files_differing', 'chunks that differed'],
];

/** The report of one run, as Markdown that reads well in a terminal. */
export function renderReport(cast: Pick<Cast, 'scenario' | 'url' | 'parameters'>, data: SummaryData): string {
  const hasFiles = cast.parameters['files-per-minute'] > 0;
  const seconds = (data.state.testRunDurationMs / 1_000).toFixed(1);
  return [
    `## ${cast.scenario} at ${cast.url}, ${seconds} s`,
    '',
    changedParameters(cast.parameters),
    '',
    ...table(
      ['milliseconds', 'count', 'median', 'p95', 'p99', 'most'],
      [...trends, ...(hasFiles ? fileTrends : [])].map(([metric, label]) =>
        trendRow(label, data.metrics[metric]),
      ),
    ),
    '',
    ...table(
      ['count', '', 'of which'],
      [...counts, ...(hasFiles ? fileCounts : [])].map(([metric, label]) => [
        label,
        `${data.metrics[metric]?.values['count'] ?? 0}`,
        partsOf(metric, data),
      ]),
    ),
    '',
    ...thresholdLines(data),
    ...(hasFiles ? [throughputLine(cast.parameters.seconds, data)] : []),
  ].join('\n');
}

function changedParameters(parameters: Cast['parameters']): string {
  const changed = parameterNames.filter((name) => parameters[name] !== parameterTable[name].fallback);
  const shown = (name: ParameterName): string => `${name} ${parameters[name]}`;
  const size = [
    shown('suite'),
    shown('rooms'),
    shown('members'),
    shown('messages-per-second'),
    shown('seconds'),
  ];
  return [...new Set([...size, ...changed.map(shown)])].join(', ');
}

function trendRow(label: string, metric: SummaryMetric | undefined): readonly string[] {
  const { values = {} } = metric ?? {};
  const count = values['count'] ?? 0;
  const shown = (name: string): string => (count === 0 ? '–' : (values[name] ?? 0).toFixed(1));
  return [label, `${count}`, shown('med'), shown('p(95)'), shown('p(99)'), shown('max')];
}

function partsOf(metric: string, data: SummaryData): string {
  const parts: string[] = [];
  for (const [name, { values }] of Object.entries(data.metrics)) {
    const tag = name.startsWith(`${metric}{`) ? /:(.*)\}$/.exec(name)?.[1] : undefined;
    const count = values['count'] ?? 0;
    if (tag !== undefined && count > 0) parts.push(`${tag} ${count}`);
  }
  return parts.join(', ');
}

/** By the time in which files were due. */
function throughputLine(seconds: number, { metrics }: SummaryData): string {
  const shown = (metric: string): string => {
    const megabytes = (metrics[metric]?.values['count'] ?? 0) / 1e6;
    return `${megabytes.toFixed(1)} MB, ${(megabytes / seconds).toFixed(2)} MB/s`;
  };
  return `- files: ${shown('conclave_file_bytes_stored')} stored; ${shown('conclave_file_bytes_fetched')} fetched`;
}

interface Threshold {
  readonly metric: string;
  readonly expression: string;
  readonly outcome: 'held' | '**CROSSED**' | 'not measured';
}

function thresholds({ metrics }: SummaryData): readonly Threshold[] {
  return Object.entries(metrics).flatMap(([metric, { values, thresholds: of = {} }]) => {
    // k6 says of a trend without samples that it held.
    const isEmpty = 'med' in values && values['count'] === 0;
    return Object.entries(of).map(([expression, { ok }]) => {
      return { metric, expression, outcome: isEmpty ? 'not measured' : ok ? 'held' : '**CROSSED**' };
    });
  });
}

function thresholdLines(data: SummaryData): readonly string[] {
  return thresholds(data).map(({ metric, expression, outcome }) => `- ${outcome}: ${metric} ${expression}`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, 3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)];
}
