import type { Socket } from 'node:net';
import { type Relayed, TcpRelay } from '../tcp-relay.ts';

/** The way of a connection to the service. */
interface Way {
  readonly server: Socket;
  /** What the client sent while it was held, in order. */
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
  readonly #relay: TcpRelay;
  readonly #ways = new Set<Way>();
  readonly #recorded: Buffer[] = [];
  #target: URL;
  #recordedBytes = 0;
  #matches: ((chunk: Buffer) => boolean) | undefined;
  #onHeld: () => void = () => undefined;
  #refusing = false;

  private constructor(relay: TcpRelay, target: URL) {
    this.#relay = relay;
    this.#target = target;
  }

  /** `url`: of the service, such as redis://127.0.0.1:6379. */
  static async before(url: string): Promise<FaultProxy> {
    const relay = await TcpRelay.start({
      target: () => proxy.#next(),
      carry: (relayed) => proxy.#carry(relayed),
    });
    const proxy = new FaultProxy(relay, new URL(url));
    return proxy;
  }

  /** The service's address by way of this proxy. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = this.#relay.address;
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
    for (const way of this.#ways) {
      way.held = false;
      for (const chunk of way.waiting.splice(0)) way.server.write(chunk);
    }
  }

  /** What was held is lost, every connection breaks, and new ones are refused until mend(). */
  cut(): void {
    this.#matches = undefined;
    this.#refusing = true;
    this.#relay.cutAll();
  }

  /** New connections are taken again; with a URL they lead there from now on. */
  mend(url?: string): void {
    if (url !== undefined) this.#target = new URL(url);
    this.#refusing = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#relay[Symbol.asyncDispose]();
  }

  #next(): { readonly host: string; readonly port: number } | undefined {
    return this.#refusing ? undefined : { host: this.#target.hostname, port: Number(this.#target.port) };
  }

  #carry({ client, server }: Relayed): void {
    const way: Way = { server, waiting: [], held: false };
    this.#ways.add(way);
    client.once('close', () => this.#ways.delete(way));
    client.on('data', (chunk) => this.#send(way, chunk));
    server.on('data', (chunk) => {
      this.#record(chunk);
      client.write(chunk);
    });
  }

  #send(way: Way, chunk: Buffer): void {
    this.#record(chunk);
    if (!way.held && this.#matches?.(chunk) === true) {
      way.held = true;
      this.#matches = undefined;
      this.#onHeld();
    }
    if (way.held) way.waiting.push(chunk);
    else way.server.write(chunk);
  }

  #record(chunk: Buffer): void {
    if (this.#recordedBytes + chunk.length > RECORDED_BYTES_MAX) return;
    this.#recorded.push(chunk);
    this.#recordedBytes += chunk.length;
  }
}
