import {
  type us_listen_socket as ListenSocket,
  type TemplatedApp,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { connect, createServer } from 'node:net';
import { ListenRefused } from './listen-refused.ts';

export interface Listener {
  /** The real one, also when 0 was asked for. */
  readonly port: number;
  /** No new connections; those that exist stay. */
  stop(): void;
}

/** Listens on exactly one port. Throws ListenRefused. */
export async function listen(app: TemplatedApp, host: string, port: number): Promise<Listener> {
  if (port !== 0) await requireFree(host, port);
  const socket = await new Promise<ListenSocket | false>((resolve) => {
    app.listen(host, port, resolve);
  });
  if (socket === false) throw new ListenRefused(host, port, await systemError(host, port));
  let isOpen = true;
  return {
    port: us_socket_local_port(socket),
    stop(): void {
      if (isOpen) us_listen_socket_close(socket);
      isOpen = false;
    },
  };
}

const PROBE_MS_MAX = 1_000;

/**
 * uWebSockets.js shares a port with a gateway that listens there already, which would then lose half of its clients. Its
 * exclusive mode is no way out: it refuses a port on which connections of a killed process still linger, for a minute.
 * So whoever listens is found by dialling. Throws ListenRefused.
 */
export function requireFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect({ host: reachable(host), port, timeout: PROBE_MS_MAX });
    const free = (): void => {
      probe.destroy();
      resolve();
    };
    probe.once('connect', () => {
      probe.destroy();
      reject(new ListenRefused(host, port));
    });
    probe.once('error', free);
    probe.once('timeout', free);
  });
}

/** uWebSockets.js only says that it could not listen; Node, asked for the same, says why. Undefined: now it could. */
function systemError(host: string, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** An address at which what listens on `host` answers. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
