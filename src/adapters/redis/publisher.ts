import { Cluster } from 'ioredis';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RedisClient } from './connections.ts';
import { WriteJoiner } from './write-joiner.ts';

/** Bytes of publishes that are under way; above it they are refused at once, so that memory stays flat. */
const unansweredBytesMax = 16 * 1024 * 1024;

/** The connection that publishes. Commands of one turn go out in one write. */
export class Publisher {
  readonly #client: RedisClient;
  readonly #joiner: WriteJoiner;
  readonly #changed: () => void;
  #unansweredBytes = 0;
  #isUp = false;

  /** `changed` is called when isUp() changes. */
  constructor(client: RedisClient, changed: () => void) {
    this.#client = client;
    this.#joiner = new WriteJoiner(client);
    this.#changed = changed;
    client.on('close', () => this.#setUp(false));
  }

  /** True from a publish that succeeded until one that failed. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** The bytes are copied into the command before this returns. Throws Unavailable. */
  async publish(name: string, payload: Uint8Array): Promise<void> {
    const size = payload.length;
    if (this.#unansweredBytes + size > unansweredBytesMax)
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
      if (!this.#isUp) this.#setUp(true);
    } catch (error) {
      this.#setUp(false);
      throw new Unavailable('broker', error);
    } finally {
      this.#unansweredBytes -= size;
    }
  }

  #setUp(up: boolean): void {
    if (this.#isUp === up) return;
    this.#isUp = up;
    this.#changed();
  }
}
