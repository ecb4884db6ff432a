import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localPrometheusConfig } from '../../../scripts/cluster/prometheus.ts';
import { freePort, startServer } from '../services/server-process.ts';

const deployed = 'deploy/prometheus';

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
export type Targets = Readonly<Record<string, readonly string[]>>;

/** Scrapes and evaluates every second. */
export async function startPrometheusServer(targets: Targets): Promise<PrometheusServer> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-prometheus-'));
  const targetsDir = join(dir, 'targets');
  mkdirSync(targetsDir);
  for (const [name, addresses] of Object.entries(targets)) {
    writeFileSync(join(targetsDir, `${name}.json`), JSON.stringify([{ targets: addresses }]));
  }
  const port = await freePort();
  const template = readFileSync(join(deployed, 'prometheus.yml'), 'utf8');
  const config = localPrometheusConfig(template, {
    targetsDir,
    rulesDir: join(process.cwd(), deployed, 'rules'),
    port,
  });
  const configFile = join(dir, 'prometheus.yml');
  writeFileSync(configFile, config.replace(/(interval|timeout): \d+s/g, '$1: 1s'));
  const server = await startServer(
    {
      name: 'prometheus',
      command: () => [
        'prometheus',
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(dir, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
        '--log.level=warn',
      ],
      url: () => `http://127.0.0.1:${port}`,
      probe: async () => {
        if (!(await fetch(`http://127.0.0.1:${port}/-/ready`)).ok) throw new Error('not ready');
      },
    },
    { dir, port },
  );
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
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
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
