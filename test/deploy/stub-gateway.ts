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
}

/** `port` 0 takes a free one. */
export async function startStubGateway(address: string, port: number): Promise<StubGateway> {
  const requests: IncomingHttpHeaders[] = [];
  const http = createServer((_request, response) => {
    response.statusCode = stub.readiness;
    response.end();
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
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return stub;
}
