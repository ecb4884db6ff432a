import {
  App,
  type HttpRequest,
  type HttpResponse,
  SSLApp,
  type TemplatedApp,
  type us_socket_context_t,
  type WebSocket,
} from 'uWebSockets.js';
import type { BlockList } from 'node:net';
import type { FileTransfers } from '../gateway/file-transfers.ts';
import type { Health } from '../gateway/health.ts';
import type { ConnectionAcceptor, SendOutcome, Socket, SocketEvents } from '../gateway/socket.ts';
import { contentSecurityPolicy } from '../page/page-headers.ts';
import type { WebAsset } from '../page/web-page.ts';
import { type CloseName, closeCodes } from '../protocol/codes.ts';
import {
  INBOUND_FRAME_BYTES_MAX,
  OUTBOUND_FRAME_BYTES_MAX,
  SUBPROTOCOL,
  WEBSOCKET_PATH,
} from '../protocol/limits.ts';
import { AcceptedConnections } from './accepted-connections.ts';
import { clientAddress } from './client-address.ts';
import { addFileRoutes } from './file-routes.ts';
import { addHealthRoutes, addNotFound } from './http-routes.ts';
import { type Listener, listen } from './listen.ts';
import { checkTlsFiles, type TlsFiles, type Validity } from './tls-files.ts';
import { addWebRoutes } from './web-routes.ts';

/** A frame that is this little too long is still told so. */
const FRAME_OVER_BYTES = 1024;
/** What send() of uWebSockets answers: 0 buffered, 1 sent, 2 dropped because maxBackpressure is reached. */
const UWS_SENT = 1;
const UWS_DROPPED = 2;

export interface WebSocketServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles;
  readonly trustedProxies: BlockList;
  readonly outboxBytes: number;
  readonly silenceSeconds: number;
}

export interface WebSocketServer extends Listener {
  /** Of the certificate; undefined without TLS. */
  readonly certificate: Validity | undefined;
  /** Drops what is still connected, and the listener. */
  close(): void;
}

/** What is served besides connections. */
export interface ServedParts {
  readonly health: Health;
  readonly files: FileTransfers;
  /** Undefined: none. `connects`: the addresses that the page may connect to, once the port is known. */
  readonly page:
    | { readonly assets: readonly WebAsset[]; connects(port: number): readonly string[] }
    | undefined;
}

/** Listens for clients. Throws ListenRefused or TlsRefused. The acceptor decides about every connection before it is upgraded. */
export async function openWebSocketServer(
  options: WebSocketServerOptions,
  acceptor: ConnectionAcceptor,
  { health, files, page }: ServedParts,
): Promise<WebSocketServer> {
  const certificate = options.tls && checkTlsFiles(options.tls);
  const app = createApp(options);
  const accepted = new AcceptedConnections(app, options.trustedProxies, acceptor);
  addWebSocketRoute(app, options, { acceptor, accepted });
  const settle = (response: HttpResponse): void => void accepted.settle(response, false);
  addFileRoutes(app, files, (response) => accepted.claim(response));
  addHealthRoutes(app, health, settle);
  let policy = '';
  if (page !== undefined) addWebRoutes(app, { assets: page.assets, policy: () => policy, settle });
  addNotFound(app, settle);
  const listener = await listen(app, options.host, options.port);
  if (page !== undefined) policy = contentSecurityPolicy(page.connects(listener.port));
  return {
    port: listener.port,
    certificate,
    stop: () => listener.stop(),
    close: () => void app.close(),
  };
}

/** Of TLS 1.2, those with forward secrecy and authenticated encryption; TLS 1.3 has no others. */
const TLS_CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':');

function createApp({ tls }: WebSocketServerOptions): TemplatedApp {
  if (tls === undefined) return App();
  return SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile, ssl_ciphers: TLS_CIPHERS });
}

interface Acceptance {
  readonly acceptor: ConnectionAcceptor;
  readonly accepted: AcceptedConnections;
}

function addWebSocketRoute(app: TemplatedApp, options: WebSocketServerOptions, acceptance: Acceptance): void {
  const { acceptor } = acceptance;
  app.ws<SocketHolder>(WEBSOCKET_PATH, {
    // What is larger is dropped by the library without a close frame; what lies between is closed with a code. The
    // library keeps an unfinished frame up to this length for every connection, also before the login.
    maxPayloadLength: INBOUND_FRAME_BYTES_MAX + FRAME_OVER_BYTES,
    // Never reached: the outbox closes the session at its own cap, at most one frame above it.
    maxBackpressure: options.outboxBytes + 2 * OUTBOUND_FRAME_BYTES_MAX,
    // Frees sockets that were ended while their peer no longer answers. The gateway's heartbeat is stricter.
    idleTimeout: idleTimeoutSeconds(options.silenceSeconds),
    sendPingsAutomatically: false,
    upgrade: (response, request, context) =>
      upgrade(response, request, context, options.trustedProxies, acceptance),
    open: (native) => native.getUserData().socket.attach(native, acceptor),
    message: (native, message, isBinary) => {
      const { events } = native.getUserData().socket;
      if (isBinary) events?.binary(new Uint8Array(message));
      else events?.text();
    },
    ping: (native) => native.getUserData().socket.events?.heard(),
    pong: (native) => native.getUserData().socket.events?.heard(),
    drain: (native) => native.getUserData().socket.events?.drained(),
    close: (native, code) => native.getUserData().socket.closed(code),
  });
}

