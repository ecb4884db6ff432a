import type { Logger } from 'pino';
import type { Telemetry } from '../ports/telemetry.ts';
import { admissionMetrics } from './admission-metrics.ts';
import { brokerMetrics, storeHealthMetrics, storeMetrics } from './backend-metrics.ts';
import { connectionMetrics } from './connection-metrics.ts';
import { deliveryMetrics } from './delivery-metrics.ts';
import { epochMetrics } from './epoch-metrics.ts';
import { fileMetrics } from './file-metrics.ts';
import { createLogger } from './logger.ts';
import { type MetricDescription, MetricSet } from './metric-set.ts';
import { operationMetrics } from './operation-metrics.ts';
import { outboxMetrics } from './outbox-metrics.ts';
import { collectProcessMetrics } from './process-metrics.ts';

export interface BuildInfo {
  readonly version: string;
  readonly nodeVersion: string;
}

export interface TelemetryOptions {
  readonly logLevel: string;
  readonly nodeId: string;
  readonly version: string;
  /** Takes one line of JSON a call. */
  readonly log: { write(line: string): void };
}

/** The telemetry of a node, its logger made with it. */
export function openTelemetry({ logLevel, nodeId, version, log }: TelemetryOptions): PrometheusTelemetry {
  return createTelemetry(createLogger(logLevel, nodeId, log), { version, nodeVersion: process.version });
}

export interface PrometheusTelemetry extends Telemetry {
  /** Whether `/readyz` would answer 200: asked whenever the page is read. */
  readyWhile(isReady: () => boolean): void;
  /** The server's own metrics, without those of Node and the process. */
  readonly metrics: readonly MetricDescription[];
  /** The page at `/metrics`. */
  readonly page: { readonly contentType: string; text(): Promise<string> };
}

/** Counts into Prometheus metrics and logs through pino. */
export function createTelemetry(logger: Logger, build: BuildInfo): PrometheusTelemetry {
  const metrics = new MetricSet();
  collectProcessMetrics(metrics.registry);
  metrics.info('build_info', 'Always 1; the labels identify the build.', {
    version: build.version,
    node: build.nodeVersion,
  });
  let isReady = (): boolean => false;
  metrics.level('ready', '1 while this node accepts new clients, as reported by /readyz.', () =>
    Number(isReady()),
  );
  let warnings = 0;
  metrics.total('warnings_total', 'Unexpected failures; see the log.', () => warnings);
  return {
    ...admissionMetrics(metrics),
    ...connectionMetrics(metrics),
    ...deliveryMetrics(metrics),
    ...epochMetrics(metrics),
    ...outboxMetrics(metrics),
    ...fileMetrics(metrics),
    ...brokerMetrics(metrics),
    ...storeMetrics(metrics),
    ...storeHealthMetrics(metrics),
    ...operationMetrics(metrics),
    warn: (event, error, details) => {
      warnings += 1;
      logger.warn({ event, ...details, ...(error !== undefined && { error }) });
    },
    info: (event, details) => logger.info({ event, ...details }),
    debug: (event, details) => {
      if (logger.isLevelEnabled('debug')) logger.debug({ event, ...details });
    },
    readyWhile: (check) => {
      isReady = check;
    },
    metrics: metrics.described,
    page: { contentType: metrics.registry.contentType, text: () => metrics.registry.metrics() },
  };
}
