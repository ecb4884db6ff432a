import type { Broker, BrokerHandler, Channel } from '../../ports/broker.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import type { RedisClient } from './connections.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { Keys } from './keys.ts';
import { Publisher } from './publisher.ts';
import { chunks } from './reply.ts';
import type { LinkOwner, SubscriberLink } from './subscriber-link.ts';
import type { SubscriberLinks } from './subscriber-links.ts';
import { SubscriberProbe } from './subscriber-probe.ts';

const refreshMs = 5000;
/** While a shard is away or a channel was moved. */
const hurriedRefreshMs = 500;
/** Slots that move to another shard do so one after the other. */
const movesSettledMs = 5000;
const moveBatchMax = 512;

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
  /** Called once, by start(). */
  readonly openLinks: (owner: LinkOwner) => SubscriberLinks;
}

/** Redis pub/sub: exact subscriptions, on a cluster sharded ones. */
export class RedisBroker implements Broker {
  readonly #keys: Keys;
  readonly #telemetry: Telemetry;
  readonly #publisher: Publisher;
  readonly #openLinks: (owner: LinkOwner) => SubscriberLinks;
  readonly #entries = new Map<string, Entry>();
  readonly #leaving = new Set<string>();
  readonly #queue = new KeyedQueue();
  readonly #probes = new Map<SubscriberLink, SubscriberProbe>();
  readonly #connectedBefore = new WeakSet<SubscriberLink>();
  readonly #gapListeners: ((channels: readonly Channel[]) => void)[] = [];
  #links: SubscriberLinks | undefined;
  #refreshTimer: NodeJS.Timeout | undefined;
  /**
   * When Redis last took a channel from a connection, without ioredis saying which. Once no more are moved, all are
   * subscribed again, for one may have come back to where it was.
   */
  #movedAtMs: number | undefined;
  #wasUp = false;
  #closed = false;

  constructor(options: BrokerOptions) {
    this.#keys = options.keys;
    this.#telemetry = options.telemetry;
    this.#publisher = new Publisher(options.publisher, () => this.#tellUp());
    this.#openLinks = options.openLinks;
  }

  /** Opens the subscriber connections; isUp() tells when they are heard. Rejects, to be tried again, when Redis is away. */
  async connect(): Promise<void> {
    if (this.#closed) throw closedError();
    this.#links ??= this.#openLinks(this.#linkOwner());
    await this.#refresh();
    this.#refreshIn(refreshMs);
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
    const links = this.#links?.all ?? [];
    return (
      !this.#closed &&
      this.#publisher.isUp &&
      links.length > 0 &&
      links.every((link) => link.isRestored && this.#probes.get(link)?.isHeard === true)
    );
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    clearTimeout(this.#refreshTimer);
    this.#entries.clear();
    for (const probe of this.#probes.values()) probe.close();
    this.#links?.close();
    this.#tellUp();
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
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
      // It may have happened all the same; the next in the queue waits for this, the caller does not.
      this.#dropStray(name);
      this.#refreshIn(hurriedRefreshMs);
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
      moved: () => {
        this.#movedAtMs = performance.now();
        this.#refreshIn(hurriedRefreshMs);
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
    const probe = this.#probeNamed(name);
    if (probe !== undefined) probe.receive(payload);
    else if (!this.#leaving.has(name)) this.#dropStray(name);
  }

  #probeNamed(name: string): SubscriberProbe | undefined {
    for (const [link, probe] of this.#probes) if (link.probeName === name) return probe;
    return undefined;
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
    const probe = this.#probes.get(link) ?? this.#newProbe(link);
    if (link.isRestored) {
      if (this.#connectedBefore.has(link)) this.#telemetry.brokerReconnected();
      this.#connectedBefore.add(link);
      probe.restart();
    } else {
      probe.reset();
      this.#refreshIn(hurriedRefreshMs);
    }
    this.#tellUp();
  }

  #newProbe(link: SubscriberLink): SubscriberProbe {
    const probe = new SubscriberProbe({
      publish: (payload) => this.#publisher.publish(link.probeName, payload),
      isListening: () => link.isRestored,
      heard: (lagSeconds) => {
        this.#telemetry.brokerProbe(lagSeconds);
        this.#tellUp();
      },
      unheard: () => {
        this.#telemetry.brokerStarved();
        this.#telemetry.warn('a subscriber connection to Redis is alive but hears nothing: it is replaced');
        this.#tellUp();
        link.reconnect();
      },
    });
    this.#probes.set(link, probe);
    return probe;
  }

  #refreshIn(pauseMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => {
      this.#refresh().then(
        () => this.#refreshIn(this.isUp() && this.#movedAtMs === undefined ? refreshMs : hurriedRefreshMs),
        () => this.#refreshIn(hurriedRefreshMs),
      );
    }, pauseMs);
  }

  /** Follows the shards: channels that belong elsewhere now are subscribed there, and have a gap. */
  async #refresh(): Promise<void> {
    const links = this.#links;
    if (links === undefined) return;
    await links.refresh();
    const current = new Set(links.all);
    for (const [link, probe] of this.#probes) {
      if (current.has(link)) continue;
      probe.close();
      this.#probes.delete(link);
    }
    if (this.#movedAtMs !== undefined && performance.now() - this.#movedAtMs > movesSettledMs) {
      this.#movedAtMs = undefined;
      for (const link of current) link.restore();
    }
    const moved = [...this.#entries].filter(
      ([name, { link }]) => link !== undefined && links.linkFor(name) !== link,
    );
    for (const batch of chunks(moved, moveBatchMax))
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
      () => this.#refreshIn(hurriedRefreshMs),
    );
    await before?.unsubscribe(name).catch(() => undefined);
  }

  #tellUp(): void {
    const up = this.isUp();
    if (up === this.#wasUp) return;
    this.#wasUp = up;
    this.#telemetry.brokerUp(up);
  }
}

function closedError(): Unavailable {
  return new Unavailable('broker', new Error('the broker is closed'));
}
