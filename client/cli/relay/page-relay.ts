import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { contentSecurityPolicy, etagOf, pageHeaders } from '../../../src/page/page-headers.ts';
import { codingFor, type WebAsset } from '../../../src/page/web-page.ts';
import { WEBSOCKET_PATH } from '../../../src/protocol/limits.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { RELAY_METRIC, RELAY_SECRET } from '../../sdk/connection/relay.ts';
import { newSecret, type Relayed, RelayGuard } from './relay-guard.ts';
import { chosenHeaders, requestTo } from './remote-server.ts';

/** The one address that a relay listens at. */
const HOST = '127.0.0.1';
/** One page has one connection and moves a few chunks; what is left is for more pages. */
const CONNECTIONS_MAX = 128;
const HEADER_BYTES_MAX = 8 * 1024;

interface PageRelayOptions {
  readonly server: Origin;
  readonly assets: readonly WebAsset[];
  /** 0: any that is free. */
  readonly port: number;
}

/** Serves the page on this machine, and passes its connections and its files on to a server. */
export class PageRelay {
  readonly #http: Server;
  readonly #options: PageRelayOptions;
  readonly #secret = newSecret();
  readonly #tunnels = new Set<Duplex>();
  readonly #assets: ReadonlyMap<string, WebAsset>;
  #guard: RelayGuard | undefined;
  #policy = '';

  private constructor(options: PageRelayOptions) {
    this.#options = options;
    this.#assets = new Map(options.assets.map((asset) => [asset.path, asset]));
    this.#http = createServer({ maxHeaderSize: HEADER_BYTES_MAX }, (request, response) =>
      this.#answer(request, response),
    );
    this.#http.maxConnections = CONNECTIONS_MAX;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Rejects with the system's error when the port can't be opened. */
  static async open(options: PageRelayOptions): Promise<PageRelay> {
    const relay = new PageRelay(options);
    await new Promise<void>((resolve, reject) => {
      relay.#http.once('error', reject);
      relay.#http.listen(options.port, HOST, resolve);
    });
    const host = `${HOST}:${relay.#port}`;
    relay.#guard = new RelayGuard(host, relay.#secret);
    relay.#policy = contentSecurityPolicy([`ws://${host}`]);
    return relay;
  }

  /** Of the page, with the secret of this start. */
  get address(): string {
    return `http://${HOST}:${this.#port}/#${RELAY_SECRET}=${this.#secret}`;
  }

  /** Drops what is connected, and gives the port back. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    for (const tunnel of this.#tunnels) tunnel.destroy();
    await closed;
  }

  get #port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** What was asked for, or the status of a refusal; undefined: a file of the page. */
  #judge(request: IncomingMessage): Relayed | number | undefined {
    return this.#guard?.isMeant(request) === true ? this.#guard.judge(request) : 421;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const judged = this.#judge(request);
    if (judged === undefined) this.#servePage(request, response);
    else if (typeof judged === 'number') refuse(response, judged);
    else if (judged.kind === 'chunk') this.#passChunk(judged, request, response);
    else response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
  }

  #servePage(request: IncomingMessage, response: ServerResponse): void {
    const { headers, method, url = '' } = request;
    const asset = this.#assets.get(url.replace(/\?.*$/, ''));
    if (asset === undefined || (method !== 'GET' && method !== 'HEAD')) {
      refuse(response, asset === undefined ? 404 : 405);
      return;
    }
    const coding = codingFor(asset, String(headers['accept-encoding'] ?? ''));
    const body = (coding && asset.coded.get(coding)) ?? asset.body;
    for (const [name, value] of pageHeaders(asset, coding, this.#policy)) response.setHeader(name, value);
    response.setHeader('Server-Timing', `${RELAY_METRIC};desc="${this.#options.server}"`);
    if (headers['if-none-match'] === etagOf(asset, coding)) response.writeHead(304).end();
    else response.writeHead(200, { 'Content-Length': body.length }).end(method === 'HEAD' ? undefined : body);
  }

  #passChunk(
    { method, path }: Extract<Relayed, { readonly kind: 'chunk' }>,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const headers = chosenHeaders(request, ['authorization', 'content-length']);
    const passed = requestTo(this.#options.server, path, { method, headers });
    passed.once('response', (answer) => {
      const kept = chosenHeaders(answer, ['content-length', 'content-type', 'retry-after']);
      response.writeHead(answer.statusCode ?? 502, { ...kept, 'Cache-Control': 'no-store' });
      pipeline(answer, response, () => undefined);
    });
    passed.once('error', () => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502);
    });
    response.once('close', () => passed.destroy());
    request.pipe(passed);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const judged = this.#judge(request);
    if (typeof judged === 'number') refuseUpgrade(socket, judged);
    else if (judged?.kind === 'connection') this.#tunnel(judged, socket, head);
    else refuseUpgrade(socket, 404);
  }

  #tunnel(
    { key, protocols }: Extract<Relayed, { readonly kind: 'connection' }>,
    socket: Duplex,
    head: Buffer,
  ): void {
    this.#keep(socket);
    const passed = requestTo(this.#options.server, WEBSOCKET_PATH, {
      method: 'GET',
      headers: {
        ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
        ...{ 'Sec-WebSocket-Key': key, 'Sec-WebSocket-Protocol': protocols },
      },
    });
    passed.end();
    socket.once('close', () => passed.destroy());
    passed.once('error', () => refuseUpgrade(socket, 502));
    passed.once('response', (answer) => {
      answer.resume();
      refuseUpgrade(socket, answer.statusCode ?? 502);
    });
    passed.once('upgrade', (answer, remote, first) => {
      this.#keep(remote);
      remote.setTimeout(0);
      remote.setNoDelay(true);
      const kept = chosenHeaders(answer, ['sec-websocket-accept', 'sec-websocket-protocol']);
      const lines = Object.entries({ Connection: 'Upgrade', Upgrade: 'websocket', ...kept });
      socket.write(
        `HTTP/1.1 101 ${STATUS_CODES[101]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      );
      socket.write(first);
      remote.write(head);
      join(socket, remote);
    });
  }

  #keep(socket: Duplex): void {
    this.#tunnels.add(socket);
    socket.once('close', () => this.#tunnels.delete(socket));
  }
}

/** What comes from one goes to the other, no faster than that takes it; both end together. */
function join(one: Duplex, other: Socket): void {
  const end = (): void => {
    one.destroy();
    other.destroy();
  };
  pipeline(one, other, end);
  pipeline(other, one, end);
}

function refuse(response: ServerResponse, status: number): void {
  response
    .writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', Connection: 'close' })
    .end(`${status} ${STATUS_CODES[status] ?? ''}\n`);
}

function refuseUpgrade(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
