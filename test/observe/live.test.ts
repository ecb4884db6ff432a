import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBalancer } from '../../scripts/cluster/balancer.ts';
import { FIRST_TIME_MS, startLoad } from '../load/load-process.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { deployedDashboards, panelQueries } from '../support/observe/deployed-dashboards.ts';
import { type MetricsPage, parseMetricsPage } from '../support/observe/metrics-page.ts';
import { startMongoCollector } from '../support/observe/mongo-collector.ts';
import { type PrometheusServer, startPrometheusServer } from '../support/observe/prometheus-server.ts';
import { promtool } from '../support/observe/promtool.ts';
import { startRedisExporter } from '../support/observe/redis-exporter.ts';
import { ShortLoad } from '../support/observe/short-load.ts';
import { hasGo, skipWithoutGo } from '../support/programs/skip-without-go.ts';
import { freePort } from '../support/services/server-process.ts';

/** Series of one gateway, when everything that happens has happened. As docs/metrics.md says. */
const SERIES_MAX = 1_000;
/** So that a flood meets a limit, and a busy machine is no outage. */
const settings = { ...ratesOff, RATE_REQUESTS_SESSION: '50/s:60', BACKEND_TIMEOUT_MS: '10000' };
/** A second is what Prometheus takes for the next look. */
const patience = { deadlineMs: 60_000, pauseMs: 500 };
const variables = { job: 'conclave-gateway', instance: '.+', __rate_interval: '20s' };

const metricsDocument = readFileSync('docs/metrics.md', 'utf8');

async function underLoad(urls: readonly string[], prefix: string): Promise<ShortLoad> {
  const load = await ShortLoad.start(urls, prefix);
  await eventually(() => {
    expect(load.rounds).toBeGreaterThan(1);
    expect(load.messages).toBeGreaterThan(20);
  }, patience);
  return load;
}

async function expectGoodPage(text: string): Promise<MetricsPage> {
  expect(await promtool(['check', 'metrics'], { input: text })).toEqual({ code: 0, output: '' });
  const page = parseMetricsPage(text);
  expect(page.series.length).toBeLessThan(SERIES_MAX);
  return page;
}

/** As the document tells of the gateway's own, and of those of the process that it names. */
function expectDocumented({ metrics }: MetricsPage): void {
  const documented = [...metricsDocument.matchAll(/^\| `(conclave_\w+)` \| (\w+) \| (.*) \| (.+) \|$/gm)];
  const told = documented.map(([, name, type, labels = '', help]) => {
    return { name, type, help, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort() };
  });
  const own = metrics.filter(({ name }) => name.startsWith('conclave_'));
  expect(own.map(({ name, type, help }) => ({ name, type, help }))).toEqual(
    told.map(({ name, type, help }) => ({ name, type, help })),
  );
  for (const { name, labels } of own) {
    const promised = told.find((one) => one.name === name)?.labels;
    // A label of which nothing has happened yet has no series.
    if (labels.length > 0) expect([name, labels]).toEqual([name, promised]);
  }
  const names = new Set(metrics.map(({ name }) => name));
  const ofProcess = [...metricsDocument.matchAll(/`((?:process|nodejs)_\w+)`/g)];
  expect(ofProcess.length).toBeGreaterThan(10);
  for (const [, name] of ofProcess) expect(names).toContain(name);
}

