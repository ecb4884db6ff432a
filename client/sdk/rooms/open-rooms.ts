import type { RoomId } from '../../../src/protocol/ids.ts';
import { ENTER_ROOMS_MAX } from '../../../src/protocol/limits.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import { AtOnce } from '../connection/at-once.ts';
import type { Clock } from '../connection/clock.ts';
import type { Connection } from '../connection/connection.ts';
import type { Link } from '../connection/link.ts';
import { type ConclaveError, localError, printable } from '../errors.ts';
import { Broadcast } from '../event-queue.ts';
import type { UploadParts } from '../files/upload.ts';
import type { Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { OwnPrekeys } from '../people/own-prekeys.ts';
import type { People } from '../people/people.ts';
import type { RoomRecord } from '../storage/records.ts';
import type { DirectRooms } from './direct-rooms.ts';
import type { DisappearingMessages } from './disappearing-messages.ts';
import { EnteredRoom, type RoomEvent } from './entered-room.ts';
import type { Expulsion, GoneReason } from './gone-room.ts';
import { LifeKeeper } from './life-keeper.ts';
import type { OpenedMessages } from './opened-messages.ts';
import type { ShownRoom } from './room-acts.ts';
import type { RoomBook } from './room-book.ts';
import { askToEnter, enterBody, noteJoined, refusalOf } from './room-entry.ts';
import { RoomEpochs } from './room-epochs.ts';
import type { RoomChange } from './room-events.ts';
import { RoomHandle } from './room-handle.ts';
import { RoomKeyring } from './room-keyring.ts';
import { RoomReader } from './room-reader.ts';
import { RoomRoster } from './room-roster.ts';
import { RoomSender } from './room-sender.ts';
import { RoomState } from './room-state.ts';
import type { SenderChains } from './sender-chains.ts';
import { TrustedMembers } from './trusted-members.ts';

/** Events that arrive between the answer to `enter` and the moment its reader runs. */
const EARLY_EVENTS_MAX = 1_000;
/** Changes that a reader has not taken yet; beyond it the oldest go, and it is told. */
const CHANGES_QUEUED_MAX = 1_024;
/** Rooms that are entered again at the same time because the server said so. */
const RESYNCS_AT_ONCE = 16;

interface OpenRoomsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly timeoutMs: number | undefined;
  readonly account: OwnAccount;
  readonly people: People;
  readonly prekeys: OwnPrekeys;
  readonly book: RoomBook;
  readonly directs: DirectRooms;
  readonly chains: ChainStore;
  readonly senders: SenderChains;
  readonly opened: OpenedMessages;
  readonly disappearing: DisappearingMessages;
  readonly notices: Broadcast<Notice>;
  readonly uploads: UploadParts;
}

interface OpenRoom {
  readonly room: EnteredRoom;
  readonly epochs: RoomEpochs;
  readonly life: LifeKeeper;
  readonly changes: Broadcast<RoomChange>;
  readonly handle: RoomHandle;
}

/** The rooms that this client has entered, and stays in over reconnects. */
export class OpenRooms {
  readonly #options: OpenRoomsOptions;
  readonly #rooms = new Map<RoomId, OpenRoom>();
  readonly #resyncs = new AtOnce(RESYNCS_AT_ONCE);
  readonly #opening = new Map<RoomId, { readonly room: Promise<RoomHandle>; readonly early: RoomEvent[] }>();

  constructor(options: OpenRoomsOptions) {
    this.#options = options;
  }

