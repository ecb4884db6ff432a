import type { Redis } from 'ioredis';
import { ConnectionGuard } from './connection-guard.ts';
import { chunks } from './reply.ts';

/** One giant SUBSCRIBE after a reconnect can keep a node out for ever: its reply outlasts every timeout. */
const SUBSCRIBE_BATCH_MAX = 512;

export interface LinkOwner {
  /** Names of all channels that were subscribed and belong on this link now. */
  namesOf(link: SubscriberLink): readonly string[];
  received(name: string, payload: Uint8Array): void;
  /** These are received again; something may have been missed before. */
  restored(link: SubscriberLink, names: readonly string[]): void;
  /** The connection came or went. */
  changed(link: SubscriberLink): void;
  /** The connection could not be made, or not be subscribed. */
  failed(error: unknown): void;
  /** Redis says that a channel belongs to another shard. */
  moved(link: SubscriberLink): void;
}

export interface LinkOptions {
  readonly redis: Redis;
  /** Channels of a Redis Cluster: SSUBSCRIBE, one slot at a time. */
  readonly sharded: boolean;
  /** `host:port` in a cluster; names the shard. */
  readonly address: string;
  readonly probeName: string;
}

/** One subscriber connection. After a reconnect it subscribes to everything again, in batches, and tells of the gap. */
export class SubscriberLink {
  readonly address: string;
  readonly probeName: string;
  readonly #redis: Redis;
  readonly #guard: ConnectionGuard;
  readonly #sharded: boolean;
  readonly #owner: LinkOwner;
  /** Connections made so far; work begun on an earlier one is stale. */
  #epoch = 0;
  #restored = false;
  #closed = false;

  constructor(options: LinkOptions, owner: LinkOwner) {
    this.address = options.address;
    this.probeName = options.probeName;
    this.#redis = options.redis;
    this.#sharded = options.sharded;
    this.#owner = owner;
    const received = (name: Buffer, payload: Buffer): void =>
      owner.received(name.toString('latin1'), payload);
    this.#redis.on(options.sharded ? 'smessageBuffer' : 'messageBuffer', received);
    this.#redis.on('ready', () => this.restore());
    this.#redis.on('close', () => this.#lost());
    this.#redis.on('moved', () => owner.moved(this));
    this.#redis.on('error', (error: unknown) => owner.failed(error));
    this.#guard = new ConnectionGuard(this.#redis);
  }

  /** True when connected and subscribed to everything that belongs here. */
  get isRestored(): boolean {
    return this.#restored;
  }

  /** Subscribes to all that belongs here, again for what was subscribed before. */
  restore(): void {
    if (this.#closed || this.#redis.status !== 'ready') return;
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#restoreAll(epoch).catch((error: unknown) => {
      this.#owner.failed(error);
      if (epoch === this.#epoch) this.reconnect();
    });
  }

  /** Resolves when every later message on the channel is received here. */
  async subscribe(name: string): Promise<void> {
    if (this.#sharded) await this.#redis.ssubscribe(name);
    else await this.#redis.subscribe(name);
  }

  async unsubscribe(name: string): Promise<void> {
    if (this.#sharded) await this.#redis.sunsubscribe(name);
    else await this.#redis.unsubscribe(name);
  }

  /** Gives up the connection for a new one. */
  reconnect(): void {
    if (!this.#closed) this.#redis.disconnect(true);
  }

  close(): void {
    this.#closed = true;
    this.#epoch += 1;
    this.#restored = false;
    this.#guard.close();
  }

  async #restoreAll(epoch: number): Promise<void> {
    await this.#subscribeBatch([this.probeName]);
    for (const batch of chunks(this.#owner.namesOf(this), SUBSCRIBE_BATCH_MAX)) {
      const done = await this.#subscribeBatch(batch);
      if (epoch !== this.#epoch) return;
      if (done.length > 0) this.#owner.restored(this, done);
    }
    if (epoch !== this.#epoch || this.#restored) return;
    this.#restored = true;
    this.#owner.changed(this);
  }

  /** Gives those that were subscribed: a cluster may have moved some away. Any other failure is thrown. */
  async #subscribeBatch(names: readonly string[]): Promise<readonly string[]> {
    if (!this.#sharded) {
      await this.#redis.subscribe(...names);
      return names;
    }
    const outcomes = await Promise.all(
      names.map((name) =>
        this.subscribe(name).then(
          () => name,
          (error: unknown) => {
            if (isMoved(error)) return undefined;
            throw error;
          },
        ),
      ),
    );
    const done = outcomes.filter((name) => name !== undefined);
    if (done.length < names.length) this.#owner.moved(this);
    return done;
  }

  #lost(): void {
    this.#epoch += 1;
    this.#restored = false;
    if (!this.#closed) this.#owner.changed(this);
  }
}

export function isMoved(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK|CLUSTERDOWN|TRYAGAIN) /.test(error.message);
}
