import { WebSocket } from 'ws';
import {
  type AccountStorage,
  type ConclaveClient,
  createClient,
  type MessageCache,
  memoryStorage,
  newAccountKeys,
  type RoomMessage,
} from '../../../client/sdk/index.ts';
import { FakeServer } from './fake-server.ts';

/** A fake server and clients of it, all ended with the test. */
export class SdkFixture {
  readonly server: FakeServer;
  readonly #clients: ConclaveClient[] = [];

  private constructor(server: FakeServer) {
    this.server = server;
  }

  static async start(): Promise<SdkFixture> {
    return new SdkFixture(await FakeServer.start());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.server[Symbol.asyncDispose]();
  }

  async client(storage: AccountStorage): Promise<ConclaveClient> {
    const client = await createClient({
      server: this.server.url,
      storage,
      webSocket: WebSocket,
      timeoutMs: 20_000,
    });
    this.#clients.push(client);
    return client;
  }

  /** An account that is registered and online. */
  async user(
    name: string,
    options: { readonly cache?: MessageCache } = {},
  ): Promise<ConclaveClient & { readonly storage: AccountStorage }> {
    const storage = memoryStorage(await newAccountKeys(name), options);
    const client = await this.client(storage);
    await client.register();
    return Object.assign(client, { storage });
  }
}

/** Ada, who made it, and Bob in one room; the cache is Bob's. */
export async function lobby(fixture: SdkFixture, options: { readonly cache?: MessageCache } = {}) {
  const [ada, bob] = [await fixture.user('Ada'), await fixture.user('Bob', options)];
  await ada.create('Lobby');
  await bob.join('Lobby');
  return { ada, bob, adas: await ada.room('Lobby'), bobs: await bob.room('Lobby') };
}

/** The next messages of a room as short texts. */
export async function taken(messages: AsyncIterator<RoomMessage>, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { value, done } = await messages.next();
    if (done === true) break;
    texts.push(shown(value));
  }
  return texts;
}

export function shown(message: RoomMessage): string {
  if (message.type === 'gap') return `gap ${message.missing}`;
  if (message.type !== 'message') return message.type;
  return message.text ?? `${message.status}: ${message.reason}`;
}