describe('the page of metrics of a gateway on its embedded store', () => {
  test('is what its document says, and what promtool finds nothing wrong with', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'conclave-observe-'));
    try {
      await using gateway = await startGateway({ DATA_DIR: dataDir, ...settings });
      await using load = await underLoad([gateway.url], 'alone');
      await eventually(async () => {
        const page = parseMetricsPage(await gateway.metrics());
        expect(page.value('conclave_online_users')).toBe(3);
        expect(page.value('conclave_ready')).toBe(1);
      }, patience);
      await load.stop();
      expectDocumented(await expectGoodPage(await gateway.metrics()));
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe('a cluster of two gateways under load', () => {
  const cleanups: AsyncDisposable[] = [];
  const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    cleanups.push(resource);
    return resource;
  };
  let cluster: TestCluster;
  let load: ShortLoad;
  let prometheus: PrometheusServer;
  let dir: string;

  beforeEach((context) => {
    skipWithoutGo(context, 'k6 and the collector of MongoDB');
  });

  beforeAll(async () => {
    // Without it each test is skipped.
    if (!hasGo()) return;
    cluster = keep(await startCluster({ gateways: 2, ownMongo: true, env: settings }));
    dir = mkdtempSync(join(tmpdir(), 'conclave-observe-'));
    keep({ [Symbol.asyncDispose]: async () => rmSync(dir, { recursive: true, force: true }) });
    // No DNS server answers it, so it knows no gateway: its own metrics are all there, whatever it balances.
    const lost = { dnsServer: `127.0.0.1:${await freePort()}`, gatewayPort: 1 };
    const balancer = await startBalancer({ dir, port: 0, ...lost });
    keep(balancer.server);
    const exporter = keep(await startRedisExporter(cluster.redis.url));
    const collector = keep(await startMongoCollector(new URL(cluster.mongoUrl).host));
    prometheus = keep(
      await startPrometheusServer({
        gateway: cluster.gateways.map(({ adminUrl }) => new URL(adminUrl).host),
        haproxy: [balancer.metricsAddress],
        'redis-exporter': [new URL(exporter.url).host],
        'mongo-exporter': [new URL(collector.url).host],
      }),
    );
    load = keep(
      await underLoad(
        cluster.gateways.map(({ url }) => url),
        'seen',
      ),
    );
  }, FIRST_TIME_MS);

  afterAll(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup[Symbol.asyncDispose]();
  });

  test('every page is what its document says, and what promtool finds nothing wrong with', async () => {
    for (const gateway of cluster.gateways) expectDocumented(await expectGoodPage(await gateway.metrics()));
  });

  test('neither people nor rooms make series: their names and ids are no labels', async () => {
    for (const gateway of cluster.gateways) {
      const { series } = parseMetricsPage(await gateway.metrics());
      const labels = series
        .filter((one) => one.startsWith('conclave_') && !one.startsWith('conclave_build_info'))
        .flatMap((one) => [...one.matchAll(/[{,](\w+)="([^"]*)"/g)])
        .filter(([, name]) => name !== 'le');
      expect(labels.length).toBeGreaterThan(50);
      // Words of the code's own. Names of people and rooms have capitals and digits here, and ids digits.
      for (const [, name, value] of labels)
        expect([name, value]).toEqual([name, expect.stringMatching(/^[a-z_-]+$/)]);
    }
  });

  test(
    'every query of every panel gives numbers',
    async () => {
      const queries = [...deployedDashboards().values()].flatMap((one) => panelQueries(one, variables));
      expect(queries.length).toBeGreaterThan(120);
      const url = cluster.gateways[0]?.url ?? '';
      // Until it is interrupted: connections are cut all the while, so that there is something of everything.
      await using k6 = startLoad([
        ...['k6', 'smoke', '--url', url, '--remote-write', prometheus.writeUrl, '--out', dir],
        ...['--seconds', '600', '--cut-every-seconds', '2', '--spread-ms', '500'],
      ]);
      await k6.printed(/^ +\d+ s$/, FIRST_TIME_MS);
      let waiting = queries;
      await eventually(async () => {
        const answered = await Promise.all(
          waiting.map(async ({ expr }) =>
            (await prometheus.query(expr)).some(({ value }) => !Number.isNaN(value)),
          ),
        );
        waiting = waiting.filter((_, i) => answered[i] !== true);
        expect(waiting).toEqual([]);
      }, patience);
    },
    FIRST_TIME_MS,
  );

  test('every recording rule records, and every alert is evaluated', async () => {
    const { groups } = (await prometheus.api('rules')) as {
      readonly groups: readonly { readonly rules: readonly RuleJson[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    const recorded = rules.filter(({ type }) => type === 'recording');
    const alerts = rules.filter(({ type }) => type === 'alerting');
    expect(recorded.length).toBeGreaterThan(10);
    expect(alerts.length).toBeGreaterThan(15);
    for (const { name, health, lastError } of rules)
      expect([name, health, lastError]).toEqual([name, 'ok', undefined]);
    for (const { name } of recorded)
      expect([name, (await prometheus.query(name)).length > 0]).toEqual([name, true]);
  });

  test('every metric that an alert asks for is there', async () => {
    // Without comments and links.
    const rules = readFileSync('deploy/prometheus/rules/alerts.yml', 'utf8').replace(
      /^ *(#|runbook_url:).*$/gm,
      '',
    );
    const metrics = new Set(
      rules.match(/\b(?:conclave|nodejs|process|haproxy|redis|mongodb|job|job_\w+|instance)[:_][\w:]+/g),
    );
    expect(metrics.size).toBeGreaterThan(20);
    for (const metric of metrics) {
      if (metric.startsWith('job_name')) continue;
      await eventually(async () => {
        expect([metric, (await prometheus.query(metric)).length > 0]).toEqual([metric, true]);
      }, patience);
    }
  });

  test('nobody is woken while all is well', async () => {
    const firing = await prometheus.query('ALERTS{alertstate="firing", severity="critical"}');
    expect(firing).toEqual([]);
    await load.stop();
  });

  test('alerts notice a Redis that hangs, a gateway that was killed, and that none is left', async () => {
    const noticed = async (alert: string): Promise<readonly (string | undefined)[]> => {
      const seen = await prometheus.query(`ALERTS{alertname="${alert}"}`);
      return seen.map(({ labels }) => labels['instance']).sort();
    };
    const [first, second] = cluster.gateways;
    if (first === undefined || second === undefined) return expect.unreachable();
    const addresses = [first, second].map(({ adminUrl }) => new URL(adminUrl).host);
    cluster.redis.pause();
    await eventually(
      async () => expect(await noticed('ConclaveBrokerDown')).toEqual([...addresses].sort()),
      patience,
    );
    await eventually(async () => expect(await noticed('ConclaveNoneReady')).toHaveLength(1), patience);
    cluster.redis.resume();
    await eventually(async () => expect(await noticed('ConclaveBrokerDown')).toEqual([]), patience);
    await first.kill();
    await eventually(
      async () => expect(await noticed('ConclaveGatewayDown')).toEqual([addresses[0]]),
      patience,
    );
    await eventually(async () => expect(await noticed('ConclaveNoneReady')).toEqual([]), patience);
    await second.kill();
    await eventually(async () => expect(await noticed('ConclaveNoneReady')).toHaveLength(1), patience);
  });
});

interface RuleJson {
  readonly type: 'recording' | 'alerting';
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}
