import type { ServerEvent } from '../../src/protocol/client-codec.ts';
import type { UserId } from '../../src/protocol/ids.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import type {
  ConclaveClient,
  ConnectionStatus,
  CreateOptions,
  ListedRoom,
  Me,
  OwnRoom,
  RegisterOptions,
  Room,
  SearchOptions,
} from './api.ts';
import type { ClientOptions } from './client-options.ts';
import { type Clock, systemClock } from './connection/clock.ts';
import type { Connection } from './connection/connection.ts';
import { Link } from './connection/link.ts';
import { Login } from './connection/login.ts';
import { Schedule } from './connection/schedule.ts';
import { SessionOpening } from './connection/session-opening.ts';
import { ConclaveError, printable } from './errors.ts';
import type { Notice } from './notice.ts';
import { NoticeReaders } from './notice-readers.ts';
import { AccountActs } from './people/account-acts.ts';
import { Directory, fetchChain } from './people/directory.ts';
import { ownKeys } from './people/own-account.ts';
import { OwnKeys } from './people/own-keys.ts';
import { People } from './people/people.ts';
import type { KeyInfo, Person, Safety, ShownKey } from './people/shown.ts';
import { Membership } from './rooms/membership.ts';
import { MessageSearch } from './rooms/message-search.ts';
import { OpenRooms } from './rooms/open-rooms.ts';
import { OpenedMessages } from './rooms/opened-messages.ts';
import { RoomBook } from './rooms/room-book.ts';
import type { RoomMessage } from './rooms/room-events.ts';
import { publicRooms } from './rooms/room-list.ts';
import { SenderChains } from './rooms/sender-chains.ts';
import type { ShownRoom } from './rooms/shown-room.ts';
import { getRecord, meRecord } from './storage/records.ts';
import type { AccountStorage } from './storage/storage.ts';

const REQUEST_MS_DEFAULT = 30_000;
/** After a resume the own rooms are asked for once, at a random moment so that reconnecting clients don't do it together. */
const OWN_ROOMS_WITHIN_MS = 5 * 60_000;

/**
 * A client of one account. Nothing is sent before `connect` or `register`. Rejects with `usage` for an address that is
 * none, and `no_profile` when the keys in the storage don't belong together.
 */
export async function createClient(options: ClientOptions): Promise<ConclaveClient> {
  const origin = parseOrigin(options.server);
  if (origin === undefined)
    throw new ConclaveError(
      'usage',
      `${printable(options.server)} is not an address like ws://host:port or wss://host:port`,
    );
  return new Client(origin, options, await OwnKeys.open(options.storage));
}

class Client implements ConclaveClient {
  readonly origin: Origin;
  readonly #clock: Clock;
  readonly #storage: AccountStorage;
  readonly #account: OwnKeys;
  readonly #timeoutMs: number | undefined;
  readonly #link: Link;
  readonly #sessions: SessionOpening;
  readonly #acts: AccountActs;
  readonly #rooms: OpenRooms;
  readonly #membership: Membership;
  readonly #directory: Directory;
  readonly #opened: OpenedMessages;
  readonly #senders: SenderChains;
  readonly #search: MessageSearch;
  readonly #notices = new NoticeReaders();
  readonly #ownRoomsLater: Schedule;
  #me: UserId | undefined;
  readonly #knownMe = (): UserId => {
    if (this.#me === undefined)
      throw new ConclaveError('no_profile', 'this account was never opened on this server from here');
    return this.#me;
  };

