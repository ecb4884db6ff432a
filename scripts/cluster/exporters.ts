import { startMongoCollector } from '../../test/support/observe/mongo-collector.ts';
import { startRedisExporter } from '../../test/support/observe/redis-exporter.ts';
import type { RunningServer } from '../../test/support/services/server-process.ts';
import type { ScrapedName } from './prometheus.ts';

/** What tells Prometheus about a server that has no page of metrics itself. */
export interface Exporter {
  readonly name: string;
  readonly scrapedAs: ScrapedName;
  readonly server: RunningServer;
}

/** One for each Redis, and one for MongoDB, which Go builds the first time. The caller stops those that it was given. */
export async function startExporters(
  redisUrls: readonly string[],
  mongoUrl: string,
  started: (exporter: Exporter) => void,
  say: (line: string) => void,
): Promise<void> {
  for (const [index, url] of redisUrls.entries()) {
    const name = redisUrls.length === 1 ? 'redis-exporter' : `redis-exporter-${index + 1}`;
    started({ name, scrapedAs: 'redis-exporter', server: await startRedisExporter(url) });
  }
  const server = await startMongoCollector(new URL(mongoUrl).host, say);
  started({ name: 'mongo-exporter', scrapedAs: 'mongo-exporter', server });
}
