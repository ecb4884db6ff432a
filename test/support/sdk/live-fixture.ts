import { expect } from 'vitest';
import type { WebSocketConstructor } from '../../../client/sdk/connection/web-socket.ts';
import {
  type AccountStorage,
  type ClientOptions,
  type ConclaveClient,
  createClient,
  type MessageCache,
  memoryStorage,
  newAccountKeys,
  type RoomChange,
  type RoomMessage,
} from '../../../client/sdk/index.ts';
import type { Caller } from '../../../src/core/caller.ts';
import type { PlainRequestName } from '../../../src/core/use-case.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import { isRefusal } from '../../../src/protocol/error-reply.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { type MessageHeader, parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { type EmbeddedGateway, startEmbeddedGateway } from '../embedded-gateway.ts';
import { HostileServer } from '../hostile/hostile-server.ts';
import { LosableHub } from '../ports/losable-clocks.ts';
import { requestsTo } from '../ports/node-requests.ts';
import { openTemporaryStores, type TemporaryStores } from '../ports/temporary-stores.ts';
import { ManualClock } from './manual-clock.ts';
import { pipedWebSocket } from './piped-web-socket.ts';

/** Any on this machine: nothing is dialled. */
const ORIGIN = 'ws://127.0.0.1:1';

interface ClientChoices extends Pick<ClientOptions, 'clock' | 'fetch'> {
  /** Whether a dial reaches the server now. */
  readonly reaches?: () => boolean;
}

/** An account that is registered and online. */
export type Account = ConclaveClient & { readonly storage: AccountStorage };

/** A gateway in this process on stores of its own, a server before it that does as a test says, and clients. All end with the test. */
export class LiveFixture implements AsyncDisposable {
  readonly server: HostileServer = new HostileServer(ORIGIN);
  readonly #stores: TemporaryStores;
  readonly #hub: LosableHub;
  readonly #clients: ConclaveClient[] = [];
  #gateway: EmbeddedGateway;

  private constructor(stores: TemporaryStores, hub: LosableHub, gateway: EmbeddedGateway) {
    this.#stores = stores;
    this.#hub = hub;
    this.#gateway = gateway;
  }

  static async start(): Promise<LiveFixture> {
    const stores = await openTemporaryStores();
    const hub = new LosableHub();
    return new LiveFixture(stores, hub, await startEmbeddedGateway({ stores, hub }));
  }

  /** For a client whose time a test moves: none goes by while the gateway works on an answer, however slow this machine is. */
  clock(): ManualClock {
    return new ManualClock(() => this.server.isBusy);
  }

  /** What the gateway has stored. */
  get stores(): StoreBackend {
    return this.#stores;
  }

  /** What the gateway and those after it hold of the positions of rooms. */
  get clocks(): LosableHub['clocks'] {
    return this.#hub.clocks;
  }

  /** A gateway that starts after this one ended, and after what was done in between, takes its place. */
  async restart(meanwhile: () => void): Promise<void> {
    const { intercept } = this.server;
    this.server.intercept = () => 'cut';
    this.server.cut();
    await this.#gateway.close();
    meanwhile();
    this.#gateway = await startEmbeddedGateway({ stores: this.#stores, hub: this.#hub });
    this.server.intercept = intercept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#gateway.close();
    await this.#stores[Symbol.asyncDispose]();
  }

  webSocket(reaches: () => boolean = () => true): WebSocketConstructor {
    return pipedWebSocket({ server: this.server, gateway: () => this.#gateway.gateway, reaches });
  }

  async client(
    storage: AccountStorage,
    { reaches, ...options }: ClientChoices = {},
  ): Promise<ConclaveClient> {
    const client = await createClient({
      server: this.server.url,
      storage,
      webSocket: this.webSocket(reaches),
      timeoutMs: 20_000,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  async user(name: string, options: { readonly cache?: MessageCache } = {}): Promise<Account> {
    const storage = memoryStorage(await newAccountKeys(name), options);
    const client = await this.client(storage);
    await client.register();
    return Object.assign(client, { storage });
  }

  /** A request in the name of this account that no client of it made. */
  async ask<Name extends PlainRequestName>(
    account: Account,
    name: Name,
    body: RequestBody<Name>,
  ): Promise<ReplyBody<Name>> {
    const { id: user, user: userName } = await account.me();
    const caller: Caller = {
      ...{ user, name: userName, session: 'of nobody', address: '127.0.0.1' },
      ...{ tokenIssuedAt: Date.now(), tokenId: user },
    };
    const reply = await requestsTo(this.#gateway.core)[name](caller, body);
    if (isRefusal(reply)) throw new Error(`${name}: ${JSON.stringify(reply)}`);
    return reply as ReplyBody<Name>;
  }

  /** Of the messages that are stored for this member, oldest first. */
  async headers(room: RoomId, member: Account): Promise<readonly MessageHeader[]> {
    const { messages } = await this.ask(member, 'history', { room, after: 0, limit: 100 });
    return messages.map(({ header }) => headerOf(header));
  }
}

export function headerOf(header: Uint8Array): MessageHeader {
  const parsed = parseMessageHeader(header);
  return parsed.ok ? parsed.header : expect.unreachable();
}

/** Ada, who made it, and Bob in one room; the cache is Bob's. */
export async function lobby(fixture: LiveFixture, options: { readonly cache?: MessageCache } = {}) {
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

/** The next that is told of a room and is not about who is online. */
export async function nextChange(changes: AsyncIterator<RoomChange>): Promise<RoomChange | undefined> {
  for (;;) {
    const { value, done } = await changes.next();
    if (done === true) return undefined;
    if (value.type !== 'presence') return value;
  }
}

export function shown(message: RoomMessage): string {
  if (message.type === 'gap') return `gap ${message.missing}`;
  if (message.type !== 'message') return message.type;
  return message.text ?? `${message.status}: ${message.reason}`;
}
