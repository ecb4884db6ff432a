import {
  type us_listen_socket as ListenSocket,
  type TemplatedApp,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
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
  if (socket === false) throw new ListenRefused('clients', host, port, await systemError(host, port));
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
export async function requireFree(host: string, port: number): Promise<void> {
  const answers = await Promise.all(reachable(host).map((address) => somebodyListens(address, port)));
  if (answers.includes(true)) throw new ListenRefused('clients', host, port);
}

function somebodyListens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ host, port, timeout: PROBE_MS_MAX });
    const answer = (listens: boolean): void => {
      probe.destroy();
      resolve(listens);
    };
    probe.once('connect', () => answer(true));
    probe.once('error', () => answer(false));
    probe.once('timeout', () => answer(false));
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

/** The addresses that would be shared: of this machine, where `host` stands for all of them. `::` takes IPv4 too. */
function reachable(host: string): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const own = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => host === '::' || family === 'IPv4')
      .map(({ address, scopeid = 0 }) => (scopeid === 0 ? address : `${address}%${name}`)),
  );
  return [...new Set(host === '::' ? ['127.0.0.1', '::1', ...own] : ['127.0.0.1', ...own])];
}
