import type { ServerEvent } from '../../src/protocol/client-codec.ts';
import type { RoomId } from '../../src/protocol/ids.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import type { ConclaveClient, CreateOptions, ListedRoom, Me, RegisterOptions, SearchOptions } from './api.ts';
import type { AccountHandOver } from './backup/account-backup.ts';
import type { BackupKeeper } from './backup/backup-keeper.ts';
import type { LinkTicket } from './backup/link-ticket.ts';
import type { ClientOptions } from './client-options.ts';
import { type ClientParts, clientParts } from './client-parts.ts';
import type { LinkEvent } from './connection/link-event.ts';
import type { ConnectionStatus } from './connection/link-status.ts';
import { Schedule } from './connection/schedule.ts';
import type { ContactBook } from './contacts/contacts.ts';
import { type ConclaveError, localError, printable } from './errors.ts';
import type { Notice } from './notice.ts';
import { ownKeys } from './people/own-account.ts';
import { OwnKeys } from './people/own-keys.ts';
import type { KeyInfo, Person, PublishedPrekeys, Safety, ShownKey } from './people/shown.ts';
import type { Disappeared } from './rooms/disappearing-messages.ts';
import { expulsionOf } from './rooms/gone-room.ts';
import { KeptRoomHandle } from './rooms/kept-room.ts';
import type { OwnRoom, RoomSuite } from './rooms/own-room.ts';
import type { Room } from './rooms/room.ts';
import type { ShownRoom } from './rooms/room-acts.ts';
import type { KeptRoom, RoomMessage } from './rooms/room-events.ts';
import type { StateKeeper } from './state/state-keeper.ts';

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
  readonly backup: BackupKeeper;
  readonly contacts: ContactBook;
  readonly userState: StateKeeper;
  readonly #parts: ClientParts;
  readonly #ownRoomsLater: Schedule;

  constructor(origin: Origin, options: ClientOptions, account: OwnKeys) {
    this.origin = origin;
    this.#parts = clientParts(origin, options, account);
    const { backup, clock, contacts, link, membership, userState } = this.#parts;
    this.backup = backup;
    this.contacts = contacts;
    this.userState = userState;
    this.#ownRoomsLater = new Schedule(clock, async () => {
      await membership.refresh();
      await contacts.tellWaiting();
    });
    link.listen((event) => this.#hear(event));
  }

  get status(): ConnectionStatus {
    return this.#parts.link.status;
  }

  get heldUp(): ConclaveError | undefined {
    return this.#parts.link.waits.why;
  }

  statuses(): AsyncIterableIterator<ConnectionStatus> {
    return this.#parts.link.statuses();
  }

  retryNow(): void {
    this.#parts.link.retryNow();
  }

  notices(): AsyncIterableIterator<Notice> {
    return this.#parts.notices.follow();
  }

  async register(options: RegisterOptions = {}): Promise<Me> {
    this.#parts.login.registerFirst(options);
    const me = await this.connect({ timeoutMs: this.#parts.timeoutMs });
    await this.#parts.prekeys.publishNow(this.#parts.timeoutMs);
    return me;
  }

  async connect(options: { readonly timeoutMs?: number | undefined } = {}): Promise<Me> {
    await this.#parts.link.start(options.timeoutMs);
    return this.me();
  }

  async me(): Promise<Me> {
    const { current, name, user } = this.#parts.account;
    return { server: this.origin, user: name, id: user, fingerprint: current.ready.fingerprint };
  }

  keys(): readonly KeyInfo[] {
    return ownKeys(this.#parts.account);
  }

  async close({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#ownRoomsLater.cancel();
    this.#parts.rooms.close();
    await this.userState.close();
    await this.#parts.care.close(signal);
    await this.backup.close();
    this.#parts.notices.end();
    await this.#parts.link.close();
    await this.#parts.senders.settled();
    await this.#parts.disappearing.close();
    await this.#parts.opened.flush();
  }

  async logout({ everywhere = false }: { readonly everywhere?: boolean } = {}): Promise<void> {
    await this.#parts.acts.logout(everywhere);
    await this.close({ signal: AbortSignal.abort() });
  }

  async rotate(): Promise<Me> {
    await this.#parts.acts.rotate();
    await this.#parts.prekeys.publishNow(this.#parts.timeoutMs);
    this.backup.changed();
    this.userState.rotated();
    return this.me();
  }

  publishPrekeys(): Promise<PublishedPrekeys | undefined> {
    return this.#parts.prekeys.publish({ timeoutMs: this.#parts.timeoutMs });
  }

  async closeAccount(): Promise<void> {
    await this.#parts.acts.closeAccount();
    await this.close({ signal: AbortSignal.abort() });
  }

  async handOver(ticket: LinkTicket): Promise<AccountHandOver> {
    const { beginHandOver } = await import('./backup/old-device.ts');
    const [origin, link, clock] = [this.origin, this.#parts.link, this.#parts.clock];
    return beginHandOver(
      { origin, link, clock, storage: this.#parts.storage, timeoutMs: this.#parts.timeoutMs },
      ticket,
    );
  }

  async ping(): Promise<number> {
    const start = this.#parts.clock.now();
    await this.#parts.link.request('ping', {}, { timeoutMs: this.#parts.timeoutMs });
    return this.#parts.clock.now() - start;
  }

  listRooms({ prefix }: { readonly prefix?: string } = {}): AsyncIterableIterator<ListedRoom> {
    return this.#parts.membership.listed(prefix);
  }

  async usersOnline(): Promise<number> {
    return (await this.#parts.link.request('rooms', {}, { timeoutMs: this.#parts.timeoutMs })).total;
  }

  ownRooms(): Promise<readonly OwnRoom[]> {
    return this.#parts.membership.own();
  }

  keptRooms(): Promise<readonly OwnRoom[]> {
    return this.#parts.membership.kept();
  }

  keptRoom(id: RoomId, gone: (messages: readonly Disappeared[]) => void): KeptRoom {
    const { disappearing, search } = this.#parts;
    return new KeptRoomHandle({ id, disappearing, search, gone });
  }

  lookup(room: string): Promise<{ readonly password: boolean }> {
    return this.#parts.membership.lookup(room);
  }

  create(room: string, options: CreateOptions = {}): Promise<OwnRoom> {
    return this.#parts.membership.create(room, options);
  }

  async join(room: string, password?: string): Promise<OwnRoom> {
    const joined = await this.#parts.membership.join(room, password);
    await this.contacts.answered(joined.id);
    return joined;
  }

  async leave(room: string): Promise<void> {
    const id = await this.#parts.membership.idOf(room);
    await this.#parts.membership.leave(id);
    this.#parts.rooms.ended(id, 'left');
  }

  async room(room: string): Promise<Room> {
    return this.#parts.rooms.openNamed(await this.#parts.membership.idOf(room), room);
  }

  suiteOf(room: RoomId): Promise<RoomSuite> {
    return this.#parts.care.suiteOf(room);
  }

  inspectRoom(room: string): Promise<ShownRoom> {
    return this.#parts.inspection.inspect(room);
  }

  async trustRoom(shown: ShownRoom): Promise<void> {
    await this.#parts.inspection.trust(shown);
    await this.#parts.rooms.accepted(shown);
  }

  search(text: string, options: SearchOptions = {}): Promise<readonly RoomMessage[]> {
    return this.#parts.search.find(text, options);
  }

  person(user: string): Promise<Person> {
    return this.#parts.directory.person(user);
  }

  safetyNumber(user: string): Promise<Safety> {
    return this.#parts.directory.safetyNumber(user);
  }

  verify(shown: ShownKey): Promise<void> {
    return this.#parts.directory.verify(shown);
  }

  trust(shown: ShownKey): Promise<void> {
    return this.#parts.directory.trust(shown);
  }

  #hear(event: LinkEvent): Promise<void> | void {
    switch (event.type) {
      case 'opened':
        // Runs once the link is online: a login is as good as a first start, after a resume most is known.
        this.#ownRoomsLater.within(
          event.by === 'login' ? 0 : this.#parts.clock.random() * OWN_ROOMS_WITHIN_MS,
        );
        this.backup.opened(event.by);
        this.userState.opened(event.by);
        this.#parts.care.soon();
        return this.#parts.rooms.reenterAll(event.connection);
      case 'told':
        return this.#take(event.event);
      case 'held-up':
        return this.#parts.notices.tell(event);
      case 'failed':
        this.#ownRoomsLater.cancel();
        this.#parts.care.stop();
        this.#parts.rooms.close(event.error);
        return this.#parts.notices.end();
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
          this.#parts.rooms.ended(id, kind, expulsion);
          void this.#parts.disappearing.forget(id).catch(() => undefined);
        }
        this.#ownRoomsLater.within(0);
        this.#parts.notices.tell({ type: 'own-room', room, id, kind, ...expulsion });
        return;
      }
      case 'state':
        this.userState.heard();
        return;
      case 'invitation':
        // What can't be looked into now is shown when it is asked for.
        this.contacts.heard(event.body).catch(() => undefined);
        return;
      default:
        this.#parts.rooms.take(event);
        if (event.name !== 'room-gone') return;
        void this.#parts.disappearing.forget(event.body.room).catch(() => undefined);
        this.#ownRoomsLater.within(0);
    }
  }
}
