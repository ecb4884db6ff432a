import { once } from 'node:events';
import { connect } from 'node:net';

/** Bytes as they are, where an HTTP client would mend or refuse them. Resolves with all that came back when the server closes. */
export async function rawHttp(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.write(request);
  await closed;
  return text;
}

/** A WebSocket request with further header lines, in this order. Without any of ours, the subprotocol is offered. */
export function upgradeRequest(lines: readonly string[]): string {
  const own = lines.some((line) => /^sec-websocket-protocol:/i.test(line));
  return [
    'GET /v1 HTTP/1.1',
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...(own ? [] : ['Sec-WebSocket-Protocol: conclave.v1']),
    ...lines,
    '',
    '',
  ].join('\r\n');
}
