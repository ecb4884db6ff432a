import { Counter, Gauge, Trend } from 'k6/metrics';
import { closeLabels, failureLabels, refusalLabels } from '../thresholds.ts';

/** What this load measures beside k6's own. Trends are milliseconds. Their names stand in the report and the dashboard. */
export const connecting: Trend = new Trend('conclave_connecting', true);
export const login: Trend = new Trend('conclave_login', true);
export const entering: Trend = new Trend('conclave_entering', true);
/** From the position's time, by the server's clock, to the receiver's read, by the receiver's. */
export const delivery: Trend = new Trend('conclave_delivery', true);
/** From the moment when a message was due, however late it left, until its sender has its own copy. One clock. */
export const echo: Trend = new Trend('conclave_echo', true);
/** From the moment when a message was due to the reply that it is accepted. One clock. */
export const acknowledged: Trend = new Trend('conclave_acknowledged', true);
/** From the loss of a connection until its rooms are entered again. */
export const reconnecting: Trend = new Trend('conclave_reconnecting', true);
/** From the moment when a file was due until all of it is stored, and until another member has fetched it. */
export const fileStored: Trend = new Trend('conclave_file_stored', true);
export const fileMoved: Trend = new Trend('conclave_file_moved', true);

/** By `worker`: a gauge keeps the last value that anybody gave it. */
export const members: Gauge = new Gauge('conclave_members');
export const messagesDue: Counter = new Counter('conclave_messages_due');
export const messagesAccepted: Counter = new Counter('conclave_messages_accepted');
export const deliveries: Counter = new Counter('conclave_deliveries');
export const caughtUp: Counter = new Counter('conclave_caught_up');
export const lost: Counter = new Counter('conclave_lost');
export const duplicates: Counter = new Counter('conclave_duplicates');
/** The same position delivered again, which clients drop: after a send whose answer was lost. */
export const repeats: Counter = new Counter('conclave_repeats');
export const reordered: Counter = new Counter('conclave_reordered');
export const resyncs: Counter = new Counter('conclave_resyncs');
export const filesDue: Counter = new Counter('conclave_files_due');
/** Stored by one member, and fetched by another. */
export const filesMoved: Counter = new Counter('conclave_files_moved');
/** Chunks that are not what was stored, and files of another length. */
export const filesDiffering: Counter = new Counter('conclave_files_differing');
/** Of encrypted chunks. */
export const fileBytesStored: Counter = new Counter('conclave_file_bytes_stored');
export const fileBytesFetched: Counter = new Counter('conclave_file_bytes_fetched');
/** By `code`. */
export const refusals: Counter = new Counter('conclave_refusals');
/** By `code`. */
export const closes: Counter = new Counter('conclave_closes');
/** By `what`. */
export const failed: Counter = new Counter('conclave_failed');

/** To be called every few seconds: k6 writes only what changed, and a rate wants samples before and after the first event. */
export function keepWritten(): void {
  const untagged = [
    messagesDue,
    messagesAccepted,
    deliveries,
    caughtUp,
    lost,
    duplicates,
    repeats,
    reordered,
    filesDue,
    filesMoved,
    filesDiffering,
    fileBytesStored,
    fileBytesFetched,
  ];
  for (const counter of [...untagged, resyncs]) counter.add(0);
  for (const code of refusalLabels) refusals.add(0, { code });
  for (const code of closeLabels) closes.add(0, { code });
  for (const what of failureLabels) failed.add(0, { what });
}
