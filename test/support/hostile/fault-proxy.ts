import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What the client sent while its direction was held, in order. */
  readonly waiting: Buffer[];
  held: boolean;
}

/** Bytes that one proxy remembers; a test that carries more is too long. */
const RECORDED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Stands between one gateway and one of its services, and holds what the gateway sends at the moment that a test names:
 * everything from that request on, on that connection, waits; what the service says still comes through.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #listener: Server;
  #target: URL;
  readonly #pairs = new Set<Pair>();
  readonly #recorded: Buffer[] = [];
  #recordedBytes = 0;
  #matches: ((chunk: Buffer) => boolean) | undefined;
  #onHeld: () => void = () => undefined;
  #refusing = false;

  private constructor(listener: Server, target: URL) {
    this.#listener = listener;
    this.#target = target;
    listener.on('connection', (client) => this.#accept(client));
  }

  /** `url`: of the service, such as redis://127.0.0.1:6379. */
  static async before(url: string): Promise<FaultProxy> {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new FaultProxy(listener, new URL(url));
  }

  /** The service's address by way of this proxy. */
  get url(): string {
    const address = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${address.port}`;
    // Else the driver asks where the replica set is, and goes there past the proxy.
    if (url.protocol === 'mongodb:') url.searchParams.set('directConnection', 'true');
    return url.toString();
  }

  /** Everything carried so far, both directions. */
  get recorded(): Buffer {
    return Buffer.concat(this.#recorded);
  }

  /** Resolves when a connection sent something that matches: it, and all that follows there, is held. */
  holdAt(matches: (chunk: Buffer) => boolean): Promise<void> {
    this.#matches = matches;
    return new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }

  /** What was held goes on its way. */
  release(): void {
    this.#matches = undefined;
    for (const pair of this.#pairs) {
      pair.held = false;
      for (const chunk of pair.waiting.splice(0)) pair.server.write(chunk);
    }
  }

  /** What was held is lost, every connection breaks, and new ones are refused until mend(). */
  cut(): void {
    this.#matches = undefined;
    this.#refusing = true;
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** New connections are taken again; with a URL they lead there from now on. */
  mend(url?: string): void {
    if (url !== undefined) this.#target = new URL(url);
    this.#refusing = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#refusing) return void client.resetAndDestroy();
    const server = connect({ host: this.#target.hostname, port: Number(this.#target.port) });
    const pair: Pair = { client, server, waiting: [], held: false };
    this.#pairs.add(pair);
    server.on('error', () => undefined);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on('data', (chunk) => this.#carry(pair, chunk));
    server.on('data', (chunk) => {
      this.#record(chunk);
      client.write(chunk);
    });
    client.on('close', () => {
      this.#pairs.delete(pair);
      server.destroy();
    });
    server.on('close', () => client.destroy());
  }

  #carry(pair: Pair, chunk: Buffer): void {
    this.#record(chunk);
    if (!pair.held && this.#matches?.(chunk) === true) {
      pair.held = true;
      this.#matches = undefined;
      this.#onHeld();
    }
    if (pair.held) pair.waiting.push(chunk);
    else pair.server.write(chunk);
  }

  #record(chunk: Buffer): void {
    if (this.#recordedBytes + chunk.length > RECORDED_BYTES_MAX) return;
    this.#recorded.push(chunk);
    this.#recordedBytes += chunk.length;
  }
}
