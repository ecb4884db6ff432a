import { connect } from 'node:net';
import { type RunningServer, type ServerOptions, type ServerRecipe, startServer } from './server-process.ts';

export type RedisServer = RunningServer;

/** One real Redis without persistence: a restart comes back empty, as after the loss of a node. */
export function startRedisServer(options: ServerOptions = {}): Promise<RedisServer> {
  const command: ServerRecipe['command'] = (port, dir) => [
    'redis-server',
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'],
  ];
  const probe = async (port: number): Promise<void> => void (await askRedis(port, 'PING', '+PONG'));
  return startServer({ name: 'redis', command, url: (port) => `redis://127.0.0.1:${port}`, probe }, options);
}

/** Sends one inline command and resolves with the reply once it contains `expected`. */
export function askRedis(port: number, command: string, expected: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let reply = '';
    const fail = (reason: Error): void => {
      socket.destroy();
      reject(reason);
    };
    socket.setTimeout(1_000, () => fail(new Error(`no "${expected}" in time: ${reply}`)));
    socket.once('error', fail);
    socket.once('end', () => fail(new Error(`closed before "${expected}": ${reply}`)));
    socket.on('data', (bytes) => {
      reply += bytes.toString();
      if (!reply.includes(expected)) return;
      socket.destroy();
      resolve(reply);
    });
    socket.write(`${command}\r\n`);
  });
}
