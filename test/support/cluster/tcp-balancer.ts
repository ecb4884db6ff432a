import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** How long a node may take to say that it is ready. */
const HEALTH_MS_MAX = 500;

/**
 * A load balancer as small as can be: each new connection goes to the next node that answers 200 on /readyz, as behind
 * HAProxy. With none, the connection is refused.
 */
export class TcpBalancer implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, node: Socket]>();
  readonly #targets: URL[] = [];
  #next = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (client) => {
      client.on('error', () => undefined);
      this.#serve(client).catch(() => client.destroy());
    });
  }

  /** `urls`: of gateways, such as ws://127.0.0.1:8080. */
  static async start(urls: readonly string[] = []): Promise<TcpBalancer> {
    // The client's first bytes wait until a node was found for them.
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const balancer = new TcpBalancer(server);
    for (const url of urls) balancer.add(url);
    return balancer;
  }

  /** What clients dial. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the balancer is closed');
    return `ws://127.0.0.1:${address.port}`;
  }

  add(url: string): void {
    this.#targets.push(new URL(url));
  }

  /** Breaks every connection on both sides, as a failing network does. */
  cutAll(): void {
    for (const [client, node] of this.#pairs) {
      client.resetAndDestroy();
      node.resetAndDestroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cutAll();
    await closed;
  }

  async #serve(client: Socket): Promise<void> {
    const target = await this.#nextReady();
    if (target === undefined || client.destroyed) return void client.destroy();
    const node = connect({ host: target.hostname, port: Number(target.port) });
    const pair = [client, node] as const;
    this.#pairs.add(pair);
    node.on('error', () => undefined);
    client.once('close', () => {
      this.#pairs.delete(pair);
      node.destroy();
    });
    // What the node said last, its close code above all, still has to reach the client.
    node.once('close', (hadError) => (hadError ? client.destroy() : client.end()));
    client.pipe(node);
    node.pipe(client);
  }

  async #nextReady(): Promise<URL | undefined> {
    for (let tries = 0; tries < this.#targets.length; tries += 1) {
      const target = this.#targets[this.#next % this.#targets.length];
      this.#next += 1;
      if (target !== undefined && (await isReady(target))) return target;
    }
    return undefined;
  }
}

async function isReady({ host }: URL): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/readyz`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