/** uWebSockets takes 8 to 960 seconds. */
function idleTimeoutSeconds(silenceSeconds: number): number {
  return Math.min(960, Math.max(8, 2 * silenceSeconds));
}

function upgrade(
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
  trustedProxies: BlockList,
  { acceptor, accepted }: Acceptance,
): void {
  const { forwardedFor, subprotocols, browserOrigin } = headersOf(request);
  const address =
    accepted.settle(response, true) ??
    clientAddress(new Uint8Array(response.getRemoteAddress()), forwardedFor, trustedProxies);
  const admission = acceptor.admit({ address, browserOrigin, subprotocols });
  if (!admission.admitted && 'status' in admission) {
    response
      .writeStatus(admission.status)
      .writeHeader('Content-Type', 'text/plain')
      .end(`${admission.status}\n`, true);
    return;
  }
  // The filter is not told of the end of a connection that became a WebSocket.
  acceptor.gone();
  response.upgrade<SocketHolder>(
    { socket: new UwsSocket(address, admission.admitted ? undefined : admission.close) },
    request.getHeader('sec-websocket-key'),
    chosenSubprotocol(subprotocols),
    '',
    context,
  );
}

/**
 * Each with all of its lines joined in order, as HTTP joins them; empty when it is absent. `getHeader` of the library gives the first
 * line only: a proxy that adds its line below the client's would not be heard.
 */
function headersOf(request: Pick<HttpRequest, 'forEach'>): {
  readonly forwardedFor: string;
  readonly subprotocols: string;
  readonly browserOrigin: string;
} {
  let [forwardedFor, subprotocols, browserOrigin] = ['', '', ''];
  const joined = (lines: string, line: string): string => (lines === '' ? line : `${lines}, ${line}`);
  // In one pass: the library makes texts of all headers for each.
  request.forEach((lowerCaseName, line) => {
    if (lowerCaseName === 'x-forwarded-for') forwardedFor = joined(forwardedFor, line);
    else if (lowerCaseName === 'sec-websocket-protocol') subprotocols = joined(subprotocols, line);
    else if (lowerCaseName === 'origin') browserOrigin = joined(browserOrigin, line);
  });
  return { forwardedFor, subprotocols, browserOrigin };
}

/** Ours. To a client that does not offer it, its own first one, since it would take any other for a broken server. */
function chosenSubprotocol(offered: string): string {
  const names = offered.split(',').map((name) => name.trim());
  return names.includes(SUBPROTOCOL) ? SUBPROTOCOL : (names[0] ?? '');
}

/** The user data of a connection. The library copies its fields to an object of its own, so a class would not survive. */
export interface SocketHolder {
  readonly socket: UwsSocket;
}

/** Holds the native socket while it is valid, which is from open to close. */
export class UwsSocket implements Socket {
  events: SocketEvents | undefined;
  readonly #address: string;
  readonly #refusal: CloseName | undefined;
  #native: WebSocket<SocketHolder> | undefined;

  /** With a refusal the connection is closed with it as soon as it is open: only then can a browser see the code. */
  constructor(address: string, refusal: CloseName | undefined) {
    this.#address = address;
    this.#refusal = refusal;
  }

  attach(native: WebSocket<SocketHolder>, acceptor: ConnectionAcceptor): void {
    if (this.#refusal !== undefined) {
      native.end(closeCodes[this.#refusal].code, this.#refusal);
      return;
    }
    this.#native = native;
    this.events = acceptor.opened(this, this.#address);
  }

  send(frame: Uint8Array): SendOutcome {
    const native = this.#native;
    if (native === undefined) return 'refused';
    const answer = native.send(frame, true, false);
    if (answer === UWS_SENT) return 'sent';
    return answer === UWS_DROPPED ? 'refused' : 'buffered';
  }

  cork(write: () => void): void {
    if (this.#native === undefined) write();
    else this.#native.cork(write);
  }

  ping(): void {
    this.#native?.ping();
  }

  bufferedBytes(): number {
    return this.#native?.getBufferedAmount() ?? 0;
  }

  end(code: number, reason: string): void {
    this.#native?.end(code, reason);
  }

  terminate(): void {
    this.#native?.close();
  }

  /** The native socket must not be touched any more, from within the close callback on. */
  closed(code: number): void {
    this.#native = undefined;
    this.events?.closed(code);
    this.events = undefined;
  }
}
