import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** Stands where a gateway would: what HAProxy makes of its answers is the subject. */
export interface StubGateway extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly sockets: ReadonlySet<WebSocket>;
  /** Of each WebSocket request, oldest first. */
  readonly requests: readonly IncomingHttpHeaders[];
  /** The answer to /readyz from now on. */
  readiness: 200 | 404 | 503;
  /** What it has of the page, by path. */
  readonly files: Map<string, string>;
}

/** `port` 0 takes a free one. */
export async function startStubGateway(address: string, port: number): Promise<StubGateway> {
  const requests: IncomingHttpHeaders[] = [];
  const files = new Map<string, string>();
  const http = createServer(({ url = '' }, response) => {
    const file = files.get(url);
    response.statusCode = url === '/readyz' ? stub.readiness : file === undefined ? 404 : 200;
    response.end(file);
  });
  const server = new WebSocketServer({ server: http });
  server.on('connection', (socket, request) => {
    requests.push(request.headers);
    socket.on('message', (text) => socket.send(`${address} heard ${text}`));
  });
  http.listen(port, address);
  await once(http, 'listening');
  const listening = http.address();
  if (listening === null || typeof listening === 'string') throw new Error('no port');
  const stub: StubGateway = {
    address,
    port: listening.port,
    sockets: server.clients,
    requests,
    readiness: 200,
    files,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return stub;
}
