import { MongoClient, MongoCompatibilityError, MongoServerError } from 'mongodb';
import { retry, UNTIL_IT_WORKS } from '../../lib/retry.ts';
import { StartRefused } from '../../ports/backend.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { databaseName } from './database-name.ts';
import { durableOptions } from './mongo-link.ts';
import { prepareSchema } from './schema.ts';

/** Indexes on a filled collection take their time; the socket may be silent that long. */
const INDEX_MS_MAX = 10 * 60_000;
const REACH_MS_MAX = 2_000;

/** Server codes that stay until somebody changes the configuration or the database. */
const hopeless: ReadonlyMap<unknown, string> = new Map([
  [13, 'the user of CONCLAVE_MONGODB_URL may not use this database'],
  [18, 'MongoDB refuses user or password of CONCLAVE_MONGODB_URL'],
  [8000, 'MongoDB refuses user or password of CONCLAVE_MONGODB_URL'],
  [85, 'an index of this database differs from what this version makes'],
  [86, 'an index of this database differs from what this version makes'],
]);

/**
 * Runs `attempt` until it succeeds. Throws StartRefused when trying again can't help, and the signal's reason when that is aborted.
 */
export async function untilReady(
  attempt: () => Promise<void>,
  telemetry: Telemetry,
  signal: AbortSignal,
): Promise<void> {
  const explained = (error: unknown): never => {
    signal.throwIfAborted();
    throwIfHopeless(error);
    telemetry.warn('store_not_ready', error);
    throw error;
  };
  await retry(() => attempt().catch(explained), {
    ...UNTIL_IT_WORKS,
    signal,
    isWorthIt: (error) => !(error instanceof StartRefused),
  });
}

/** Checks the schema and makes indexes, by a connection of its own that has more time than operations have. */
export async function prepareDatabase(url: string, signal: AbortSignal): Promise<void> {
  const client = new MongoClient(url, {
    ...durableOptions,
    serverSelectionTimeoutMS: REACH_MS_MAX,
    connectTimeoutMS: REACH_MS_MAX,
    socketTimeoutMS: INDEX_MS_MAX,
    maxPoolSize: 1,
  });
  const stop = (): void => void client.close().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await prepareSchema(client.db(databaseName(url)));
  } finally {
    signal.removeEventListener('abort', stop);
    await client.close();
  }
}

function throwIfHopeless(error: unknown): void {
  if (error instanceof StartRefused) throw error;
  if (error instanceof MongoCompatibilityError) throw new StartRefused('configuration', error.message, error);
  const reason = error instanceof MongoServerError ? hopeless.get(error.code) : undefined;
  if (reason !== undefined) throw new StartRefused('configuration', reason, error);
}
