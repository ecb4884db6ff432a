import { type Cluster, Command } from 'ioredis';

/** Which master serves which slots of a Redis Cluster, as the cluster last told. */
export class ShardMap {
  readonly #cluster: Cluster;
  /** By slot, `host:port`. */
  #owners: readonly (string | undefined)[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Asks the cluster. Rejects when it does not answer, and keeps what was known. */
  async refresh(): Promise<void> {
    this.#owners = parseSlots(await this.#cluster.cluster('SLOTS'));
  }

  /** Undefined while no master serves the channel's slot. */
  ownerOf(name: string): string | undefined {
    const slot = new Command('ssubscribe', [name]).getSlot();
    return slot === null ? undefined : this.#owners[slot];
  }

  /** All masters that serve slots. */
  get addresses(): ReadonlySet<string> {
    return new Set(this.#owners.filter((owner) => owner !== undefined));
  }
}

export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

/** Each entry is [first slot, last slot, [host, port, …] of the master, …replicas]. */
function parseSlots(reply: unknown): (string | undefined)[] {
  const owners: (string | undefined)[] = [];
  if (!Array.isArray(reply)) return owners;
  for (const entry of reply) {
    if (!Array.isArray(entry)) continue;
    const [first, last, master]: unknown[] = entry;
    if (typeof first !== 'number' || typeof last !== 'number' || !Array.isArray(master)) continue;
    const [host, port]: unknown[] = master;
    if (typeof host !== 'string' || host === '' || typeof port !== 'number') continue;
    for (let slot = first; slot <= last; slot += 1) owners[slot] = `${host}:${port}`;
  }
  return owners;
}
