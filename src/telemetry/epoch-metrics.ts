import type { Telemetry } from '../ports/telemetry.ts';
import type { MetricSet } from './metric-set.ts';

type EpochEvents = Pick<Telemetry, 'epochMade' | 'epochRaceLost' | 'waitingWrapBytes'>;

/** The epochs of suite 2 that this node stored. */
export function epochMetrics(metrics: MetricSet): EpochEvents {
  let made = 0;
  let exposed = 0;
  let lost = 0;
  let rsa = 0;
  let hybrid = 0;
  let waiting = 0;
  metrics.total('epochs_made_total', 'Epochs that this node stored.', () => made);
  metrics.total(
    'epochs_without_forward_secrecy_total',
    'Those of them with a wrap that a long-term key opens.',
    () => exposed,
  );
  metrics.total(
    'epoch_races_lost_total',
    'Epochs refused because another of the same number was stored first.',
    () => lost,
  );
  metrics.total('epoch_rsa_wraps_total', 'Wraps of these epochs under RSA alone.', () => rsa);
  metrics.total('epoch_hybrid_wraps_total', 'Wraps of these epochs to a prekey.', () => hybrid);
  metrics.level('epoch_waiting_wrap_bytes', 'Bytes of wraps that wait for their epoch.', () => waiting);
  return {
    epochMade: (rsaWraps, hybridWraps) => {
      made += 1;
      if (rsaWraps > 0) exposed += 1;
      rsa += rsaWraps;
      hybrid += hybridWraps;
    },
    epochRaceLost: () => {
      lost += 1;
    },
    waitingWrapBytes: (count) => {
      waiting = count;
    },
  };
}
