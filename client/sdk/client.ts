import type { ServerEvent } from '../../src/protocol/client-codec.ts';
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
import type { AccountHandOver } from './backup/account-backup.ts';
import { BackupKeeper } from './backup/backup-keeper.ts';
import type { LinkTicket } from './backup/link-ticket.ts';
import { observedState } from './backup/observed-state.ts';
import type { ClientOptions } from './client-options.ts';
import { type Clock, systemClock } from './connection/clock.ts';
import { Link, type LinkEvent } from './connection/link.ts';
import { Login } from './connection/login.ts';
import { Schedule } from './connection/schedule.ts';
import { localError, printable } from './errors.ts';
import { Broadcast } from './event-queue.ts';
import { ChunkHttp } from './files/chunk-http.ts';
import type { Notice } from './notice.ts';
import { AccountActs } from './people/account-acts.ts';
import { Directory, fetchChain } from './people/directory.ts';
import { ownKeys } from './people/own-account.ts';
import { OwnKeys } from './people/own-keys.ts';
import { OwnPrekeys } from './people/own-prekeys.ts';
import { People } from './people/people.ts';
import type { KeyInfo, Person, Safety, ShownKey } from './people/shown.ts';
import { EpochCare } from './rooms/epoch-care.ts';
import { expulsionOf } from './rooms/gone-room.ts';
import { Membership } from './rooms/membership.ts';
import { MessageSearch } from './rooms/message-search.ts';
import { OpenRooms } from './rooms/open-rooms.ts';
import { OpenedMessages } from './rooms/opened-messages.ts';
import type { ShownRoom } from './rooms/room-acts.ts';
import { RoomBook } from './rooms/room-book.ts';
import type { RoomMessage } from './rooms/room-events.ts';
import { SenderChains } from './rooms/sender-chains.ts';
import type { AccountStorage } from './storage/storage.ts';

const REQUEST_MS_DEFAULT = 30_000;
const NOTICES_QUEUED_MAX = 256;
/** After a resume the own rooms are asked for once, at a random moment so that reconnecting clients don't do it together. */
const OWN_ROOMS_WITHIN_MS = 5 * 60_000;

/**
 * A client of one account. Nothing is sent before `connect` or `register`. Rejects with `usage` for an address that is
 * none, and `no_profile` when the keys in the storage don't belong together.
 */
export async function createClient(options: ClientOptions): Promise<ConclaveClient> {
  const origin = parseOrigin(options.server);
  if (origin === undefined) throw localError('usage', 'bad_address', { given: printable(options.server) });
  return new Client(origin, options, await OwnKeys.open(options.storage));
}

class Client implements ConclaveClient {
  readonly origin: Origin;
  readonly #clock: Clock;
  readonly #account: OwnKeys;
  readonly #storage: AccountStorage;
  readonly #timeoutMs: number | undefined;
  readonly #link: Link;
  readonly #login: Login;
  readonly #acts: AccountActs;
  readonly #rooms: OpenRooms;
  readonly #membership: Membership;
  readonly #prekeys: OwnPrekeys;
  readonly #directory: Directory;
  readonly #opened: OpenedMessages;
  readonly #senders: SenderChains;
  readonly #search: MessageSearch;
  readonly #notices = new Broadcast<Notice>({ entriesMax: NOTICES_QUEUED_MAX });
  readonly #ownRoomsLater: Schedule;
  readonly backup: BackupKeeper;
  readonly #care: EpochCare;

