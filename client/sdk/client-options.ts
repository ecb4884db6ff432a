import type { Clock } from './connection/clock.ts';
import type { WebSocketConstructor } from './connection/web-socket.ts';
import type { Fetch } from './files/chunk-http.ts';
import type { AccountStorage } from './storage/storage.ts';

export interface ClientOptions {
  /** `ws://host:port` or `wss://host:port`. */
  readonly server: string;
  /** Keys and state of one account; `memoryStorage` or one of the profile's. */
  readonly storage: AccountStorage;
  /** The platform's WebSocket, or that of the `ws` package. */
  readonly webSocket: WebSocketConstructor;
  /** Name and version of the program, told to the server; at most 64 characters. */
  readonly program?: string;
  /** How long each request may take, outages included; default 30 s, `undefined` for ever. `send` and `follow` have no limit. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock;
  /** For files; default: the platform's own. */
  readonly fetch?: Fetch;
}
