import type { RedisClient } from './connections.ts';

const CHECK_MS = 500;
/** Above connect timeout, handshake and the longest pause between attempts together. */
const STUCK_MS = 6000;

/**
 * Keeps a connection coming back. In rare races of a disconnect with a connect that is under way (Sentinels, above all)
 * ioredis ends for good or waits for ever, whatever its retry strategy says.
 */
export class ConnectionGuard {
  readonly #client: RedisClient;
  readonly #timer: NodeJS.Timeout;
  #notReadySinceMs: number | undefined;

  /** Begins to connect at once. */
  constructor(client: RedisClient) {
    this.#client = client;
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#connect();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#client.disconnect();
  }

  #check(): void {
    const { status } = this.#client;
    if (status === 'ready') this.#notReadySinceMs = undefined;
    else if (status === 'end') this.#connect();
    else {
      this.#notReadySinceMs ??= performance.now();
      if (performance.now() - this.#notReadySinceMs < STUCK_MS) return;
      this.#notReadySinceMs = undefined;
      this.#client.disconnect(true);
    }
  }

  /** Failures are told by the client's events. */
  #connect(): void {
    this.#notReadySinceMs = undefined;
    this.#client.connect().catch(() => undefined);
  }
}
