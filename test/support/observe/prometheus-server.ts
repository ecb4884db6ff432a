import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScrapedName, startPrometheus } from '../../../scripts/cluster/prometheus.ts';

/** A real Prometheus with the deployed configuration, but for where its targets are and for how often it looks. */
export interface PrometheusServer extends AsyncDisposable {
  /** The series that an expression gives now; throws what Prometheus has against it. */
  query(expr: string): Promise<readonly QueryResult[]>;
  /** Where k6 may write what it measures. */
  readonly writeUrl: string;
  /** `/api/v1/NAME` */
  api(name: string): Promise<unknown>;
}

export interface QueryResult {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** By the name that the configuration asks DNS for: ADDRESS:PORT each. */
export type Targets = Readonly<Partial<Record<ScrapedName, readonly string[]>>>;

/** Scrapes and evaluates every second. */
export async function startPrometheusServer(targets: Targets): Promise<PrometheusServer> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-prometheus-'));
  const { server, publish } = await startPrometheus(dir, 1);
  for (const [name, addresses] of Object.entries(targets)) publish(name as ScrapedName, addresses);
  const api = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${server.url}/api/v1/${path}`);
    const body = (await answer.json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data?: unknown;
    };
    if (body.status !== 'success') throw new Error(body.error ?? `HTTP ${answer.status}`);
    return body.data;
  };
  return {
    writeUrl: `${server.url}/api/v1/write`,
    api,
    query: async (expr) => {
      const data = (await api(`query?query=${encodeURIComponent(expr)}`)) as { readonly result: RawResults };
      return data.result.map(({ metric, value }) => ({
        labels: metric,
        value: Number(value[1].replace('Inf', 'Infinity')),
      }));
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

type RawResults = readonly {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}[];
