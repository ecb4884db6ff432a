import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GatewayProcess } from '../../test/support/cluster/gateway-process.ts';
import { ratesOff } from '../../test/support/cluster/patience.ts';
import { startMongoCollector } from '../../test/support/observe/mongo-collector.ts';
import { startRedisExporter } from '../../test/support/observe/redis-exporter.ts';
import { afterKill } from '../../test/support/programs/after-kill.ts';
import { startMongoServer } from '../../test/support/services/mongo-server.ts';
import { type RedisCluster, startRedisCluster } from '../../test/support/services/redis-cluster.ts';
import { startRedisServer } from '../../test/support/services/redis-server.ts';
import { freePort, type RunningServer } from '../../test/support/services/server-process.ts';
import { clusterAdminToken } from './admin-token.ts';
import { type Balancer, type BalancerView, startBalancer } from './balancer.ts';
import type { PartStatus } from './board.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import { GatewayNode } from './gateway-node.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

const IN_USE_MS_MAX = 20_000;
const LOOK_AGAIN_MS = 100;

const redisConfig = fileURLToPath(new URL('../../deploy/redis/redis.conf', import.meta.url));

interface Part {
  readonly name: string;
  readonly where: string;
  readonly server: RunningServer;
}

/** The deployed cluster on this machine, without containers. Everything is thrown away at the end. */
export class LocalCluster implements AsyncDisposable {
  readonly #dir: string;
  /** Has `gateway-N.log` of each. */
  readonly logDir: string;
  readonly #parts: Part[] = [];
  readonly #nodes: GatewayNode[] = [];
  readonly #say: (line: string) => void;
  /** The last started first. */
  readonly #stops: (() => Promise<void>)[] = [];
  /** Of all gateways, without HOST and NODE_ID. */
  #gatewayEnv: Readonly<Record<string, string>> = {};
  #redisCluster: RedisCluster | undefined;
  #dns: DnsServer | undefined;
  #balancer: Balancer | undefined;
  #prometheus: Prometheus | undefined;
  #adminOptions = '';
  #isOperated = false;
  /** Through which it is operated; undefined: none is left. */
  #operated: GatewayNode | undefined;
  #lastNumber = 0;
  #stopping = false;

