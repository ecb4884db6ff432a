import { isLoopbackOrigin, type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { mongoName } from '../../test/support/services/mongo-server.ts';
import { gatewaySettings } from '../cluster/gateway-settings.ts';
import { LocalCluster } from '../cluster/local-cluster.ts';
import { prepareTestTools } from '../test-tools.ts';
import type { TargetOptions } from './options.ts';

/** What the load goes to. */
export interface Target extends AsyncDisposable {
  readonly url: Origin;
  /** Of its gateways as they are now. */
  metricsPages(): readonly string[];
  /** One per gateway, for clients that go around the balancer; the balancer's when that is not its own. */
  gatewayUrls(): readonly string[];
  readonly remoteWrite: string | undefined;
  /** What has MongoDB's place; undefined: nobody here knows. */
  readonly store: string | undefined;
  /** Replaces all gateways one by one; undefined where that is not ours to do. */
  readonly roll: (() => Promise<void>) | undefined;
}

/** MongoDB's stand-in in Python stops now and then for longer than the 450 ms that a request has by default. */
const patient = { BACKEND_TIMEOUT_MS: '10000' };

/** Starts the own cluster, or takes the one that was named. Undefined: it could not, and has said why. */
export async function openTarget(
  options: TargetOptions,
  say: (line: string) => void,
): Promise<Target | undefined> {
  if (options.url !== undefined) return foreignTarget(options.url, options, say);
  if (!prepareTestTools({ operations: true, engines: false }, say)) return undefined;
  say('starting a cluster with every rate limit off');
  const cluster = await LocalCluster.start(
    {
      gateways: options.gateways,
      port: 0,
      redisCluster: options.redisCluster === true,
      prometheus: options.prometheus === true,
      ratesOff: true,
    },
    { ...patient, ...gatewaySettings() },
    say,
  );
  const { prometheusUrl } = cluster;
  const url = parseOrigin(cluster.url);
  if (url === undefined) throw new TypeError(`${cluster.url} is no address`);
  if (prometheusUrl !== undefined) say(`prometheus at ${prometheusUrl}`);
  return {
    url,
    metricsPages: () => cluster.gateways.map(({ adminUrl }) => `${adminUrl}/metrics`),
    gatewayUrls: () => cluster.gateways.map(({ url }) => url),
    remoteWrite: prometheusUrl === undefined ? undefined : `${prometheusUrl}/api/v1/write`,
    store: mongoName(),
    roll: () => cluster.roll(),
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}

function foreignTarget(url: Origin, { metrics = [] }: TargetOptions, say: (line: string) => void): Target {
  if (!isLoopbackOrigin(url)) say(`${url} is not on this machine: load only what is yours to load`);
  say('its rate limits must be off (CONCLAVE_RATE_…=off, and HAProxy has ADDRESS_CONNECTS_MAX)');
  return {
    url,
    metricsPages: () => metrics,
    gatewayUrls: () => [url],
    remoteWrite: undefined,
    store: undefined,
    roll: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
