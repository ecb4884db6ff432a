import { Cluster } from 'ioredis';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RedisClient } from './connections.ts';
import { WriteJoiner } from './write-joiner.ts';

/** Bytes of publishes that are under way; above it they are refused at once, so that memory stays flat. */
const UNANSWERED_BYTES_MAX = 16 * 1024 * 1024;

/** What became of publishes; of a name, so that the shards of a cluster are told apart. */
export interface PublishListener {
  taken(name: string): void;
  failed(name: string, error: unknown): void;
  /** The connection was lost. */
  disconnected(): void;
}

/** The connection that publishes. Commands of one turn go out in one write. */
export class Publisher {
  readonly #client: RedisClient;
  readonly #joiner: WriteJoiner;
  readonly #listener: PublishListener;
  #unansweredBytes = 0;

  constructor(client: RedisClient, listener: PublishListener) {
    this.#client = client;
    this.#joiner = new WriteJoiner(client);
    this.#listener = listener;
    client.on('close', () => listener.disconnected());
  }

  /** The bytes are copied into the command before this returns. Throws Unavailable. */
  async publish(name: string, payload: Uint8Array): Promise<void> {
    const size = payload.length;
    if (this.#unansweredBytes + size > UNANSWERED_BYTES_MAX)
      throw new Unavailable('broker', new Error('too much waits for an answer of Redis'));
    this.#unansweredBytes += size;
    try {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, size);
      const { status } = this.#client;
      // Besides 'ready', a command could still wait inside the client, uncopied.
      if (status !== 'ready') throw new Error(`the connection is ${status}`);
      const sent =
        this.#client instanceof Cluster
          ? this.#client.spublish(name, Buffer.from(bytes))
          : this.#client.publish(name, bytes);
      this.#joiner.join();
      await sent;
      this.#listener.taken(name);
    } catch (error) {
      this.#listener.failed(name, error);
      throw new Unavailable('broker', error);
    } finally {
      this.#unansweredBytes -= size;
    }
  }
}
