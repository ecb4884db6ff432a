import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Broker, BrokerHandler, Channel } from '../../ports/broker.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RedisClient } from './connections.ts';
import type { ErrorWatch } from './error-watch.ts';
import type { Keys } from './keys.ts';
import { LinkHealth } from './link-health.ts';
import { Publisher } from './publisher.ts';
import { chunks } from './reply.ts';
import type { LinkOwner, SubscriberLink } from './subscriber-link.ts';
import type { SubscriberLinks } from './subscriber-links.ts';

const REFRESH_MS = 5000;
/** While a shard is away or a channel was moved. */
const HURRIED_REFRESH_MS = 500;
/** Slots that move to another shard do so one after the other. */
const MOVES_SETTLED_MS = 5000;
const MOVE_BATCH_MAX = 512;

interface Entry {
  readonly channel: Channel;
  readonly handler: BrokerHandler;
  /** Where it is subscribed; undefined until the first time. */
  link: SubscriberLink | undefined;
}

export interface BrokerOptions {
  /** Its owner closes it, after the broker. */
  readonly publisher: RedisClient;
  readonly keys: Keys;
  readonly telemetry: Telemetry;
  readonly errors: ErrorWatch;
  /** Writes as the services do, to a key of this name; rejects when that fails. */
  readonly write: (name: string) => Promise<void>;
  /** Called once, by start(). */
  readonly openLinks: (owner: LinkOwner) => SubscriberLinks;
}

/** Redis pub/sub: exact subscriptions, on a cluster sharded ones. */
export class RedisBroker implements Broker {
  readonly #keys: Keys;
  readonly #telemetry: Telemetry;
  readonly #publisher: Publisher;
  readonly #errors: ErrorWatch;
  readonly #health: LinkHealth;
  readonly #openLinks: (owner: LinkOwner) => SubscriberLinks;
  readonly #entries = new Map<string, Entry>();
  readonly #leaving = new Set<string>();
  readonly #queue = new KeyedMutex<string>();
  readonly #connectedBefore = new WeakSet<SubscriberLink>();
  readonly #gapListeners: ((channels: readonly Channel[]) => void)[] = [];
  #links: SubscriberLinks | undefined;
  #refreshTimer: NodeJS.Timeout | undefined;
  /**
   * When Redis last took a channel from a connection, without ioredis saying which. Once no more are moved, all are
   * subscribed again, for one may have come back to where it was.
   */
  #movedAtMs: number | undefined;
  #closed = false;

