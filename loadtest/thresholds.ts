import { CLOSE_NORMAL, closeCodes, errorCodes } from '../src/protocol/codes.ts';
import type { Parameters } from './parameters.ts';

/** Labels of the counters of closes, refusals and failures, so that none begins at its first event. Numbers are closes of no protocol of ours, as k6 tells them. */
export const closeLabels: readonly string[] = [
  ...Object.keys(closeCodes),
  ...[`${CLOSE_NORMAL}`, '1001', '1006', '1011', '1012', '1013'],
];
export const refusalLabels: readonly string[] = Object.keys(errorCodes);
export const failureLabels = ['connection', 'send', 'file'] as const;

/** What a load must hold: k6's thresholds, by metric. */
export function thresholdsOf(parameters: Parameters): Record<string, string[]> {
  const most = (name: 'lost' | 'duplicates' | 'failed'): [string, string[]] => [
    `conclave_${name}`,
    [`count<=${parameters[`max-${name}`]}`],
  ];
  return {
    conclave_connecting: [`p(95)<=${parameters['max-connect-p95-ms']}`],
    conclave_login: [`p(95)<=${parameters['max-login-p95-ms']}`],
    // Of a load without messages there is nothing to measure.
    ...(parameters['messages-per-second'] > 0 && {
      conclave_acknowledged: [`p(99)<=${parameters['max-accepted-p99-ms']}`],
      conclave_echo: [`p(99)<=${parameters['max-echo-p99-ms']}`],
    }),
    conclave_delivery: [`p(99)<=${parameters['max-delivery-p99-ms']}`],
    ...(parameters['files-per-minute'] > 0 && {
      conclave_file_moved: [`p(99)<=${parameters['max-file-p99-ms']}`],
      conclave_files_moved: ['count>0'],
      conclave_files_differing: ['count<=0'],
    }),
    conclave_reconnecting: [`p(95)<=${parameters['max-reconnect-p95-ms']}`],
    ...Object.fromEntries([most('lost'), most('duplicates'), most('failed')]),
    // A load of which nothing arrived proves nothing.
    ...(parameters['messages-per-second'] > 0 && { conclave_deliveries: ['count>0'] }),
  };
}

/** A threshold that asks nothing makes k6 keep the figures of one tag apart, for the report. */
export function keptApart(): Record<string, string[]> {
  const of = (metric: string, tag: string, values: readonly string[]): [string, string[]][] =>
    values.map((value) => [`${metric}{${tag}:${value}}`, []]);
  return Object.fromEntries([
    ...of('conclave_closes', 'code', closeLabels),
    ...of('conclave_refusals', 'code', refusalLabels),
    ...of('conclave_failed', 'what', failureLabels),
  ]);
}
