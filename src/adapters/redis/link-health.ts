import type { Telemetry } from '../../ports/telemetry.ts';
import type { ErrorWatch } from './error-watch.ts';
import type { PublishListener } from './publisher.ts';
import type { SubscriberLink } from './subscriber-link.ts';
import type { SubscriberLinks } from './subscriber-links.ts';
import { SubscriberProbe } from './subscriber-probe.ts';

export interface LinkHealthOptions {
  readonly telemetry: Telemetry;
  readonly errors: ErrorWatch;
  /** Undefined before they are opened. */
  readonly links: () => SubscriberLinks | undefined;
  /** Rejects when it fails. */
  readonly publish: (name: string, payload: Uint8Array) => Promise<void>;
  /** Writes as the services do, to a key of this name; rejects when that fails. */
  readonly write: (name: string) => Promise<void>;
}

/** Which of the subscriber connections, and so which shards, carry messages in both directions and take writes. */
export class LinkHealth implements PublishListener {
  readonly #options: LinkHealthOptions;
  readonly #probes = new Map<SubscriberLink, SubscriberProbe>();
  /** Where the last publish failed. */
  readonly #failing = new Set<SubscriberLink>();
  #wasUp = false;
  #closed = false;

  constructor(options: LinkHealthOptions) {
    this.#options = options;
  }

  /**
   * True while most shards work, as Redis Cluster itself goes on with most of its masters. When one shard fails, all nodes
   * see the same: if each said that it is not ready, nobody could connect, though all but that shard's rooms and people
   * are served. A node that reaches only a few shards is itself cut off, and others do better.
   */
  get isUp(): boolean {
    if (this.#closed) return false;
    const links = this.#options.links()?.all ?? [];
    return 2 * links.filter((link) => this.#works(link)).length > links.length;
  }

  /** The connection came or went. */
  changed(link: SubscriberLink): void {
    const probe = this.#probes.get(link) ?? this.#newProbe(link);
    if (link.isRestored) probe.restart();
    else probe.reset();
    this.#tell();
  }

  /** The others were closed. */
  keepOnly(links: ReadonlySet<SubscriberLink>): void {
    for (const [link, probe] of this.#probes) {
      if (links.has(link)) continue;
      probe.close();
      this.#probes.delete(link);
      this.#failing.delete(link);
    }
  }

  /** False when the name is not that of a probe. */
  received(name: string, payload: Uint8Array): boolean {
    for (const [link, probe] of this.#probes) {
      if (link.probeName !== name) continue;
      probe.receive(payload);
      return true;
    }
    return false;
  }

  taken(name: string): void {
    if (this.#failing.size === 0) return;
    const link = this.#options.links()?.linkFor(name);
    if (link !== undefined && this.#failing.delete(link)) this.#tell();
  }

  failed(name: string, error: unknown): void {
    this.#options.errors.saw(error);
    const link = this.#options.links()?.linkFor(name);
    if (link === undefined) return;
    this.#failing.add(link);
    this.#tell();
  }

  disconnected(): void {
    for (const link of this.#options.links()?.all ?? []) this.#failing.add(link);
    this.#tell();
  }

  close(): void {
    this.#closed = true;
    for (const probe of this.#probes.values()) probe.close();
    this.#tell();
  }

  #works(link: SubscriberLink): boolean {
    const probe = this.#probes.get(link);
    return link.isRestored && !this.#failing.has(link) && probe?.isHeard === true && probe.isWritable;
  }

  #newProbe(link: SubscriberLink): SubscriberProbe {
    const { telemetry, publish, write } = this.#options;
    const probe = new SubscriberProbe({
      publish: (payload) => publish(link.probeName, payload),
      write: () => write(link.probeName),
      writable: () => this.#tell(),
      isListening: () => link.isRestored,
      heard: (lagSeconds) => {
        telemetry.brokerProbe(lagSeconds);
        this.#tell();
      },
      unheard: () => {
        telemetry.brokerStarved();
        telemetry.warn('broker_connection_silent');
        this.#tell();
        link.reconnect();
      },
    });
    this.#probes.set(link, probe);
    return probe;
  }

  #tell(): void {
    const up = this.isUp;
    if (up === this.#wasUp) return;
    this.#wasUp = up;
    const { telemetry } = this.#options;
    telemetry.brokerUp(up);
    if (up) telemetry.info('broker_up');
    else if (!this.#closed) telemetry.warn('broker_down');
  }
}