  constructor(options: BrokerOptions) {
    this.#keys = options.keys;
    this.#telemetry = options.telemetry;
    this.#errors = options.errors;
    this.#health = new LinkHealth({
      ...options,
      links: () => this.#links,
      publish: (name, payload) => this.#publisher.publish(name, payload),
    });
    this.#publisher = new Publisher(options.publisher, this.#health);
    this.#openLinks = options.openLinks;
  }

  /** Opens the subscriber connections; isUp() tells when they are heard. Rejects, to be tried again, when Redis is away. */
  async connect(): Promise<void> {
    if (this.#closed) throw closedError();
    this.#links ??= this.#openLinks(this.#linkOwner());
    await this.#refresh();
    this.#refreshIn(REFRESH_MS);
  }

  async publish(channel: Channel, payload: Uint8Array): Promise<void> {
    if (this.#closed) throw closedError();
    return this.#publisher.publish(this.#keys.channel(channel), payload);
  }

  async subscribe(channel: Channel, handler: BrokerHandler): Promise<void> {
    if (this.#closed) throw closedError();
    const name = this.#keys.channel(channel);
    if (this.#entries.has(name)) throw new TypeError('the channel has a handler already');
    const entry: Entry = { channel, handler, link: undefined };
    this.#entries.set(name, entry);
    try {
      await this.#queue.run(name, () => this.#subscribeEntry(name, entry));
    } finally {
      this.#telemetry.brokerSubscriptions(this.#entries.size);
    }
  }

  async unsubscribe(channel: Channel): Promise<void> {
    if (this.#closed) throw closedError();
    const name = this.#keys.channel(channel);
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#telemetry.brokerSubscriptions(this.#entries.size);
    await this.#queue.run(name, () => this.#leave(name));
  }

  onGap(listener: (channels: readonly Channel[]) => void): void {
    this.#gapListeners.push(listener);
  }

  isUp(): boolean {
    return this.#health.isUp;
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    clearTimeout(this.#refreshTimer);
    this.#entries.clear();
    this.#health.close();
    this.#links?.close();
    return Promise.resolve();
  }

  async #subscribeEntry(name: string, entry: Entry): Promise<void> {
    // Unsubscribed before its turn came.
    if (this.#entries.get(name) !== entry) return;
    try {
      const link = this.#links?.linkFor(name);
      if (link === undefined) throw new Error('no shard serves this channel');
      await link.subscribe(name);
      if (this.#closed) throw closedError();
      entry.link = link;
    } catch (error) {
      this.#errors.saw(error);
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
      // It may have happened all the same; the next in the queue waits for this, the caller does not.
      this.#dropStray(name);
      this.#refreshIn(HURRIED_REFRESH_MS);
      throw new Unavailable('broker', error);
    }
  }

  async #leave(name: string): Promise<void> {
    const link = this.#links?.linkFor(name);
    if (link === undefined || this.#closed) return;
    this.#leaving.add(name);
    // What a failure leaves behind is dropped when a message comes in on it (#received).
    await link.unsubscribe(name).catch(() => undefined);
    this.#leaving.delete(name);
  }

  #linkOwner(): LinkOwner {
    return {
      namesOf: (link) => this.#namesOn(link),
      received: (name, payload) => this.#received(name, payload),
      restored: (link, names) => this.#restored(link, names),
      changed: (link) => this.#changed(link),
      failed: (error) => this.#errors.saw(error),
      moved: () => {
        this.#movedAtMs = performance.now();
        this.#refreshIn(HURRIED_REFRESH_MS);
      },
    };
  }

  #namesOn(link: SubscriberLink): string[] {
    const names: string[] = [];
    for (const [name, entry] of this.#entries)
      if (entry.link !== undefined && this.#links?.linkFor(name) === link) names.push(name);
    return names;
  }

  #received(name: string, payload: Uint8Array): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      entry.handler(payload);
      return;
    }
    if (!this.#health.received(name, payload) && !this.#leaving.has(name)) this.#dropStray(name);
  }

  /** Ends a subscription that nobody wants. */
  #dropStray(name: string): void {
    const drop = async (): Promise<void> => {
      if (!this.#entries.has(name)) await this.#leave(name);
    };
    this.#queue.run(name, drop).catch(() => undefined);
  }

  #restored(link: SubscriberLink, names: readonly string[]): void {
    const channels: Channel[] = [];
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      entry.link = link;
      channels.push(entry.channel);
    }
    if (channels.length === 0 || this.#closed) return;
    this.#telemetry.brokerGap(channels.length);
    for (const listener of this.#gapListeners) listener(channels);
  }

  #changed(link: SubscriberLink): void {
    if (this.#closed) return;
    if (!link.isRestored) this.#refreshIn(HURRIED_REFRESH_MS);
    else if (this.#connectedBefore.has(link)) this.#telemetry.brokerReconnected();
    else this.#connectedBefore.add(link);
    this.#health.changed(link);
  }

  #refreshIn(pauseMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => {
      this.#refresh().then(
        () => this.#refreshIn(this.isUp() && this.#movedAtMs === undefined ? REFRESH_MS : HURRIED_REFRESH_MS),
        () => this.#refreshIn(HURRIED_REFRESH_MS),
      );
    }, pauseMs);
  }

  /** Follows the shards: channels that belong elsewhere now are subscribed there, and have a gap. */
  async #refresh(): Promise<void> {
    const links = this.#links;
    if (links === undefined) return;
    await links.refresh();
    const current = new Set(links.all);
    this.#health.keepOnly(current);
    if (this.#movedAtMs !== undefined && performance.now() - this.#movedAtMs > MOVES_SETTLED_MS) {
      this.#movedAtMs = undefined;
      for (const link of current) link.restore();
    }
    const moved = [...this.#entries].filter(
      ([name, { link }]) => link !== undefined && links.linkFor(name) !== link,
    );
    for (const batch of chunks(moved, MOVE_BATCH_MAX))
      await Promise.all(batch.map(([name, entry]) => this.#queue.run(name, () => this.#move(name, entry))));
  }

  async #move(name: string, entry: Entry): Promise<void> {
    const link = this.#links?.linkFor(name);
    // A connection that is not restored yet will take the channel along when it is.
    if (link === undefined || !link.isRestored || entry.link === link) return;
    if (this.#entries.get(name) !== entry) return;
    const before = entry.link;
    await link.subscribe(name).then(
      () => this.#restored(link, [name]),
      () => this.#refreshIn(HURRIED_REFRESH_MS),
    );
    await before?.unsubscribe(name).catch(() => undefined);
  }
}

function closedError(): Unavailable {
  return new Unavailable('broker', new Error('the broker is closed'));
}
