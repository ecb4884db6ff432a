import { configKeys } from '../src/config/config-keys.ts';
import type { GatewayConfig } from '../src/config/gateway-config.ts';

/** The keys that hold something within bounds: each has a line, or this does not compile. */
export type LimitKey = Extract<
  keyof GatewayConfig,
  | `rate${string}`
  | `max${string}`
  | 'outboxBytes'
  | 'outboxTotalBytes'
  | 'loginSeconds'
  | 'silenceSeconds'
  | 'backendTimeoutMs'
>;

export interface Limit {
  /** What exceeding it causes: a code of PROTOCOL.md, or what happens instead. */
  readonly answer: string;
  /** Without the prefix. Undefined: nothing is refused. */
  readonly metric?: string;
  readonly protects: string;
}

export function limit(answer: string, protects: string, metric?: string): Limit {
  return { answer, protects, ...(metric !== undefined && { metric }) };
}

/** A limit beyond which a connection is closed with this code. */
export function closes(code: string, protects: string): Limit {
  return limit(`closed, \`${code}\``, protects, `connections_closed_total{code="${code}"}`);
}

export const rejected = (reason: string): string => `connections_rejected_total{reason="${reason}"}`;
const refusedRequests = (outcome: string): string => `requests_total{outcome="${outcome}"}`;

/** Rates of requests are counted under the name of their key. */
export function rateLimit(key: LimitKey, protects: string): Limit {
  const label = configKeys[key].name.replace(/^RATE_/, '').toLowerCase();
  return { answer: '`rate_limited`', metric: `rate_limited_total{limit="${label}"}`, protects };
}

export function requestLimit(outcome: string, protects: string): Limit {
  return { answer: `\`${outcome}\``, metric: refusedRequests(outcome), protects };
}
