import { errorNameOf } from '../../../src/protocol/codes.ts';
import type { RoomInfo } from '../../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { ENTER_ROOMS_MAX } from '../../../src/protocol/limits.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import { refusalTexts } from '../../texts/refusal-texts.ts';
import { AtOnce } from '../connection/at-once.ts';
import type { Clock } from '../connection/clock.ts';
import type { Connection } from '../connection/connection.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, errorWith, printable } from '../errors.ts';
import type { Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { OpenedMessages } from './opened-messages.ts';
import type { RoomBook } from './room-book.ts';
import { fetchCopies } from './room-copies.ts';
import { type GoneReason, type RoomEvent, RoomHandle } from './room-handle.ts';
import { RoomReader } from './room-reader.ts';
import { RoomSender } from './room-sender.ts';
import { RoomState } from './room-state.ts';
import type { OwnLook, SenderChains } from './sender-chains.ts';

/** Events that arrive between the answer to `enter` and the moment its reader runs. */
const EARLY_EVENTS_MAX = 1_000;
/** Messages that are looked through for own ones that this profile does not know. */
const OWN_LOOK_MAX = 32;

/** Rooms that are entered again at the same time because the server said so. */
const RESYNCS_AT_ONCE = 16;

type Entered = ReplyBody<'enter'>['rooms'][number];

interface OpenRoomsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly timeoutMs: number | undefined;
  readonly account: OwnAccount;
  readonly people: People;
  readonly book: RoomBook;
  readonly chains: ChainStore;
  readonly senders: SenderChains;
  readonly opened: OpenedMessages;
  me(): UserId;
  unlock(room: RoomHandle, password: string): Promise<void>;
  notify(notice: Notice): void;
}

/** The rooms that this client has entered, and stays in over reconnects. */
export class OpenRooms {
  readonly #options: OpenRoomsOptions;
  readonly #rooms = new Map<RoomId, RoomHandle>();
  readonly #resyncs = new AtOnce(RESYNCS_AT_ONCE);
  readonly #opening = new Map<RoomId, { readonly room: Promise<RoomHandle>; readonly early: RoomEvent[] }>();

  constructor(options: OpenRoomsOptions) {
    this.#options = options;
  }

