import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A connection to the relay, and the one that it leads to. */
export interface Relayed {
  readonly client: Socket;
  readonly server: Socket;
}

export interface RelayOptions {
  /** Asked for each connection; undefined refuses it. Until the answer, nothing of it is read. */
  target(): Target | undefined | Promise<Target | undefined>;
  /** Carries bytes both ways; by default all of them, as they come. */
  carry?(relayed: Relayed): void;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Stands between clients and a server on a free port of this machine. */
export class TcpRelay implements AsyncDisposable {
  readonly #listener: Server;
  readonly #options: RelayOptions;
  readonly #open = new Set<Relayed>();

  private constructor(listener: Server, options: RelayOptions) {
    this.#listener = listener;
    this.#options = options;
    listener.on('connection', (client) => {
      client.on('error', () => undefined);
      this.#accept(client).catch(() => client.destroy());
    });
  }

  static async start(options: RelayOptions): Promise<TcpRelay> {
    const listener = createServer({ pauseOnConnect: true });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpRelay(listener, options);
  }

  /** HOST:PORT */
  get address(): string {
    const address = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the relay is closed');
    return `127.0.0.1:${address.port}`;
  }

  get open(): ReadonlySet<Relayed> {
    return this.#open;
  }

  /** Resets every connection on both sides, as a failing network does. */
  cutAll(): void {
    for (const { client, server } of this.#open) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Cuts all and takes no new ones. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listener.listening ? once(this.#listener, 'close') : undefined;
    this.#listener.close();
    this.cutAll();
    await closed;
  }

  async #accept(client: Socket): Promise<void> {
    const target = await this.#options.target();
    if (target === undefined || client.destroyed) return void client.resetAndDestroy();
    const server = connect({ ...target, noDelay: true });
    client.setNoDelay(true);
    const relayed = { client, server };
    this.#open.add(relayed);
    server.on('error', () => undefined);
    client.once('close', () => {
      this.#open.delete(relayed);
      server.destroy();
    });
    // What the server said last, a close code for instance, still has to reach the client.
    server.once('close', (hadError) => (hadError ? client.destroy() : client.end()));
    client.resume();
    (this.#options.carry ?? pipeBoth)(relayed);
  }
}

function pipeBoth({ client, server }: Relayed): void {
  client.pipe(server);
  server.pipe(client);
}
