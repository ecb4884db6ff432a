import {
  type us_listen_socket as ListenSocket,
  type TemplatedApp,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { connect } from 'node:net';

/** The port is taken by another program, or the host is not an address of this machine. */
export class ListenRefused extends Error {
  override readonly name = 'ListenRefused';

  constructor(host: string, port: number) {
    super(
      `cannot listen at ${host}:${port}: the port is in use, or the host is not an address of this machine`,
    );
  }
}

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
  if (socket === false) throw new ListenRefused(host, port);
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
 * So whoever listens is found by dialling.
 */
function requireFree(host: string, port: number): Promise<void> {
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

/** An address at which what listens on `host` answers. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
