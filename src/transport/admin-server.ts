import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Health } from '../gateway/health.ts';
import { ADMIN_PATH_PREFIX, adminErrors } from '../protocol/admin-actions.ts';
import { type AdminAccess, refuseAccess, refuseHost } from './admin-access.ts';
import { type ActionTaker, answerAction } from './admin-routes.ts';
import { healthAnswer, isHealthPath, nothingHere } from './health-answer.ts';
import { ListenRefused } from './listen-refused.ts';
import { sendJson } from './send-json.ts';

export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface AdminServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Only programs on this machine reach `host`: then metrics and actions check which name was dialled. */
  readonly isLoopback: boolean;
  readonly page: MetricsPage;
  readonly health: Health;
  /** Asked for each action: the token may be known only when the store is open. */
  readonly access: () => AdminAccess;
  readonly api: ActionTaker;
}

export interface AdminServer {
  /** The real one, also when 0 was asked for. */
  readonly port: number;
  close(): void;
}

/** Connections at a time; one more is dropped. */
const CONNECTIONS_MAX = 1_024;
/** A request's head and body have to arrive within this. */
const REQUEST_MS_MAX = 10_000;
const LATE_LOOK_EVERY_MS = 2_000;

/**
 * `/metrics`, the health routes, and the actions of operators, on a port of their own. It speaks HTTP/1.0 as well, and
 * answers probes without a Host header. Throws ListenRefused.
 */
export async function openAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = createServer(
    {
      requireHostHeader: false,
      // All lines of a header count: a second one of Host or Authorization makes the value a wrong one.
      joinDuplicateHeaders: true,
      headersTimeout: REQUEST_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: LATE_LOOK_EVERY_MS,
    },
    (request, response) => answer(request, response, options),
  );
  server.maxConnections = CONNECTIONS_MAX;
  const port = await listening(server, options);
  return {
    port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, options: AdminServerOptions): void {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  const { host = '', origin = '', authorization = '' } = request.headers;
  const rebound = options.isLoopback ? refuseHost(host, options.host) : undefined;
  if (isReading && isHealthPath(path)) {
    // Whatever the Host header says: probes come by address.
    const { status, body } = healthAnswer(path, options.health);
    sendJson(response, status, body);
  } else if (path.startsWith(ADMIN_PATH_PREFIX)) {
    const denied = rebound ?? refuseAccess({ origin, authorization }, options.access());
    void answerAction(request, response, { path, denied, api: options.api });
  } else if (!isReading || path !== '/metrics') {
    sendJson(response, 404, nothingHere, { end: !isReading });
  } else if (rebound !== undefined) {
    const { refused: error, message } = rebound;
    sendJson(response, adminErrors[error].status, { error, message });
  } else {
    sendPage(response, options.page);
  }
}

function sendPage(response: ServerResponse, page: MetricsPage): void {
  page.text().then(
    (text) => response.writeHead(200, { 'Content-Type': page.contentType }).end(text),
    () => response.writeHead(500, { 'Content-Type': 'text/plain' }).end('the metrics could not be read\n'),
  );
}

function listening(server: Server, { host, port }: AdminServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    // Later ones are connections that could not be accepted: they harm only whoever asks.
    server.on('error', (error) => reject(new ListenRefused('admin', host, port, error)));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
