import { gatewayLines } from '../gateway-watch.ts';
import type { DeliverResult } from './deliver.ts';
import type { Latencies } from './latencies.ts';
import type { DeliverParameters } from './native-parameters.ts';
import type { ReconnectRound } from './reconnect.ts';

export interface Verdict {
  readonly holds: boolean;
  /** What was asked, and whether it held. */
  readonly line: string;
}

/** What must hold for the run to count as one in which people could chat. Of nothing, nothing holds. */
export function deliverVerdicts(
  result: Pick<
    DeliverResult,
    'acknowledged' | 'deliveries' | 'duplicates' | 'lost' | 'refused' | 'unanswered'
  >,
  parameters: Pick<DeliverParameters, 'max-accepted-p99-ms' | 'max-refused'>,
): readonly Verdict[] {
  const { acknowledged, deliveries, duplicates, lost, refused, unanswered } = result;
  const acceptedMs = acknowledged.quantile(0.99) / 1_000;
  const acceptedMsMax = parameters['max-accepted-p99-ms'];
  const verdict = (holds: boolean, line: string): Verdict => {
    return { holds, line: `- ${holds ? 'held' : '**CROSSED**'}: ${line}` };
  };
  return [
    verdict(acceptedMs <= acceptedMsMax, `message due → answered, p99 at most ${acceptedMsMax} ms`),
    verdict(refused <= parameters['max-refused'], `at most ${parameters['max-refused']} messages refused`),
    verdict(unanswered === 0, 'every message answered'),
    verdict(deliveries > 0, 'something was delivered'),
    verdict(lost === 0, 'nothing lost'),
    verdict(duplicates === 0, 'nothing delivered twice'),
  ];
}

export function suiteLine({ suite }: { readonly suite: number }): string {
  return `Rooms of suite ${suite}.`;
}

/** As lines of Markdown. */
export function deliverReport(result: DeliverResult): readonly string[] {
  const { seconds, sent, refused, unanswered, deliveries, lost, duplicates, overtaken, gateways } = result;
  return [
    ...latencyTable([
      ['message due → read by a receiver', result.delivery],
      ['message due → answered', result.acknowledged],
    ]),
    '',
    `- ${sent} messages were sent in all, ${refused} of them refused, ${unanswered} not answered; ${deliveries} deliveries came: ` +
      `${lost} lost, ${duplicates} twice, ${overtaken} overtaken by a higher position`,
    ...(gateways === undefined
      ? []
      : [
          `- in the ${seconds.toFixed(1)} s that were measured: ${Math.round(gateways.deliveries / seconds)} deliveries/s`,
          ...gatewayLines(gateways),
        ]),
  ];
}

export function reconnectReport(rounds: readonly ReconnectRound[], clients: number): readonly string[] {
  return rounds.flatMap((round, index) => [
    `Round ${index + 1}: all ${clients} were back after ${round.seconds.toFixed(1)} s` +
      `${round.gaveUp > 0 ? `, but for **${round.gaveUp} that gave up**` : ''}; ${failureList(round)}`,
    '',
    ...latencyTable([['dialled → rooms entered', round.return]]),
    '',
    ...(round.gateways === undefined
      ? []
      : [
          ...gatewayLines(round.gateways),
          `- CPU of all gateways by client: ${((round.gateways.cpuSeconds / clients) * 1_000_000).toFixed(0)} µs`,
        ]),
    '',
  ]);
}

function failureList({ failures }: ReconnectRound): string {
  if (failures.size === 0) return 'no attempt failed';
  const byCount = [...failures].sort(([, a], [, b]) => b - a);
  const count = byCount.reduce((sum, [, times]) => sum + times, 0);
  const reasons = byCount.map(([reason, times]) => `${times} × ${reason}`).join(', ');
  return `${count} attempts failed and were repeated (${reasons})`;
}

function latencyTable(rows: readonly (readonly [label: string, latencies: Latencies])[]): readonly string[] {
  const ms = (micros: number): string => (Number.isNaN(micros) ? '–' : (micros / 1_000).toFixed(1));
  return [
    '| milliseconds | count | median | p99 | p99.9 | most |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows.map(([label, latencies]) => {
      const cells = [
        latencies.quantile(0.5),
        latencies.quantile(0.99),
        latencies.quantile(0.999),
        latencies.most,
      ];
      return `| ${label} | ${latencies.count} | ${cells.map(ms).join(' | ')} |`;
    }),
  ];
}
