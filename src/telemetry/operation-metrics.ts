import type { Telemetry } from '../ports/telemetry.ts';
import type { MetricSet } from './metric-set.ts';

type OperationEvents = Pick<Telemetry, 'draining' | 'administered'>;

type Action = Parameters<Telemetry['administered']>[0];

const actionNames: readonly Action[] = [
  'nodes',
  'drain',
  'shed',
  'revoke',
  'disable',
  'enable',
  'purge',
  'invite',
  'rotate-secret',
];

/** What operators do with this node. */
export function operationMetrics(metrics: MetricSet): OperationEvents {
  let isDraining = false;
  metrics.level('draining', '1 while this node drains: it moves its clients elsewhere.', () =>
    Number(isDraining),
  );
  const actions = metrics.counter(
    'admin_actions_total',
    'Administrative actions requested through this node, by outcome.',
    ['action', 'outcome'],
    actionNames.map((action) => ({ action, outcome: 'ok' })),
  );
  return {
    draining: (now) => {
      isDraining = now;
    },
    administered: (action, outcome) => actions({ action, outcome }),
  };
}
