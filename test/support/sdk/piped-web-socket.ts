import { EventEmitter } from 'node:events';
import type { WebSocketConstructor, WebSocketLike } from '../../../client/sdk/connection/web-socket.ts';
import type { ConnectionAcceptor, Socket, SocketEvents } from '../../../src/gateway/socket.ts';
import { SUBPROTOCOL } from '../../../src/protocol/limits.ts';
import type { FrameEnd, HostileServer, Passage } from '../hostile/hostile-server.ts';

const ADDRESS = '127.0.0.1';
/** Of a close frame without a code, and of none at all. */
const [CLOSE_BARE, CLOSE_LOST] = [1005, 1006];

/** What each kind of event has of these is what its listeners look at. */
interface PipedEvent {
  readonly data: unknown;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

const EVENT: PipedEvent = { data: undefined, code: 0, reason: '', message: '' };

export interface Pipe {
  readonly server: HostileServer;
  /** Asked at each dial. */
  readonly gateway: () => ConnectionAcceptor;
  /** Whether a dial reaches the server now. */
  readonly reaches: () => boolean;
}

/**
 * The WebSockets of clients whose gateway runs in the same process, with the server in between. What one side does, the other sees
 * in a later turn of the event loop, in order.
 */
export function pipedWebSocket(pipe: Pipe): WebSocketConstructor {
  return class extends PipedWebSocket {
    constructor() {
      super(pipe);
    }
  };
}

class PipedWebSocket implements WebSocketLike {
  binaryType = '';
  readonly #events = new EventEmitter();
  #passage: Passage | undefined;
  #isOver = false;

  constructor({ server, gateway, reaches }: Pipe) {
    setImmediate(() => {
      if (this.#isOver) return;
      if (reaches()) {
        this.#passage = server.accept(this.#clientEnd(), (passage) => gatewayEnd(gateway(), passage));
        this.#events.emit('open', EVENT);
      } else {
        this.#events.emit('error', { ...EVENT, message: 'nobody listens' });
        this.#end(CLOSE_LOST);
      }
    });
  }

  addEventListener(type: string, listener: (event: PipedEvent) => void): void {
    this.#events.on(type, listener);
  }

  send(data: Uint8Array): void {
    const frame = data.slice();
    setImmediate(() => {
      if (!this.#isOver) this.#passage?.fromClient(frame);
    });
  }

  close(code: number = CLOSE_BARE): void {
    setImmediate(() => this.#end(code));
  }

  terminate(): void {
    this.#end(CLOSE_LOST);
  }

  #clientEnd(): FrameEnd {
    return {
      send: (bytes) => {
        // A buffer of its own, as a browser gives it.
        const { buffer: data } = new Uint8Array(bytes);
        setImmediate(() => {
          if (!this.#isOver) this.#events.emit('message', { ...EVENT, data });
        });
      },
      close: (code) => this.close(code),
      terminate: () => this.terminate(),
    };
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    setImmediate(() => {
      this.#passage?.clientClosed(code);
      this.#events.emit('close', { ...EVENT, code });
    });
  }
}

/** A connection that the gateway takes for one of its transport's. */
function gatewayEnd(gateway: ConnectionAcceptor, passage: Passage): FrameEnd {
  let events: SocketEvents | undefined;
  const end = (code: number): void => {
    const ended = events;
    events = undefined;
    ended?.closed(code);
    if (ended !== undefined) setImmediate(() => passage.gatewayClosed(code));
  };
  const socket: Socket = {
    send: (frame) => {
      if (events === undefined) return 'refused';
      const copy = frame.slice();
      setImmediate(() => passage.fromGateway(copy));
      return 'sent';
    },
    cork: (write) => write(),
    ping: () => setImmediate(() => events?.heard()),
    bufferedBytes: () => 0,
    end,
    terminate: () => end(CLOSE_LOST),
  };
  const isKept = gateway.accepted({ address: ADDRESS, hasFile: true });
  gateway.settled(ADDRESS, true);
  const { admitted } = gateway.admit({ address: ADDRESS, browserOrigin: '', subprotocols: SUBPROTOCOL });
  gateway.gone();
  if (isKept && admitted) events = gateway.opened(socket, ADDRESS);
  else setImmediate(() => passage.gatewayClosed(CLOSE_LOST));
  return {
    send: (frame) => events?.binary(frame),
    close: end,
    terminate: () => end(CLOSE_LOST),
  };
}
