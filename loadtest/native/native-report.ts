import { gatewayLines } from '../gateway-watch.ts';
import type { DeliverResult } from './deliver.ts';
import type { Latencies } from './latencies.ts';
import type { ReconnectRound } from './reconnect.ts';

/** As lines of Markdown. */
export function deliverReport(result: DeliverResult): readonly string[] {
  const { seconds, sent, refused, deliveries, lost, duplicates, overtaken, gateways } = result;
  return [
    ...latencyTable([
      ['message due → read by a receiver', result.delivery],
      ['message due → answered', result.acknowledged],
    ]),
    '',
    `- ${sent} messages were sent in all, ${refused} of them refused; ${deliveries} deliveries came: ` +
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
