import { WebSocket } from 'k6/websockets';

/** What k6's WebSocket is at run time; its published types lack the subprotocol, the close code, and plain strings as names. */
export interface K6Socket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: () => void;
  onmessage: (event: K6Message) => void;
  onerror: (event: { readonly error: string }) => void;
  onclose: (event: { readonly code?: number }) => void;
  send(data: ArrayBuffer): void;
  close(code?: number): void;
}

export interface K6Message {
  readonly data: ArrayBuffer;
  /** When the frame was read, before it waited for this script: milliseconds since 1970, with fractions. */
  readonly timestamp: number;
}

const K6WebSocket = WebSocket as unknown as new (url: string, protocols: string) => K6Socket;

export function dial(url: string, subprotocol: string): K6Socket {
  const socket = new K6WebSocket(url, subprotocol);
  // Before anything else: k6 delivers blobs otherwise.
  socket.binaryType = 'arraybuffer';
  return socket;
}

export const OPEN = 1;
