import { expect } from 'vitest';
import type { ConclaveClient } from '../../../client/sdk/index.ts';
import { TcpRelay } from '../tcp-relay.ts';
import { type Device, People } from './people.ts';
import { startCluster, type TestCluster } from './test-cluster.ts';

/** Somebody with two devices, each on a gateway of its own, and somebody else, who made the rooms that both are in. */
export interface TwoDevices {
  readonly first: Device;
  readonly second: Device;
  readonly other: ConclaveClient;
  readonly rooms: readonly string[];
}

/** Two gateways behind one address, as of a load balancer, that leads to the gateway which is chosen. */
export class TwoGateways implements AsyncDisposable {
  readonly people = new People();
  reachable = true;
  readonly #cluster: TestCluster;
  readonly #relay: TcpRelay;
  #chosen = 0;

  private constructor(cluster: TestCluster, relay: TcpRelay) {
    this.#cluster = cluster;
    this.#relay = relay;
  }

  static async start(): Promise<TwoGateways> {
    const cluster = await startCluster({ gateways: 2 });
    const relay = await TcpRelay.start({
      target: () => (gateways.reachable ? gateways.#target() : undefined),
    });
    const gateways = new TwoGateways(cluster, relay);
    return gateways;
  }

  /** What all devices dial: a state belongs to one address. */
  get url(): string {
    return `ws://${this.#relay.address}`;
  }

  async devicesOf(name: string): Promise<TwoDevices> {
    const { people, url } = this;
    const rooms = ['One', 'Two'].map((room) => `${name}${room}`);
    this.#chosen = 0;
    const { client: other } = await people.register(`${name}Friend`, url);
    const first = await people.register(name, url);
    for (const room of rooms) {
      await other.create(room);
      await first.client.join(room);
    }
    this.#chosen = 1;
    const second = await people.login(await first.storage.keys.load(), url);
    return { first, second, other, rooms };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.people[Symbol.asyncDispose]();
    await this.#relay[Symbol.asyncDispose]();
    await this.#cluster[Symbol.asyncDispose]();
  }

  #target(): { readonly host: string; readonly port: number } {
    const { hostname, port } = new URL(this.#cluster.gateways[this.#chosen]?.url ?? expect.unreachable());
    return { host: hostname, port: Number(port) };
  }
}

/** Of a profile that no earlier release wrote. */
export const nothingEarlier = { levels: new Map(), ignored: new Set<never>() };
