import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoundedWebSocket } from '../../../client/cli/bounded-web-socket.ts';
import { Profile } from '../../../client/profile/profile.ts';
import {
  type AccountStorage,
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
  type Room,
  type RoomMessage,
} from '../../../client/sdk/index.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import { type LiveGateway, startLiveGateway } from '../../gateway/live-gateway.ts';
import { ListeningServer } from './listening-server.ts';

/** How long a client waits for any one answer: a busy machine takes seconds for pages full of keys. */
const ANSWER_MS_MAX = 12_000;

/** One account of a test: keys and memory outlive its clients. */
export interface Actor {
  readonly client: ConclaveClient;
  readonly storage: AccountStorage;
}

/** A real embedded gateway, a hostile server before it, and real clients that know nothing of this. */
export class Theatre implements AsyncDisposable {
  readonly gateway: LiveGateway;
  readonly hostile: ListeningServer;
  readonly #dataDir: string;
  readonly #clients: ConclaveClient[] = [];
  readonly #closers = new Map<AccountStorage, () => Promise<void>>();
  #names = 0;

  private constructor(gateway: LiveGateway, hostile: ListeningServer, dataDir: string) {
    this.gateway = gateway;
    this.hostile = hostile;
    this.#dataDir = dataDir;
  }

  static async open(): Promise<Theatre> {
    const dataDir = await mkdtemp(join(tmpdir(), 'conclave-theatre-'));
    const gateway = await startLiveGateway();
    return new Theatre(gateway, await ListeningServer.before(gateway.url), dataDir);
  }

  /** Where the command line may keep the account of a user. */
  profile(user: string): string {
    return join(this.#dataDir, user);
  }

  /** A name that no other test of this gateway has. */
  name(base: string): string {
    this.#names += 1;
    return `${base}${this.#names}`;
  }

  /** Registers an account whose client speaks to the hostile server; `honestly`: to the gateway itself. */
  async actor(name: string, { honestly = false }: { readonly honestly?: boolean } = {}): Promise<Actor> {
    const storage = memoryStorage(await newAccountKeys(name));
    const client = await this.#client(storage, honestly ? this.gateway.url : this.hostile.url);
    await client.register();
    return { client, storage };
  }

  /** Another start of the same client: what it remembers is in the storage. */
  async restart({ client, storage }: Actor, connected = true): Promise<Actor> {
    await client.close();
    const again = await this.#client(storage, this.hostile.url);
    if (connected) await again.connect({ timeoutMs: ANSWER_MS_MAX });
    return { client: again, storage };
  }

  /** An account in a profile on disk. */
  async actorOnDisk(name: string): Promise<Actor> {
    const account = await newAccountKeys(name);
    await this.#profile.create(this.#origin, account, undefined);
    const actor = await this.#openFromDisk(account.name);
    await actor.client.register();
    return actor;
  }

  /** Ends this client and opens the same profile from disk, as the next start of the program does. */
  async restartFromDisk({ client, storage }: Actor): Promise<Actor> {
    await client.close();
    await this.#closers.get(storage)?.();
    this.#closers.delete(storage);
    const actor = await this.#openFromDisk(storage.account.name);
    await actor.client.connect({ timeoutMs: ANSWER_MS_MAX });
    return actor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.all([...this.#closers.values()].map((close) => close()));
    await this.hostile[Symbol.asyncDispose]();
    await this.gateway[Symbol.asyncDispose]();
    // A client whose terminal went away still closes its profile, which takes a moment.
    await rm(this.#dataDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  }

  get #profile(): Profile {
    return new Profile(join(this.#dataDir, 'profile'));
  }

  get #origin() {
    const origin = parseOrigin(this.hostile.url);
    if (origin === undefined) throw new TypeError('the hostile server has no origin');
    return origin;
  }

  async #openFromDisk(name: UserName): Promise<Actor> {
    const storage = await this.#profile.open(this.#origin, name, undefined);
    this.#closers.set(storage, () => storage.close());
    return { storage, client: await this.#client(storage, this.hostile.url) };
  }

  async #client(storage: AccountStorage, server: string): Promise<ConclaveClient> {
    const client = await createClient({
      server,
      storage,
      webSocket: BoundedWebSocket,
      timeoutMs: ANSWER_MS_MAX,
    });
    this.#clients.push(client);
    return client;
  }
}

/** `text`, or `status: reason`, or `gap n`; marks behind it. */
export function shown(message: RoomMessage): string {
  if (message.type === 'gap') return `gap ${message.missing}`;
  if (message.type !== 'message') return message.type;
  const marks = message.marks === undefined ? '' : ` [${message.marks.join(', ')}]`;
  return `${message.text ?? `${message.status}: ${message.reason}`}${marks}`;
}

/** Everything that a room's reader is shown from the joining position to the head. */
export async function read(room: Room): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const message of room.follow({ after: 'joined', live: false })) texts.push(shown(message));
  return texts;
}
