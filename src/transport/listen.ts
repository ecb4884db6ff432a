import {
  type us_listen_socket as ListenSocket,
  type TemplatedApp,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { createServer } from 'node:net';

/** The port is taken by another program, or the host is not an address of this machine. */
export class ListenRefused extends Error {
  override readonly name = 'ListenRefused';

  constructor(host: string, port: number, cause?: unknown) {
    super(
      `cannot listen at ${host}:${port}: the port is in use, or the host is not an address of this machine`,
      { cause },
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

/**
 * uWebSockets.js shares a port with whoever listens there already, who would then lose half of its clients. Its exclusive
 * mode also refuses a port on which connections of a killed process still linger, for a minute. Node does neither.
 */
function requireFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new ListenRefused(host, port, error)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
