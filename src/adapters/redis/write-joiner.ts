import { Cluster } from 'ioredis';
import type { RedisClient } from './connections.ts';

/**
 * Joins what is written within one turn of the event loop into one system call per connection. The first write of a turn
 * is not held back: a lonely message waits for nothing.
 */
export class WriteJoiner {
  readonly #client: RedisClient;
  #joining = false;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** Call after each command; takes effect for the rest of this turn. */
  join(): void {
    if (this.#joining) return;
    this.#joining = true;
    const client = this.#client;
    const nodes = client instanceof Cluster ? client.nodes('master') : [client];
    // The type says that there always is a stream, but there is none before the first connect.
    const streams = nodes.flatMap((node) => (node.status === 'ready' ? [node.stream] : []));
    for (const stream of streams) stream.cork();
    setImmediate(() => {
      this.#joining = false;
      for (const stream of streams) stream.uncork();
    });
  }
}
