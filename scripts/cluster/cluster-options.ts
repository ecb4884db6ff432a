import { parseArgs } from 'node:util';

export interface ClusterOptions {
  readonly gateways: number;
  /** Of the load balancer, where clients connect; 0 takes a free one. */
  readonly port: number;
  readonly redisCluster: boolean;
  readonly prometheus: boolean;
  /** What tells Prometheus about Redis and MongoDB. */
  readonly exporters: boolean;
  /** Where the gateways' logs stay; undefined: in the cluster's folder, until it stops. */
  readonly logDir?: string | undefined;
  /** No rate limits: everybody on this machine shares one address. */
  readonly ratesOff: boolean;
}

export const clusterUsage = `npm run cluster -- [--gateways N] [--port P] [--redis-cluster] [--rates-off] [--exporters | --no-prometheus] [--logs DIR]

  --gateways N      number of gateways to start (2)
  --port P          port for clients; 0 takes a free one (8080)
  --redis-cluster   use three Redis masters with a replica each, and sharded pub/sub, instead of one Redis
  --rates-off       turn rate limits off, for tests and load
  --exporters       run the Prometheus exporters of Redis and MongoDB; the second is built with Go, once
  --no-prometheus   run no Prometheus
  --logs DIR        write the gateways' logs to DIR and keep them; by default they go when the cluster stops

CONCLAVE_… environment variables are passed to the gateways.
Commands, one per line: add [K], drain N, kill N, roll, reload, failover, status, quit.
End of input quits, too.`;

/** More than one machine can use; HAProxy's slots and the loopback addresses would carry them. */
export const GATEWAYS_MAX = 50;

/** Gives a text for the user when the arguments can't be understood. */
export function parseClusterOptions(args: readonly string[]): ClusterOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        gateways: { type: 'string', default: '2' },
        port: { type: 'string', default: '8080' },
        'redis-cluster': { type: 'boolean', default: false },
        'rates-off': { type: 'boolean', default: false },
        exporters: { type: 'boolean', default: false },
        'no-prometheus': { type: 'boolean', default: false },
        logs: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const gateways = wholeNumber(values.gateways, 1, GATEWAYS_MAX);
    const port = wholeNumber(values.port, 0, 65_535);
    if (values.help) return clusterUsage;
    if (gateways === undefined)
      return `--gateways ${values.gateways}: give a number of gateways from 1 to ${GATEWAYS_MAX}\n\n${clusterUsage}`;
    if (port === undefined)
      return `--port ${values.port}: give a port from 1 to 65535, or 0 for a free one\n\n${clusterUsage}`;
    if (values.exporters && values['no-prometheus'])
      return `--exporters needs Prometheus: leave out --no-prometheus\n\n${clusterUsage}`;
    return {
      gateways,
      port,
      redisCluster: values['redis-cluster'],
      prometheus: !values['no-prometheus'],
      exporters: values.exporters,
      ratesOff: values['rates-off'],
      logDir: values.logs,
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${clusterUsage}`;
  }
}

function wholeNumber(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}
