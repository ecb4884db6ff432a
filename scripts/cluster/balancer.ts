import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectionsWithinFileLimit } from '../../src/transport/file-limit.ts';
import { freePort, type RunningServer, startServer } from '../../test/support/services/server-process.ts';
import { GATEWAY_NAME } from './dns-server.ts';

/** Where clients reach the balancer. */
export const BALANCER_HOST = '127.0.0.1';

export const haproxyConfig: string = fileURLToPath(
  new URL('../../deploy/haproxy/haproxy.cfg', import.meta.url),
);

/** What HAProxy thinks of a gateway; `draining` takes no new connections. */
export type BalancerView = 'down' | 'starting' | 'up' | 'draining';

export interface Balancer {
  readonly server: RunningServer;
  /** What clients dial. */
  readonly url: string;
  /** ADDRESS:PORT of its own metrics. */
  readonly metricsAddress: string;
  /** By the gateway's address. */
  views(): Promise<ReadonlyMap<string, BalancerView>>;
  /** A new process reads the configuration; the one before keeps its connections until they end. */
  reload(): void;
}

export interface BalancerOptions {
  readonly dir: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly gatewayPort: number;
  readonly dnsServer: string;
  /** Further variables of the configuration. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts HAProxy with the file that is deployed. */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const { dir, dnsServer, gatewayPort, env = {} } = options;
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const masterSocket = join(dir, 'master.sock');
  const server = await startServer(
    {
      name: 'haproxy',
      command: (port) => [
        'env',
        ...Object.entries({
          GATEWAY_HOST: GATEWAY_NAME,
          GATEWAY_PORT: `${gatewayPort}`,
          DNS_SERVER: dnsServer,
          LISTEN: `${BALANCER_HOST}:${port}`,
          LISTEN_METRICS: metricsAddress,
          CONNECTIONS_MAX: `${connectionsMax()}`,
          ...env,
        }).map(([name, value]) => `${name}=${value}`),
        ...['haproxy', '-W', '-db', '-S', masterSocket, '-f', haproxyConfig],
      ],
      url: (port) => `ws://${BALANCER_HOST}:${port}`,
      // On the metrics' port, which speaks plain HTTP also when clients come by TLS.
      probe: async () => {
        await (await fetch(`http://${metricsAddress}/`)).arrayBuffer();
      },
    },
    { dir, ...(options.port !== 0 && { port: options.port }) },
  );
  return {
    server,
    url: server.url,
    metricsAddress,
    views: async () => parseViews(await askSocket(masterSocket, '@1 show servers state gateways')),
    reload: () => void process.kill(server.pid, 'SIGUSR2'),
  };
}

const CONNECTIONS_MAX = 20_000;

/** HAProxy refuses to start when it could not open two files for each. */
function connectionsMax(): number {
  return Math.floor(connectionsWithinFileLimit(2 * CONNECTIONS_MAX) / 2);
}

/** Fields of `show servers state`, in HAProxy's order; the operational state is a number. */
const ADDRESS_FIELD = 4;
const STATE_FIELD = 5;
const states: readonly BalancerView[] = ['down', 'starting', 'up', 'draining'];

function parseViews(text: string): ReadonlyMap<string, BalancerView> {
  const views = new Map<string, BalancerView>();
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const address = fields[ADDRESS_FIELD];
    const view = states[Number(fields[STATE_FIELD])];
    if (address?.startsWith('127.') && view !== undefined) views.set(address, view);
  }
  return views;
}

const ANSWER_MS_MAX = 2_000;

/** One command to HAProxy's socket; gives the answer. */
export function askSocket(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = '';
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('HAProxy does not answer')));
    socket.on('data', (bytes) => {
      answer += bytes.toString();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
    socket.end(`${command}\n`);
  });
}
