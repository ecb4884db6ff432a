import { Option } from 'commander';
import { parseCommand, type Refusal, wholeNumber } from '../command-line.ts';

export interface ClusterOptions {
  readonly gateways: number;
  /** Of the load balancer, where clients connect; 0 takes a free one. */
  readonly port: number;
  readonly redisCluster?: boolean;
  readonly prometheus: boolean;
  /** What tells Prometheus about Redis and MongoDB. */
  readonly exporters?: boolean;
  /** Where the gateways' logs stay; undefined: in the cluster's folder, until it stops. */
  readonly logs?: string;
  /** No rate limits: everybody on this machine shares one address. */
  readonly ratesOff?: boolean;
}

/** More than one machine can use; HAProxy's slots and the loopback addresses would carry them. */
export const GATEWAYS_MAX = 50;

export function parseClusterOptions(args: readonly string[]): ClusterOptions | Refusal {
  return parseCommand('npm run cluster --', args, (program) => {
    const exporters = 'run the Prometheus exporters of Redis and MongoDB; the second is built with Go, once';
    program
      .option('--gateways <n>', 'number of gateways to start', wholeNumber(1, GATEWAYS_MAX), 2)
      .option('--port <port>', 'port for clients; 0 takes a free one', wholeNumber(0, 65_535), 8080)
      .option('--redis-cluster', 'three Redis masters with a replica each, and sharded pub/sub')
      .option('--rates-off', 'turn rate limits off, for tests and load')
      .addOption(new Option('--exporters', exporters).conflicts('prometheus'))
      .option('--no-prometheus', 'run no Prometheus')
      .option('--logs <dir>', "keep the gateways' logs in DIR; by default they go when the cluster stops")
      .addHelpText(
        'after',
        `
CONCLAVE_… environment variables are passed to the gateways.
Commands, one per line: add [K], drain N, kill N, roll, reload, failover, status, quit.
End of input quits, too.`,
      );
    return () => program.opts<ClusterOptions>();
  });
}
