import { connect } from 'node:net';
import { parseArgs } from 'node:util';

/** Opens WebSocket connections, reads and forgets. A process of its own, so that its CPU time is not the sender's. */
const { values } = parseArgs({ options: { port: { type: 'string' }, count: { type: 'string' } } });
const count = Number(values.count);
let upgraded = 0;

for (let i = 0; i < count; i += 1) {
  const socket = connect({ port: Number(values.port), host: '127.0.0.1' });
  socket.write(
    'GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  socket.once('data', () => {
    upgraded += 1;
    if (upgraded === count) process.send?.('ready');
  });
  socket.on('data', () => undefined);
  socket.on('error', () => process.exit(1));
}
process.on('disconnect', () => process.exit(0));
