import { ConclaveError } from '../../sdk/errors.ts';
import type { Member, Room } from '../../sdk/rooms/room.ts';
import type { RoomChange, RoomMessage } from '../../sdk/rooms/room-events.ts';
import { roomOf, withRoom } from '../model/model.ts';
import {
  allRead,
  disappeared,
  happened,
  heldAgain,
  keyed,
  received,
  receivedOlder,
  scrolled,
} from '../model/room-changes.ts';
import { counted, type RoomModel, type Stretch } from '../model/room-model.ts';
import { restarted } from '../model/timeline.ts';
import type { Store } from '../store.ts';
import { changeText } from './change-text.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import { PassingMessages } from './passing-messages.ts';
import { type Beginning, RoomHistory } from './room-history.ts';
import { Soon } from './soon.ts';
import { Typists } from './typists.ts';

/** Messages that come together are shown together. */
const GATHER_MS = 10;
/** A crowd that comes and goes makes one look at the members. */
const MEMBERS_MS = 200;
/** A position that is read is stored a moment later, so that scrolling costs no write per message. */
const READ_MS = 500;
/** A profile that could not be written is tried again after this pause. */
const UNWRITABLE_RETRY_MS = 2_000;

export interface RoomSessionOptions extends Omit<OutboxOptions, 'sending' | 'sent'> {
  /** Messages that came live, after the model has them. */
  onMessages(messages: readonly RoomMessage[]): void;
  onGone(reason: string): void;
  report(error: unknown): void;
}

/** Changes that leave members and settings as they are. */
const unsaid: ReadonlySet<RoomChange['type']> = new Set(['typing', 'epoch-progress', 'messages-disappeared']);

/** One open room: what comes goes into the model, what is asked for goes to the server. */
export class RoomSession {
  readonly room: Room;
  readonly history: RoomHistory;
  readonly outbox: Outbox;
  readonly #options: RoomSessionOptions;
  readonly #store: Store;
  readonly #gathered: RoomMessage[] = [];
  readonly #gather: Soon;
  readonly #members: Soon;
  readonly #markRead: Soon;
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #typists: Typists;
  readonly #passing: PassingMessages;
  #readMarked = 0;
  #wasShown = false;

  constructor(options: RoomSessionOptions) {
    this.#options = options;
    this.room = options.room;
    this.history = new RoomHistory(options.room, options.store);
    this.#store = options.store;
    this.outbox = new Outbox({
      ...options,
      sending: () => {
        if (this.#model()?.timeline.cutAfter !== undefined) this.reload();
      },
      sent: () => this.noteRead(),
    });
    this.#typists = new Typists(options.store, options.room.id);
    this.#passing = new PassingMessages(options.room, options.store);
    this.#gather = new Soon(GATHER_MS, () => this.#flush());
    this.#members = new Soon(MEMBERS_MS, () => this.#run(this.#readMembers()));
    this.#markRead = new Soon(READ_MS, () => this.#run(this.#storeRead()));
  }

  /**
   * Follows the room from where it is now. What was before is loaded when it is shown, or counted, unless it begins with it: then it
   * takes the place of what the profile kept, and what is held stays in its place.
   */
  start({ head, pages }: Beginning = { head: this.room.head, pages: [] }): void {
    const { room } = this;
    const anchor = this.#model()?.anchor;
    this.#store.change((model) =>
      withRoom(model, room.id, (known) => ({
        ...this.#withFacts(known),
        ...{ open: true, kept: false, fault: undefined },
      })),
    );
    this.#restart(head);
    for (const page of pages) this.#store.change((model) => receivedOlder(model, room.id, page));
    this.#store.change((model) => heldAgain(model, room.id, anchor));
    this.#run(this.#followMessages(head));
    this.#run(this.#followChanges());
    // Names are completed from all rooms.
    this.#members.ask();
  }

  /** Somebody looks at it now. */
  show(): void {
    this.noteRead();
    this.#run(this.#loadShown());
  }

  /** These positions are before somebody's eyes. */
  looked(shown: Stretch): void {
    this.#run(this.#passing.looked(shown));
    this.noteRead();
  }

  /** Nobody has to see what is unread here. */
  markAllRead(): void {
    this.#store.change((model) => allRead(model, this.room.id));
    this.noteRead();
  }

