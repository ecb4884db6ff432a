import { WebSocket } from 'ws';
import type { WebSocketConstructor } from '../../../client/sdk/connection/web-socket.ts';
import { decodeServerMessage, type ServerEvent } from '../../../src/protocol/client-codec.ts';
import type { ErrorName } from '../../../src/protocol/codes.ts';

/** Events and refusals of one client that are kept unless a test says otherwise; one that needs more is too long. */
const EVENTS_MAX = 100_000;

/** Stands on the wire of one client: keeps the events as they came, and can cut the connection. */
export class WireTap {
  /** For createClient and Connection. */
  readonly webSocket: WebSocketConstructor;
  /** Over all connections of the client, oldest first. */
  readonly events: ServerEvent[] = [];
  readonly closeCodes: number[] = [];
  /** What its requests were refused with. */
  readonly refusals: (ErrorName | undefined)[] = [];
  readonly #eventsMax: number;
  readonly #open = new Set<WebSocket>();

  constructor({ eventsMax = EVENTS_MAX }: { readonly eventsMax?: number } = {}) {
    this.#eventsMax = eventsMax;
    const adopt = (socket: WebSocket): void => this.#adopt(socket);
    this.webSocket = class extends WebSocket {
      constructor(address: string, subprotocol: string) {
        super(address, subprotocol);
        adopt(this);
      }
    };
  }

  /** Ends the connection without a word to the server's WebSocket layer, as a lost network does. */
  cut(): void {
    for (const socket of this.#open) socket.terminate();
  }

  #adopt(socket: WebSocket): void {
    socket.once('open', () => this.#open.add(socket));
    socket.on('close', (code) => {
      if (this.#open.delete(socket)) this.closeCodes.push(code);
    });
    socket.on('message', (data) => {
      if (!(data instanceof ArrayBuffer) || this.events.length + this.refusals.length >= this.#eventsMax)
        return;
      // A refusal looks the same whatever was asked for; other replies are not kept.
      for (const frame of decodeServerMessage(new Uint8Array(data), () => 'send', true)) {
        if (frame.kind === 'event') this.events.push(frame.event);
        else if (frame.kind === 'error') this.refusals.push(frame.error.name);
      }
    });
  }
}
