import type { CloseName } from '../protocol/codes.ts';

/**
 * - `sent`: handed to the kernel, or corked for it.
 * - `buffered`: the kernel took a part; the rest waits in bufferedBytes() and goes out by itself.
 * - `refused`: dropped. The stream has a hole now, so the connection can only be closed.
 */
export type SendOutcome = 'sent' | 'buffered' | 'refused';

/** What a corked run of frames may add up to, their WebSocket headers included, to leave in one write. */
export const CORK_BYTES_MAX: number = 16 * 1024 - 64;

/**
 * One WebSocket connection, as little of it as a gateway needs. After end(), terminate() or `closed` of its events,
 * every method does nothing.
 */
export interface Socket {
  /** One binary frame. The bytes are copied before it returns. */
  send(frame: Uint8Array): SendOutcome;
  /** Frames sent by `write` leave in one write, as far as they stay within CORK_BYTES_MAX. `write` runs at once. */
  cork(write: () => void): void;
  ping(): void;
  bufferedBytes(): number;
  /** Sends what is buffered, then a close frame. `closed` is called before it returns. */
  end(code: number, reason: string): void;
  /** Drops the connection without a close frame. `closed` is called before it returns. */
  terminate(): void;
}

/** What a transport tells about one connection. None of these may throw. */
export interface SocketEvents {
  /** The bytes are the transport's and valid during the call only. */
  binary(frame: Uint8Array): void;
  text(): void;
  /** A pong, or a ping that the transport has answered. */
  heard(): void;
  /** Some of what was buffered has gone out. */
  drained(): void;
  /** The last call. `code` is the peer's close code, 1005 for a close frame without one, 1006 for none at all. */
  closed(code: number): void;
}

/** A connection that the system has just accepted. */
export interface Arrival {
  /** As in ConnectionRequest; undefined for a trusted proxy's, which speaks for many. */
  readonly address: string | undefined;
  /** The process may open further files without coming near its limit. */
  readonly hasFile: boolean;
}

export interface ConnectionRequest {
  /** The address that limits go by: see clientAddress. */
  readonly address: string;
  /** Header `Origin`; empty for programs other than browsers. */
  readonly browserOrigin: string;
  /** Header `Sec-WebSocket-Protocol`. */
  readonly subprotocols: string;
}

/** How a rejected connection is told: by HTTP before the upgrade, or by a close code after it. */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly close: CloseName }
  | { readonly admitted: false; readonly status: string };

/** The gateway, as a transport sees it. */
export interface ConnectionAcceptor {
  /** False: the transport hangs up. Followed by one call of gone() either way. */
  accepted(arrival: Arrival): boolean;
  /**
   * An accepted one with an address ended, is about to be answered, or asks for an upgrade, which admit() decides about. Each
   * may have cost a TLS handshake, so each counts as a connection of its address, unless `isPaid`: admit() or a user is charged for it. Not
   * called for one that was hung up on.
   */
  settled(address: string, isPaid: boolean): void;
  /** The socket of an accepted one closed, or is about to become a WebSocket. */
  gone(): void;
  admit(request: ConnectionRequest): Admission;
  /** An admitted connection is open. */
  opened(socket: Socket, address: string): SocketEvents;
}