  private constructor(say: (line: string) => void, logDir: string | undefined) {
    this.#dir = mkdtempSync(join(tmpdir(), 'conclave-cluster-'));
    this.logDir = resolve(logDir ?? this.#dir);
    const forgetKill = afterKill({ dir: this.#dir });
    this.#stops.push(async () => forgetKill());
    this.#say = say;
  }

  /** `env`: further configuration of the gateways, without the prefix. `say` gets a line per step. */
  static async start(
    options: ClusterOptions,
    env: Readonly<Record<string, string>>,
    say: (line: string) => void,
  ): Promise<LocalCluster> {
    const cluster = new LocalCluster(say, options.logs);
    try {
      await cluster.#start(options, env);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get url(): string {
    return this.#running().balancer.url;
  }

  /** Says with which shell command the cluster is operated: it goes through one gateway, and is said anew when that one ends. */
  sayOperation(): void {
    this.#isOperated = true;
    this.#operated = this.#nodes.findLast(({ phase }) => phase === 'ready');
    if (this.#operated === undefined) return;
    const { adminUrl } = this.#operated.process;
    this.#say(`operate it with: npx conclave-admin --url ${adminUrl}${this.#adminOptions} nodes`);
  }

  get prometheusUrl(): string | undefined {
    return this.#prometheus?.url;
  }

  /** Those that run now. */
  get gateways(): readonly GatewayProcess[] {
    return this.#nodes.filter((node) => node.isRunning).map((node) => node.process);
  }

  /** Starts one more; resolves when the balancer sends clients to it. */
  async add(): Promise<GatewayNode> {
    this.#lastNumber += 1;
    const ended = (): void => this.#nodeEnded(node);
    const node = await GatewayNode.start(this.#lastNumber, this.#gatewayEnv, this.logDir, ended);
    this.#nodes.push(node);
    this.#publish();
    await this.#untilInUse(node);
    if (this.#isOperated && this.#operated === undefined) this.sayOperation();
    return node;
  }

  /** Undefined when no gateway with this number runs. Gives the exit code when the last client has left. */
  drain(number: number): Promise<number> | undefined {
    return this.#find(number)?.drain();
  }

  kill(number: number): Promise<void> | undefined {
    return this.#find(number)?.kill();
  }

  /** A rolling upgrade: each gateway gets a successor, and is drained when that is in use. */
  async roll(): Promise<void> {
    for (const old of this.#nodes.filter((node) => node.phase === 'ready')) {
      const next = await this.add();
      this.#say(`${next.name} takes over from ${old.name}`);
      await old.drain();
    }
  }

  /** Undefined without a Redis Cluster. Kills one of its masters; gives its name when a replica has taken over. */
  failOver(): Promise<string> | undefined {
    return this.#redisCluster
      ?.failOver()
      .then(({ port }) => this.#parts.find(({ server }) => server.port === port)?.name ?? `port ${port}`);
  }

  /** As after a change of its configuration. */
  reloadBalancer(): void {
    this.#running().balancer.reload();
  }

  async status(): Promise<readonly PartStatus[]> {
    const views: ReadonlyMap<string, BalancerView> = await this.#running()
      .balancer.views()
      .catch(() => new Map<string, BalancerView>());
    const parts = this.#parts.map(({ name, where, server }) => {
      return { name, where, state: server.isAlive ? 'up' : 'down', detail: '' };
    });
    // Those that ended some time ago are no longer part of it.
    const nodes = this.#nodes.filter((node) => node.isRunning || node === this.#nodes.at(-1));
    const gateways = nodes.map(async (node) => {
      const { state, detail } = await node.report();
      const view = node.isRunning ? `, balancer: ${views.get(node.address) ?? 'unknown'}` : '';
      return { name: node.name, where: node.process.url, state: `${state}${view}`, detail };
    });
    return [...parts, ...(await Promise.all(gateways))];
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await Promise.all(this.#nodes.map((node) => node.interrupt()));
    for (const stop of this.#stops.splice(0).reverse()) await stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(options: ClusterOptions, env: Readonly<Record<string, string>>): Promise<void> {
    const [redisUrl, mongoUrl] = await Promise.all([
      options.redisCluster ? this.#startRedisCluster() : this.#startRedis(),
      this.#startMongo(),
    ]);
    const adminToken = clusterAdminToken(env, this.#dir);
    this.#adminOptions = adminToken.options;
    const [gatewayPort, adminPort] = [await freePort(), await freePort()];
    this.#gatewayEnv = {
      ...(options.ratesOff && ratesOff),
      ...env,
      ...adminToken.env,
      PORT: `${gatewayPort}`,
      ADMIN_PORT: `${adminPort}`,
      REDIS_URL: redisUrl,
      MONGODB_URL: `${mongoUrl}/conclave`,
      TRUSTED_PROXIES: '127.0.0.1',
    };
    this.#dns = await startDnsServer(this.#folder('dns'));
    this.#began('dns', this.#dns.address, this.#dns.server);
    this.#balancer = await startBalancer({
      dir: this.#folder('haproxy'),
      port: options.port,
      gatewayPort,
      dnsServer: this.#dns.address,
      ...(options.ratesOff && {
        env: { ADDRESS_CONNECTS_MAX: '1000000', ADDRESS_CONNECTIONS_MAX: '1000000' },
      }),
    });
    this.#began('haproxy', this.#balancer.url, this.#balancer.server);
    if (options.prometheus) {
      this.#prometheus = await startPrometheus(this.#folder('prometheus'));
      this.#prometheus.publish('haproxy', [this.#balancer.metricsAddress]);
      this.#began('prometheus', this.#prometheus.url, this.#prometheus.server);
      if (options.exporters) await this.#startExporters(this.#prometheus, mongoUrl);
    }
    // The first makes indexes and secrets alone.
    for (let i = 0; i < options.gateways; i += 1) {
      const node = await this.add();
      this.#say(`${node.name} is ready at ${node.process.url}`);
    }
  }

  async #startRedis(): Promise<string> {
    const redis = await startRedisServer({ args: ['--include', redisConfig] });
    this.#began('redis', redis.url, redis);
    return redis.url;
  }

  async #startRedisCluster(): Promise<string> {
    const cluster = await startRedisCluster({ replicas: 1 });
    this.#redisCluster = cluster;
    for (const [i, node] of cluster.nodes.entries())
      this.#parts.push({ name: `redis-${i + 1}`, where: node.url, server: node });
    this.#stops.push(() => cluster.stop());
    this.#say(`redis is ready at ${cluster.url}`);
    return cluster.url;
  }

  async #startMongo(): Promise<string> {
    const mongo = await startMongoServer();
    this.#began('mongo', mongo.url, mongo);
    return mongo.url;
  }

  /** One for each Redis, and one for MongoDB, which Go builds the first time: these servers have no page of metrics. */
  async #startExporters(prometheus: Prometheus, mongoUrl: string): Promise<void> {
    const redisUrls = this.#parts.filter(({ name }) => name.startsWith('redis')).map(({ where }) => where);
    const addresses: string[] = [];
    for (const [index, url] of redisUrls.entries()) {
      const exporter = await startRedisExporter(url);
      const name = redisUrls.length === 1 ? 'redis-exporter' : `redis-exporter-${index + 1}`;
      this.#began(name, `${exporter.url}/metrics`, exporter);
      addresses.push(new URL(exporter.url).host);
    }
    const collector = await startMongoCollector(new URL(mongoUrl).host, this.#say);
    this.#began('mongo-exporter', `${collector.url}/metrics`, collector);
    prometheus.publish('redis-exporter', addresses);
    prometheus.publish('mongo-exporter', [new URL(collector.url).host]);
  }

  #began(name: string, where: string, server: RunningServer): void {
    this.#parts.push({ name, where, server });
    this.#stops.push(() => server.stop());
    this.#say(`${name} is ready at ${where}`);
  }

  #folder(name: string): string {
    const dir = join(this.#dir, name);
    mkdirSync(dir);
    return dir;
  }

  /** The way is long: DNS, the balancer's next question to it, two health checks. */
  async #untilInUse(node: GatewayNode): Promise<void> {
    const { balancer } = this.#running();
    for (const until = Date.now() + IN_USE_MS_MAX; ; await pause(LOOK_AGAIN_MS)) {
      const view = (await balancer.views()).get(node.address);
      if (view === 'up') return;
      if (Date.now() > until) throw new Error(`HAProxy sees ${node.name} as ${view ?? 'unknown'}`);
    }
  }

  #find(number: number): GatewayNode | undefined {
    return this.#nodes.find((node) => node.number === number && node.phase === 'ready');
  }

  /** Draining ones stay in DNS until they end: that they get nothing new is the balancer's knowledge, not DNS's. */
  #publish(): void {
    const running = this.#nodes.filter((node) => node.isRunning);
    this.#running().dns.publish(running.map(({ address }) => address));
    const targets = running.map(({ process }) => new URL(process.adminUrl).host);
    this.#prometheus?.publish('gateway', targets);
  }

  #nodeEnded(node: GatewayNode): void {
    if (this.#stopping) return;
    this.#publish();
    if (node.phase === 'ended') this.#say(`${node.name} ended by itself: ${node.log.lastWords}`);
    if (node === this.#operated) this.sayOperation();
  }

  #running(): { readonly balancer: Balancer; readonly dns: DnsServer } {
    if (this.#balancer === undefined || this.#dns === undefined) throw new Error('no cluster is running');
    return { balancer: this.#balancer, dns: this.#dns };
  }
}
