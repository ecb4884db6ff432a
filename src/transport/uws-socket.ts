import type { WebSocket } from 'uWebSockets.js';
import type { ConnectionAcceptor, SendOutcome, Socket, SocketEvents } from '../gateway/socket.ts';
import { type CloseName, closeCodes } from '../protocol/codes.ts';

/** What send() of uWebSockets answers: 0 buffered, 1 sent, 2 dropped because maxBackpressure is reached. */
const UWS_SENT = 1;
const UWS_DROPPED = 2;

/** The user data of a connection. The library copies its fields to an object of its own, so a class would not survive. */
export interface SocketHolder {
  readonly socket: UwsSocket;
}

/** Holds the native socket while it is valid, which is from open to close. */
export class UwsSocket implements Socket {
  events: SocketEvents | undefined;
  readonly #address: string;
  readonly #refusal: CloseName | undefined;
  #native: WebSocket<SocketHolder> | undefined;

  /** With a refusal the connection is closed with it as soon as it is open: only then can a browser see the code. */
  constructor(address: string, refusal: CloseName | undefined) {
    this.#address = address;
    this.#refusal = refusal;
  }

  attach(native: WebSocket<SocketHolder>, acceptor: ConnectionAcceptor): void {
    if (this.#refusal !== undefined) {
      native.end(closeCodes[this.#refusal].code, this.#refusal);
      return;
    }
    this.#native = native;
    this.events = acceptor.opened(this, this.#address);
  }

  send(frame: Uint8Array): SendOutcome {
    const native = this.#native;
    if (native === undefined) return 'refused';
    const answer = native.send(frame, true, false);
    if (answer === UWS_SENT) return 'sent';
    return answer === UWS_DROPPED ? 'refused' : 'buffered';
  }

  cork(write: () => void): void {
    if (this.#native === undefined) write();
    else this.#native.cork(write);
  }

  ping(): void {
    this.#native?.ping();
  }

  bufferedBytes(): number {
    return this.#native?.getBufferedAmount() ?? 0;
  }

  end(code: number, reason: string): void {
    this.#native?.end(code, reason);
  }

  terminate(): void {
    this.#native?.close();
  }

  /** The native socket must not be touched any more, from within the close callback on. */
  closed(code: number): void {
    this.#native = undefined;
    this.events?.closed(code);
    this.events = undefined;
  }
}
