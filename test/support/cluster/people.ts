import {
  type AccountKeys,
  type AccountStorage,
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
} from '../../../client/sdk/index.ts';
import { WireTap } from './wire-tap.ts';

/** One running client of one person. */
export interface Device {
  readonly name: string;
  readonly client: ConclaveClient;
  readonly storage: AccountStorage;
  readonly wire: WireTap;
}

/** The people of a test; disposing closes all of their clients. */
export class People implements AsyncDisposable {
  readonly #devices: Device[] = [];

  /** Makes keys and the account, on this gateway. */
  async register(name: string, url: string): Promise<Device> {
    const device = await this.#device(memoryStorage(await newAccountKeys(name)), url);
    await device.client.register();
    return device;
  }

  /** A client that has the keys and nothing else, as on a new machine: it must log in. */
  login(account: AccountKeys, url: string): Promise<Device> {
    return this.#connected(memoryStorage(account), url);
  }

  /** Another start of the same client: it has the token. */
  resume(storage: AccountStorage, url: string): Promise<Device> {
    return this.#connected(storage, url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#devices.splice(0).map(({ client }) => client.close()));
  }

  async #connected(storage: AccountStorage, url: string): Promise<Device> {
    const device = await this.#device(storage, url);
    await device.client.connect({ timeoutMs: 20_000 });
    return device;
  }

  async #device(storage: AccountStorage, url: string): Promise<Device> {
    const wire = new WireTap();
    const client = await createClient({ server: url, storage, webSocket: wire.webSocket });
    const device = { name: storage.account.name, client, storage, wire };
    this.#devices.push(device);
    return device;
  }
}