  constructor(origin: Origin, options: ClientOptions, account: OwnKeys) {
    this.origin = origin;
    this.#account = account;
    this.#storage = options.storage;
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = 'timeoutMs' in options ? options.timeoutMs : REQUEST_MS_DEFAULT;
    const [clock, timeoutMs, notices] = [this.#clock, this.#timeoutMs, this.#notices];
    const { cache, chains, sharing } = options.storage;
    const state = observedState(options.storage.state, () => this.backup.changed());
    this.#login = new Login(account, state, clock);
    this.#link = new Link({
      ...{ origin, clock, login: this.#login, webSocket: options.webSocket },
      program: options.program ?? 'conclave-sdk',
    });
    this.backup = new BackupKeeper({
      ...{ origin, account, clock, notices, timeoutMs },
      ...{ link: this.#link, storage: options.storage },
    });
    this.#opened = new OpenedMessages(cache, clock);
    this.#senders = new SenderChains({ account, chains, clock, sharing, state });
    const [link, login, opened, senders] = [this.#link, this.#login, this.#opened, this.#senders];
    this.#acts = new AccountActs({ clock, keys: account, link, login, opened, senders, state, timeoutMs });
    const people = new People({
      ...{ account, clock, notices, state },
      fetchChain: async (user, since) => (await fetchChain(link, { user }, since, undefined)).chain,
    });
    this.#prekeys = new OwnPrekeys({ clock, keys: account, link, state });
    this.#directory = new Directory({ account, link, people, timeoutMs });
    const book = new RoomBook({ clock, opened, people, state });
    this.#search = new MessageSearch({ book, clock, opened, people });
    this.#membership = new Membership({ book, link, timeoutMs });
    const uploads = { link, clock, state, timeoutMs, http: new ChunkHttp(origin, clock, options.fetch) };
    const rooms = { account, book, chains, clock, link, notices, opened, people, senders, timeoutMs };
    const [membership, prekeys] = [this.#membership, this.#prekeys];
    this.#rooms = new OpenRooms({ ...rooms, uploads, prekeys });
    this.#care = new EpochCare({ ...rooms, membership, prekeys, rooms: this.#rooms });
    this.#ownRoomsLater = new Schedule(clock, () => membership.refresh());
    link.listen((event) => this.#hear(event));
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
    return this.#notices.follow();
  }

  async register(options: RegisterOptions = {}): Promise<Me> {
    this.#login.registerFirst(options);
    const me = await this.connect({ timeoutMs: this.#timeoutMs });
    await this.#prekeys.publishNow(this.#timeoutMs);
    return me;
  }

  async connect(options: { readonly timeoutMs?: number | undefined } = {}): Promise<Me> {
    await this.#link.start(options.timeoutMs);
    return this.me();
  }

  async me(): Promise<Me> {
    const { current, name, user } = this.#account;
    return { server: this.origin, user: name, id: user, fingerprint: current.ready.fingerprint };
  }

  keys(): readonly KeyInfo[] {
    return ownKeys(this.#account);
  }

  async close(): Promise<void> {
    this.#ownRoomsLater.cancel();
    this.#care.stop();
    this.#rooms.close();
    await this.backup.close();
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
    await this.#prekeys.publishNow(this.#timeoutMs);
    this.backup.changed();
    return this.me();
  }

  async closeAccount(): Promise<void> {
    await this.#acts.closeAccount();
    await this.close();
  }

  async handOver(ticket: LinkTicket): Promise<AccountHandOver> {
    const { beginHandOver } = await import('./backup/old-device.ts');
    const [origin, link, clock] = [this.origin, this.#link, this.#clock];
    return beginHandOver({ origin, link, clock, storage: this.#storage, timeoutMs: this.#timeoutMs }, ticket);
  }

  async ping(): Promise<number> {
    const start = this.#clock.now();
    await this.#link.request('ping', {}, { timeoutMs: this.#timeoutMs });
    return this.#clock.now() - start;
  }

  listRooms({ prefix }: { readonly prefix?: string } = {}): AsyncIterableIterator<ListedRoom> {
    return this.#membership.listed(prefix);
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

  search(text: string, options: SearchOptions = {}): Promise<readonly RoomMessage[]> {
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

  #hear(event: LinkEvent): Promise<void> | void {
    switch (event.type) {
      case 'opened':
        // Runs once the link is online: a login is as good as a first start, after a resume most is known.
        this.#ownRoomsLater.within(event.by === 'login' ? 0 : this.#clock.random() * OWN_ROOMS_WITHIN_MS);
        this.backup.opened(event.by);
        this.#care.soon();
        return this.#rooms.reenterAll(event.connection);
      case 'told':
        return this.#take(event.event);
      case 'failed':
        this.#ownRoomsLater.cancel();
        this.#care.stop();
        this.#rooms.close(event.error);
        return this.#notices.end();
      default:
        return event satisfies never;
    }
  }

  #take(event: ServerEvent): void {
    switch (event.name) {
      case 'going-away':
        return; // The session serves until the node closes it; then any other node takes it.
      case 'own-room': {
        const { room: id, name: room, kind } = event.body;
        const expulsion = expulsionOf(event.body);
        if (kind !== 'joined') {
          this.#rooms.ended(id, kind, expulsion);
          void this.#opened.forget(id);
        }
        this.#ownRoomsLater.within(0);
        this.#notices.tell({ type: 'own-room', room, id, kind, ...expulsion });
        return;
      }
      default:
        this.#rooms.take(event);
        if (event.name !== 'room-gone') return;
        void this.#opened.forget(event.body.room);
        this.#ownRoomsLater.within(0);
    }
  }
}
