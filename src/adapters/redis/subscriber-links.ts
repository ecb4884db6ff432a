import { randomUUID } from 'node:crypto';
import type { Cluster } from 'ioredis';
import { type ConnectionSettings, shardClient, singleClient } from './connections.ts';
import type { ClusterTarget, SingleTarget } from './redis-target.ts';
import { ShardMap, splitAddress } from './shard-map.ts';
import { type LinkOwner, SubscriberLink } from './subscriber-link.ts';

/** The subscriber connections of a node: one, or one per shard of a cluster. */
export interface SubscriberLinks {
  readonly all: readonly SubscriberLink[];
  /** The one on which a channel is received; undefined while no shard serves it. */
  linkFor(name: string): SubscriberLink | undefined;
  /** Finds out where channels belong now, and opens and closes connections accordingly. Rejects when Redis is away. */
  refresh(): Promise<void>;
  close(): void;
}

/** A name that no other connection of any node uses. */
const newProbeName = (prefix: string): string => `${prefix}probe:${randomUUID()}`;

export class SingleLink implements SubscriberLinks {
  readonly all: readonly [SubscriberLink];

  constructor(target: SingleTarget, settings: ConnectionSettings, prefix: string, owner: LinkOwner) {
    const redis = singleClient(target, settings);
    const options = { redis, sharded: false, address: '', probeName: newProbeName(prefix) };
    this.all = [new SubscriberLink(options, owner)];
  }

  linkFor(): SubscriberLink {
    return this.all[0];
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.all[0].close();
  }
}

/** A master that serves a few slots only needs that many names tried, until one hashes to it. */
const PROBE_NAMES_TRIED_MAX = 200_000;

export class ShardLinks implements SubscriberLinks {
  readonly #target: ClusterTarget;
  readonly #settings: ConnectionSettings;
  readonly #prefix: string;
  readonly #owner: LinkOwner;
  readonly #map: ShardMap;
  readonly #links = new Map<string, SubscriberLink>();
  #closed = false;

  constructor(
    target: ClusterTarget,
    cluster: Cluster,
    settings: ConnectionSettings,
    prefix: string,
    owner: LinkOwner,
  ) {
    this.#target = target;
    this.#settings = settings;
    this.#prefix = prefix;
    this.#owner = owner;
    this.#map = new ShardMap(cluster);
  }

  get all(): readonly SubscriberLink[] {
    return [...this.#links.values()];
  }

  linkFor(name: string): SubscriberLink | undefined {
    const address = this.#map.ownerOf(name);
    return address === undefined ? undefined : this.#links.get(address);
  }

  async refresh(): Promise<void> {
    await this.#map.refresh();
    if (this.#closed) return;
    const { addresses } = this.#map;
    for (const [address, link] of this.#links) {
      // A shard that took over other slots may have lost those of its probe.
      if (addresses.has(address) && this.#map.ownerOf(link.probeName) === address) continue;
      this.#links.delete(address);
      link.close();
    }
    for (const address of addresses) if (!this.#links.has(address)) this.#open(address);
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links.values()) link.close();
  }

  #open(address: string): void {
    const { host, port } = splitAddress(address);
    const probeName = this.#probeNameAt(address);
    if (probeName === undefined) return;
    const redis = shardClient(this.#target, host, port, this.#settings);
    this.#links.set(address, new SubscriberLink({ redis, sharded: true, address, probeName }, this.#owner));
  }

  #probeNameAt(address: string): string | undefined {
    const base = newProbeName(this.#prefix);
    for (let count = 0; count < PROBE_NAMES_TRIED_MAX; count += 1) {
      const name = `${base}:${count}`;
      if (this.#map.ownerOf(name) === address) return name;
    }
    return undefined;
  }
}