  /** Enters a room. The same object as long as it is open. */
  open(id: RoomId): Promise<RoomHandle> {
    const open = this.#rooms.get(id);
    if (open !== undefined) return Promise.resolve(open.handle);
    const opening = this.#opening.get(id);
    if (opening !== undefined) return opening.room;
    const most = Math.min(
      this.#options.link.greeting?.limits.roomsPerConnection ?? ENTER_ROOMS_MAX,
      ENTER_ROOMS_MAX,
    );
    if (this.#rooms.size + this.#opening.size >= most)
      return Promise.reject(localError('too_large', 'rooms_open', { count: most }));
    const early: RoomEvent[] = [];
    const room = this.#enter(id, early).finally(() => this.#opening.delete(id));
    this.#opening.set(id, { room, early });
    return room;
  }

  /** As open(), by a name that the storage knows: nothing is said in a room that has got another one meanwhile. */
  async openNamed(id: RoomId, name: string): Promise<RoomHandle> {
    const wasOpen = this.#rooms.has(id) || this.#opening.has(id);
    const room = await this.open(id);
    if (room.name.toLowerCase() === name.toLowerCase()) return room;
    if (!wasOpen) room.close();
    throw localError('not_a_member', 'room_renamed', { former: printable(name), room: room.name });
  }

  /** Reads the epochs of a room that the user is in; it is entered for that, if it is not open. */
  async readEpochs(id: RoomId): Promise<void> {
    const wasOpen = this.#rooms.has(id) || this.#opening.has(id);
    const handle = await this.open(id);
    try {
      await this.#rooms.get(id)?.epochs.sync();
    } finally {
      if (!wasOpen) handle.close();
    }
  }

  /** One `enter` for all rooms on a connection that nobody uses yet. */
  async reenterAll(connection: Connection): Promise<void> {
    const rooms = [...this.#rooms.keys()];
    if (rooms.length === 0) return;
    const answer = await connection.request('enter', enterBody(connection, rooms));
    // Events that follow are taken after all of these.
    await Promise.all(answer.rooms.map((entered) => this.#rooms.get(entered.room)?.room.reentered(entered)));
  }

  /**
   * The server's list of own rooms. Those that it does not name, or with another membership, are entered again: an event that told of
   * it may have been lost.
   */
  listed(own: readonly (Pick<RoomRecord, 'joined'> & { readonly id: RoomId })[]): void {
    if (this.#rooms.size === 0) return;
    const joined = new Map(own.map((room) => [room.id, room.joined]));
    for (const [id, { handle, room }] of this.#rooms) if (joined.get(id) !== handle.joined) room.outdated();
  }

  /** Events go to their room. */
  take(event: RoomEvent): void {
    const id = event.body.room;
    const open = this.#rooms.get(id);
    const early = this.#opening.get(id)?.early;
    // A roster that could not be read now is read when it is asked for.
    if (open !== undefined) open.room.take(event).catch(() => undefined);
    else if (early !== undefined && early.length < EARLY_EVENTS_MAX) early.push(event);
  }

  /** A person accepted how a room was shown. */
  async accepted({ id, versions }: ShownRoom): Promise<void> {
    if (id !== undefined && versions !== undefined) await this.#rooms.get(id)?.room.accepted(versions);
  }

  ended(id: RoomId, reason: GoneReason, expulsion?: Expulsion): void {
    this.#rooms.get(id)?.room.gone(reason, expulsion);
  }

  /** `error`: why, when it was not asked for. */
  close(error?: ConclaveError): void {
    for (const { room } of [...this.#rooms.values()]) room.close(error);
  }

  async #enter(id: RoomId, early: RoomEvent[]): Promise<RoomHandle> {
    const { book, directs, link, notices, timeoutMs } = this.#options;
    const entered = await link.limited(timeoutMs, askToEnter(link, id));
    if (entered.info === undefined) throw refusalOf(entered);
    const { info, presence } = entered;
    if (info.room !== id) throw localError('trust', 'other_room_answered', { room: info.name });
    await book.pins.check(info.name, { room: id, password: info.password });
    await noteJoined(book, notices, info);
    const known = (await book.record(id))?.direct;
    await directs.insist(info.name, known);
    const { direct = known } = info;
    const { name, role, joined, head } = info;
    const record = { name, role, joined, head, ...(direct !== undefined && { direct }) };
    const person = await directs.personOf(id, record);
    const state = new RoomState(info, presence, person);
    const assembled = this.#assemble(state);
    const { room, handle, changes, life } = assembled;
    await room.followSettings();
    await life.load();
    await book.put(id, record);
    await this.#options.disappearing.watch(
      id,
      (messages) => changes.tell({ type: 'messages-disappeared', room: state.name, messages }),
      room.ended,
    );
    this.#rooms.set(id, assembled);
    room.ended.addEventListener('abort', () => this.#rooms.delete(id));
    for (const event of early) this.take(event);
    room.lookAtLife();
    return handle;
  }

  /** Each part knows those before it. */
  #assemble(state: RoomState): OpenRoom {
    const changes = new Broadcast<RoomChange>({
      entriesMax: CHANGES_QUEUED_MAX,
      overflow: () => ({ type: 'overflow', room: state.name }),
    });
    const common = { ...this.#options, state, changes };
    const roster = new RoomRoster(common);
    const keyring = new RoomKeyring({ ...common, roster });
    const epochs = new RoomEpochs({ ...common, roster, keyring });
    const members = new TrustedMembers({ ...common, roster });
    const life = new LifeKeeper({ ...common, roster });
    const parts = { ...common, roster, keyring, epochs, members, life };
    const reader = new RoomReader(parts);
    const room = new EnteredRoom({ ...parts, resyncs: this.#resyncs });
    const sender = new RoomSender({ ...parts, look: reader, room });
    return { room, epochs, changes, life, handle: new RoomHandle({ ...parts, reader, room, sender }) };
  }
}
