/** Child process: reads whatever it is sent. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Fields, serveParent } from '../../loadtest/native/parent-and-child.ts';

async function listen(): Promise<Fields> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port };
}

serveParent({ listen });