  constructor(origin: Origin, options: ClientOptions, account: OwnKeys) {
    this.origin = origin;
    this.#account = account;
    this.#storage = options.storage;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = 'timeoutMs' in options ? options.timeoutMs : REQUEST_MS_DEFAULT;
    const { state, chains, sharing } = options.storage;
    const [clock, timeoutMs, notify, me] = [this.#clock, this.#timeoutMs, this.#notices.push, this.#knownMe];
    const opened = new OpenedMessages(options.storage.cache, clock);
    const senders = new SenderChains({ state, chains, sharing, clock, me });
    [this.#opened, this.#senders] = [opened, senders];
    const book = new RoomBook(state, opened);
    const login = new Login(account, state, () => clock.wallTime());
    this.#sessions = new SessionOpening(origin, login, account);
    const link = new Link({
      ...{ origin, clock, webSocket: options.webSocket, program: options.program ?? 'conclave-sdk' },
      authenticate: (connection) => this.#authenticate(connection),
      prepare: (connection) => this.#rooms.reenterAll(connection),
      revoked: () => this.#sessions.revoked(),
      onEvent: (event) => this.#take(event),
      onFailed: (error) => this.#fail(error),
    });
    this.#link = link;
    this.#acts = new AccountActs({
      ...{ link, clock, keys: account, login, opened, senders, state, timeoutMs },
      binding: (connection) => this.#sessions.binding(connection),
    });
    const people = new People({
      ...{ state, account, me, clock, notify },
      fetchChain: async (user, since) => (await fetchChain(link, { user }, since, undefined)).chain,
    });
    this.#membership = new Membership({ link, book, timeoutMs });
    this.#directory = new Directory({ link, people, account, timeoutMs, me });
    this.#rooms = new OpenRooms({
      ...{ link, clock, timeoutMs, account, people, book, chains, senders, opened, me, notify },
      unlock: (room, password) => this.#membership.unlock(room, password),
    });
    this.#search = new MessageSearch({ opened, book, people, account, clock, me });
    this.#ownRoomsLater = new Schedule(clock, () => this.#membership.refresh());
  }

  get status(): ConnectionStatus {
    return this.#link.status;
  }

  statuses(): AsyncIterableIterator<ConnectionStatus> {
    return this.#link.statuses();
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  notices(): AsyncIterableIterator<Notice> {
    return this.#notices.follow(this.status.state === 'closed');
  }

  async register(options: RegisterOptions = {}): Promise<Me> {
    this.#sessions.registering = options;
    return this.connect({ timeoutMs: this.#timeoutMs });
  }

  async connect(options: { readonly timeoutMs?: number | undefined } = {}): Promise<Me> {
    await this.#link.start(options.timeoutMs);
    return this.me();
  }

  async me(): Promise<Me> {
    this.#me ??= (await getRecord(this.#storage.state, 'session', 'me', meRecord))?.user;
    return {
      server: this.origin,
      user: this.#account.name,
      id: this.#knownMe(),
      fingerprint: this.#account.current.ready.fingerprint,
    };
  }

  keys(): readonly KeyInfo[] {
    return ownKeys(this.#account);
  }

  async close(): Promise<void> {
    this.#ownRoomsLater.cancel();
    this.#rooms.close();
    this.#notices.end();
    await this.#link.close();
    await this.#senders.settled();
    await this.#opened.flush();
  }

  async logout({ everywhere = false }: { readonly everywhere?: boolean } = {}): Promise<void> {
    await this.#acts.logout(everywhere);
    await this.close();
  }

  async rotate(): Promise<Me> {
    await this.#acts.rotate();
    return this.me();
  }

  async closeAccount(): Promise<void> {
    await this.#acts.closeAccount();
    await this.close();
  }

  async ping(): Promise<number> {
    const start = this.#clock.now();
    await this.#link.request('ping', {}, { timeoutMs: this.#timeoutMs });
    return this.#clock.now() - start;
  }

  listRooms({ prefix }: { readonly prefix?: string } = {}): AsyncIterableIterator<ListedRoom> {
    return publicRooms(this.#link, prefix, this.#timeoutMs);
  }

  async usersOnline(): Promise<number> {
    return (await this.#link.request('rooms', {}, { timeoutMs: this.#timeoutMs })).total;
  }

  ownRooms(): Promise<readonly OwnRoom[]> {
    return this.#membership.own();
  }

  lookup(room: string): Promise<{ readonly password: boolean }> {
    return this.#membership.lookup(room);
  }

  create(room: string, options: CreateOptions = {}): Promise<OwnRoom> {
    return this.#membership.create(room, options);
  }

  join(room: string, password?: string): Promise<OwnRoom> {
    return this.#membership.join(room, password);
  }

  async leave(room: string): Promise<void> {
    const id = await this.#membership.idOf(room);
    await this.#membership.leave(id);
    this.#rooms.ended(id, 'left');
  }

  async room(room: string): Promise<Room> {
    return this.#rooms.openNamed(await this.#membership.idOf(room), room);
  }

  inspectRoom(room: string): Promise<ShownRoom> {
    return this.#membership.inspect(room);
  }

  trustRoom(shown: ShownRoom): Promise<void> {
    return this.#membership.trustRoom(shown);
  }

  async search(text: string, options: SearchOptions = {}): Promise<readonly RoomMessage[]> {
    await this.me();
    return this.#search.find(text, options);
  }

  person(user: string): Promise<Person> {
    return this.#directory.person(user);
  }

  safetyNumber(user: string): Promise<Safety> {
    return this.#directory.safetyNumber(user);
  }

  verify(shown: ShownKey): Promise<void> {
    return this.#directory.verify(shown);
  }

  trust(shown: ShownKey): Promise<void> {
    return this.#directory.trust(shown);
  }

  async #authenticate(connection: Connection): Promise<void> {
    const { user, by } = await this.#sessions.open(connection);
    this.#me = user;
    // Runs once the link is online: a login is as good as a first start, after a resume most is known.
    this.#ownRoomsLater.within(by === 'login' ? 0 : this.#clock.random() * OWN_ROOMS_WITHIN_MS);
  }

  #take(event: ServerEvent): void {
    switch (event.name) {
      case 'going-away':
        // The session serves until the node closes it; then any other node takes it.
        return;
      case 'own-room':
        if (event.body.kind !== 'joined') {
          this.#rooms.ended(event.body.room, event.body.kind);
          void this.#opened.forget(event.body.room);
        }
        this.#ownRoomsLater.within(0);
        this.#notices.push({
          type: 'own-room',
          room: event.body.name,
          id: event.body.room,
          kind: event.body.kind,
        });
        return;
      default:
        this.#rooms.take(event);
        if (event.name !== 'room-gone') return;
        void this.#opened.forget(event.body.room);
        this.#ownRoomsLater.within(0);
    }
  }

  #fail(error: ConclaveError): void {
    this.#ownRoomsLater.cancel();
    this.#rooms.fail(error);
    this.#notices.end();
  }
}
