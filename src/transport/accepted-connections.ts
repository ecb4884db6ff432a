import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { BlockList } from 'node:net';
import type { ConnectionAcceptor } from '../gateway/socket.ts';
import { directAddress } from './client-address.ts';
import { FileRoom } from './file-limit.ts';

/**
 * Tells the acceptor of connections from the moment the system accepts them, long before they are WebSockets, and hangs up
 * on those that are one too many. The library itself ends one that has sent no whole request after 12 seconds.
 */
export class AcceptedConnections {
  readonly #acceptor: ConnectionAcceptor;
  readonly #trustedProxies: BlockList;
  readonly #files = new FileRoom();

  constructor(app: TemplatedApp, trustedProxies: BlockList, acceptor: ConnectionAcceptor) {
    this.#acceptor = acceptor;
    this.#trustedProxies = trustedProxies;
    const track = (response: HttpResponse, change: number): void => {
      // It is not told of those that were upgraded.
      if (change < 0) acceptor.gone();
      else this.#accepted(response);
    };
    app.filter(track);
  }

  #accepted(response: HttpResponse): void {
    const address = this.#addressOf(response);
    const isKept = this.#acceptor.accepted({ address, hasFile: this.#files.isLeft() });
    if (!isKept) {
      response.close();
      return;
    }
    // For trusted proxies as well: the library insists on a handler where a response is not ended at once.
    response.onAborted(() => {
      if (address !== undefined) this.#acceptor.settled(address, false);
    });
  }

  /**
   * To be called before a response is ended or upgraded: `onAborted` is not called any more then. Returns the address, or undefined
   * for a trusted proxy.
   */
  settle(response: HttpResponse, isPaid: boolean): string | undefined {
    const address = this.#addressOf(response);
    if (address !== undefined) this.#acceptor.settled(address, isPaid);
    return address;
  }

  /**
   * For a response that is not ended at once: what is to be called once, when it ends or is aborted. `isPaid`: it was charged to a user,
   * and costs its address nothing.
   */
  claim(response: HttpResponse): (isPaid: boolean) => void {
    const address = this.#addressOf(response);
    return (isPaid) => {
      if (address !== undefined) this.#acceptor.settled(address, isPaid);
    };
  }

  /** Undefined: a trusted proxy, which speaks for many. */
  #addressOf(response: HttpResponse): string | undefined {
    return directAddress(new Uint8Array(response.getRemoteAddress()), this.#trustedProxies);
  }
}