  /** Resolves when the profile knows what was read. */
  async close(): Promise<void> {
    this.#gather.cancel();
    this.#members.cancel();
    this.#markRead.cancel();
    for (const timer of this.#retries) clearTimeout(timer);
    this.#typists.close();
    await this.#options.transfers.cancelAll(this.room.id);
    this.room.close();
    await this.#storeRead();
  }

  /** Follows the newest, also when they were let go. */
  toEnd(): void {
    if (this.#model()?.timeline.cutAfter !== undefined) this.reload();
    else this.#store.change((model) => scrolled(model, this.room.id, undefined));
    this.noteRead();
  }

  /** Reads everything again: what could not be opened before may open now. */
  reload(): void {
    this.#restart();
    this.#run(this.history.loadOlder());
  }

  /** The model counts something as read: the profile learns it soon. */
  noteRead(): void {
    if ((this.#model()?.read ?? 0) > this.#readMarked) this.#markRead.ask();
  }

  membersChanged(): void {
    this.#members.ask();
  }

  /** The room's settings are read again: something here changed them. */
  factsChanged(): void {
    this.#store.change((model) => withRoom(model, this.room.id, (room) => this.#withFacts(room)));
  }

  /** The first time also what leads down to the first unread message: then its number and its age are known. */
  async #loadShown(): Promise<void> {
    await this.history.loadFirst();
    if (this.#wasShown) return;
    this.#wasShown = true;
    await this.history.loadToUnread();
  }

  async #followMessages(from: number): Promise<void> {
    let after = from;
    await this.#whileStored(async () => {
      for await (const message of this.room.follow({ after })) {
        // A gap has the position of the message that showed it, which may still be to come.
        if (message.type !== 'gap') after = message.seq;
        this.#gathered.push(message);
        this.#gather.ask();
      }
    });
  }

  /** Begins again where the profile could not be written, until it can: nobody has to start the client once more for it. */
  async #whileStored(follow: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await follow();
      } catch (error) {
        if (!(error instanceof ConclaveError) || error.code !== 'profile_unwritable') throw error;
        this.#options.report(error);
      }
      await new Promise<void>((resolve) => {
        this.#retries.add(setTimeout(resolve, UNWRITABLE_RETRY_MS));
      });
    }
  }

  #flush(): void {
    const messages = this.#gathered.splice(0);
    this.#store.change((model) => received(model, this.room.id, messages));
    for (const message of messages) if (message.type !== 'gap') this.#typists.end(message.user);
    this.#options.onMessages(messages);
    this.noteRead();
  }

  async #followChanges(): Promise<void> {
    await this.#whileStored(async () => {
      for await (const change of this.room.changes()) this.#take(change);
    });
  }

  #take(change: RoomChange): void {
    const before = this.#model();
    if (before === undefined) return;
    const { id } = this.room;
    if (change.type === 'typing') this.#typists.begin(change.id, change.user);
    if (change.type === 'epoch-progress') this.#store.change((model) => keyed(model, id, change));
    if (change.type === 'messages-disappeared')
      this.#store.change((model) => disappeared(model, id, change.messages));
    if (unsaid.has(change.type)) return;
    const said = changeText(change, before.settings);
    this.#store.change((model) => {
      const told = said === undefined ? model : happened(model, this.room.id, said.text, said.tone);
      return withRoom(told, this.room.id, (room) => this.#withFacts(room));
    });
    if (change.type === 'room-gone') this.#options.onGone(change.reason);
    else this.#members.ask();
  }

  async #readMembers(): Promise<void> {
    let members: readonly Member[];
    try {
      members = await this.room.members();
    } catch (error) {
      // Asked while the connection was away, or the room went: the next change asks again.
      if (error instanceof ConclaveError) return;
      throw error;
    }
    this.#store.change((model) => withRoom(model, this.room.id, (room) => ({ ...room, members })));
  }

  async #storeRead(): Promise<void> {
    const read = this.#model()?.read ?? 0;
    if (read <= this.#readMarked) return;
    await this.room.markRead(read);
    this.#readMarked = read;
  }

  #restart(head: number = this.room.head): void {
    this.#store.change((model) =>
      withRoom(model, this.room.id, (room) =>
        counted(
          {
            ...room,
            timeline: restarted(room.timeline, head),
            anchor: undefined,
            below: 0,
          },
          model.ignored,
        ),
      ),
    );
  }

  #withFacts(known: RoomModel): RoomModel {
    const { name, online, role, retentionHours, hidden, locked, unlocked } = this.room;
    const { header, life, suite, exposedBy } = this.room;
    const settings = { role, retentionHours, life, hidden, locked, unlocked, header, suite, exposedBy };
    return { ...known, name, online, settings };
  }

  #model(): RoomModel | undefined {
    return roomOf(this.#store.model, this.room.id);
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.report(error));
  }
}
