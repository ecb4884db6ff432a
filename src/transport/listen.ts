import {
  type us_listen_socket as ListenSocket,
  type TemplatedApp,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';

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

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    /** Understood by the library, left out of its declarations. */
    listen(
      host: string,
      port: number,
      options: number,
      done: (socket: ListenSocket | false) => void,
    ): TemplatedApp;
  }
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it a second process could share the port and take half of the clients. */
const EXCLUSIVE_PORT = 1;

/** Listens on exactly one port. Throws ListenRefused. */
export function listen(app: TemplatedApp, host: string, port: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
      if (socket === false) {
        reject(new ListenRefused(host, port));
        return;
      }
      let isOpen = true;
      resolve({
        port: us_socket_local_port(socket),
        stop(): void {
          if (isOpen) us_listen_socket_close(socket);
          isOpen = false;
        },
      });
    });
  });
}
