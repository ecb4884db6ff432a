import { fileTransferOutcomes, type Telemetry } from '../ports/telemetry.ts';
import type { MetricSet } from './metric-set.ts';

type FileEvents = Pick<Telemetry, 'fileTransfers' | 'fileTransfersMax' | 'fileTransferDone'>;

const directions = ['put', 'get'] as const;

/** Chunks of files on their way. */
export function fileMetrics(metrics: MetricSet): FileEvents {
  let current = 0;
  let most = 0;
  metrics.level('file_transfers', 'Chunks of files that this node is moving.', () => current);
  metrics.level(
    'file_transfers_max',
    'Maximum number of chunks of files that this node moves at a time.',
    () => most,
  );
  const done = metrics.counter(
    'file_transfers_total',
    'Chunks of files, by direction (`put`: stored, `get`: read) and outcome.',
    ['direction', 'outcome'],
    directions.flatMap((direction) => fileTransferOutcomes.map((outcome) => ({ direction, outcome }))),
  );
  const bytes = metrics.counter(
    'file_bytes_total',
    'Bytes of file chunks that were stored or read, by direction.',
    ['direction'],
    directions.map((direction) => ({ direction })),
  );
  return {
    fileTransfers: (change) => {
      current += change;
    },
    fileTransfersMax: (count) => {
      most = count;
    },
    fileTransferDone: (direction, outcome, byteCount) => {
      done({ direction, outcome });
      if (byteCount > 0) bytes({ direction }, byteCount);
    },
  };
}