  /** Enters a room. The same object as long as it is open. */
  open(id: RoomId): Promise<RoomHandle> {
    const open = this.#rooms.get(id);
    if (open !== undefined) return Promise.resolve(open);
    const opening = this.#opening.get(id);
    if (opening !== undefined) return opening.room;
    const most = Math.min(
      this.#options.link.greeting?.limits.roomsPerConnection ?? ENTER_ROOMS_MAX,
      ENTER_ROOMS_MAX,
    );
    if (this.#rooms.size + this.#opening.size >= most)
      return Promise.reject(new ConclaveError('too_large', `at most ${most} rooms can be open at once`));
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
    throw new ConclaveError('not_a_member', `the room ${printable(name)} is called ${room.name} now`);
  }

  /** One `enter` for all rooms on a connection that nobody uses yet. */
  async reenterAll(connection: Connection): Promise<void> {
    const rooms = [...this.#rooms.keys()];
    if (rooms.length === 0) return;
    const answer = await connection.request('enter', { rooms });
    // Events that follow are taken after all of these.
    await Promise.all(answer.rooms.map((entered) => this.#reentered(entered)));
  }

  /** Events go to their room; whether it was one of the open ones. */
  take(event: RoomEvent): boolean {
    const id = event.body.room;
    const early = this.#opening.get(id)?.early;
    const room = this.#rooms.get(id);
    if (room !== undefined) {
      if (event.name === 'room-gone') room.gone(event.body.reason);
      // A roster that could not be read now is read when it is asked for.
      else room.take(event).catch(() => undefined);
    } else if (early !== undefined && early.length < EARLY_EVENTS_MAX) early.push(event);
    return room !== undefined;
  }

  ended(id: RoomId, reason: GoneReason): void {
    this.#rooms.get(id)?.gone(reason);
  }

  fail(error: ConclaveError): void {
    for (const room of [...this.#rooms.values()]) room.fail(error);
  }

  close(): void {
    for (const room of [...this.#rooms.values()]) room.close();
  }

  async #enter(id: RoomId, early: RoomEvent[]): Promise<RoomHandle> {
    const { account, book, clock, link, people, timeoutMs } = this.#options;
    const entered = await link.limited(timeoutMs, this.#ask(id));
    if (entered.info === undefined) throw refusalOf(entered);
    const { info, presence } = entered;
    if (info.room !== id)
      throw new ConclaveError('trust', `the server answered with another room, ${info.name}`);
    await book.pins.check(info.name, { room: id, password: info.password });
    await this.#noteJoined(info);
    const state = new RoomState(
      {
        ...{ clock, link, people, known: book.members, timeoutMs: undefined },
        differs: (change) => void this.#rooms.get(id)?.membersDiffer(change),
      },
      info,
      presence,
    );
    const me = this.#options.me();
    const { chains, opened, senders } = this.#options;
    const reader = new RoomReader({ clock, me, account, people, chains, book, state, opened });
    await reader.keepBySettings();
    const sender = new RoomSender({
      link,
      clock,
      me,
      account,
      people,
      book,
      chains,
      senders,
      look: this.#ownLook(info, reader),
      state,
      refresh: () => this.#refresh(id),
      notify: (notice) => this.#options.notify(notice),
    });
    const room: RoomHandle = new RoomHandle(
      {
        ...{ link, clock, timeoutMs, people, book, state, reader, sender, me },
        unlock: (target, password) => this.#options.unlock(target, password),
        refresh: () => this.#refresh(id),
        resync: () => this.#resyncs.run(() => this.#refresh(id)),
        onClose: () => this.#rooms.delete(id),
        notify: (notice) => this.#options.notify(notice),
      },
      info.password === 0,
    );
    await room.checkSecret();
    await book.put(id, { name: info.name, role: info.role, joined: info.joined, head: info.head });
    this.#rooms.set(id, room);
    for (const event of early) this.take(event);
    return room;
  }

  #ownLook({ room, head, retention }: RoomInfo, reader: RoomReader): OwnLook {
    const { link } = this.#options;
    return {
      head,
      find: async (after, isSought) => {
        if (retention === 0) return { found: false, through: head };
        const { messages, more, through } = await fetchCopies(
          link,
          { room, after, limit: OWN_LOOK_MAX },
          undefined,
        );
        return { found: await reader.hasOwn(messages, isSought), through: more ? head : through };
      },
    };
  }

  /** A membership that is said to have begun later than before hides what lies between. */
  async #noteJoined({ room, name, joined }: RoomInfo): Promise<void> {
    const { raisedFrom } = await this.#options.book.pins.joined(room, joined);
    if (raisedFrom !== undefined)
      this.#options.notify({ type: 'membership-moved', room: name, id: room, from: raisedFrom, to: joined });
  }

  /** Until there is an answer other than that there is none now. */
  async #ask(id: RoomId): Promise<Entered> {
    const { link } = this.#options;
    for (;;) {
      const { rooms } = await link.request('enter', { rooms: [id] }, { timeoutMs: undefined });
      const entered = rooms.find(({ room }) => room === id);
      if (entered === undefined)
        throw new ConclaveError('bad_request', 'the server did not answer for this room');
      if (entered.info !== undefined || refusalOf(entered).code !== 'unavailable') return entered;
      await link.pause(0);
    }
  }

  async #refresh(id: RoomId): Promise<void> {
    await this.#reentered(await this.#ask(id));
  }

  async #reentered(entered: Entered): Promise<void> {
    const room = this.#rooms.get(entered.room);
    if (room === undefined) return;
    if (entered.info !== undefined && entered.info.room === entered.room) {
      await this.#noteJoined(entered.info);
      await room.entered(entered.info, entered.presence);
      return;
    }
    const refusal = refusalOf(entered);
    // Why it is so was told while nobody listened; only that it is so remains.
    if (refusal.code === 'not_a_member') room.gone('left');
    else throw refusal;
  }
}

function refusalOf(entered: Entered): ConclaveError {
  const name = errorNameOf(entered.error ?? 0) ?? 'unavailable';
  return errorWith(name, refusalTexts[name]);
}
