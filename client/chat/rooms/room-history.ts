import type { HistoryPage, Room } from '../../sdk/rooms/room.ts';
import { roomOf, withRoom } from '../model/model.ts';
import { receivedCut, receivedOlder } from '../model/room-changes.ts';
import type { Anchor, RoomModel } from '../model/room-model.ts';
import type { Store } from '../store.ts';

/** Messages of one page of history. */
const PAGE_MESSAGES = 50;
/** Unread messages of a room that is not shown that are counted, and looked through for mentions. */
const COUNTED_MESSAGES_MAX = 100;
/** Messages that are loaded at a time on the way to the first unread one. */
export const UNREAD_MESSAGES_MAX = 1_000;
/** A server gives no more at once. */
const PAGE_MESSAGES_MAX = 100;
/** Pages asked for one after the other while they bring too few messages: positions may hold nothing for this reader. */
const PAGES_MAX = 50;

/** Pages that are asked for to hold in its place what somebody reads while a room is opened. */
const HELD_PAGES_MAX = 10;

/** What a room begins with. */
export interface Beginning {
  /** The last position that the pages speak for. */
  readonly head: number;
  /** The newest first. */
  readonly pages: readonly HistoryPage[];
}

/** The newest pages of a room, down to what is held in its place; none where the server gives none. */
export async function pagesDownTo(
  room: Pick<Room, 'head' | 'history'>,
  anchor: Anchor | undefined,
): Promise<Beginning> {
  const { head } = room;
  const held = anchor !== undefined && 'seq' in anchor.item ? anchor.item.seq : head;
  const pages: HistoryPage[] = [];
  let before = head + 1;
  while (pages.length < HELD_PAGES_MAX) {
    const page = await room.history({ before, limit: PAGE_MESSAGES_MAX }).catch(() => undefined);
    if (page === undefined) break;
    pages.push(page);
    if (!page.more || page.through <= held || page.through >= before) break;
    before = page.through;
  }
  return { head, pages };
}

/** What was said in a room before somebody listened. One page is on its way at a time. */
export class RoomHistory {
  readonly #room: Pick<Room, 'id' | 'head' | 'history'>;
  readonly #store: Store;
  #loading: Promise<void> | undefined;
  #hasFirst = false;
  #hasUnread = false;

  constructor(room: Pick<Room, 'id' | 'head' | 'history'>, store: Store) {
    this.#room = room;
    this.#store = store;
  }

  /** Once somebody looks at the room: a page before what is loaded. */
  async loadFirst(): Promise<void> {
    if (this.#hasFirst) return;
    this.#hasFirst = true;
    try {
      while (this.#loading !== undefined) await this.#loading;
      await this.#loadBefore(PAGE_MESSAGES);
    } catch (error) {
      this.#hasFirst = false;
      throw error;
    }
  }

  /** Everything unread, or the newest UNREAD_MESSAGES_MAX of it that are not loaded yet. */
  async loadToUnread(): Promise<void> {
    while (this.#loading !== undefined) await this.#loading;
    const room = this.#model();
    if (room?.mayHaveMoreUnread === true) await this.#loadBefore(UNREAD_MESSAGES_MAX, room.read);
  }

  /** For a room that nobody looks at: only what its numbers of unread messages and mentions need, and no more than once. */
  async loadUnread(): Promise<void> {
    if (this.#hasFirst || this.#hasUnread) return;
    this.#hasUnread = true;
    const room = this.#model();
    if (room?.mayHaveMoreUnread === true) await this.#loadBefore(COUNTED_MESSAGES_MAX, room.read);
  }

  /** The page before what is loaded, unless nothing is older. One that is on its way is waited for instead. */
  async loadOlder(): Promise<void> {
    await this.#loadBefore(PAGE_MESSAGES);
  }

  /** What follows where the newest were let go. */
  async loadCut(): Promise<void> {
    const after = this.#model()?.timeline.cutAfter;
    if (after === undefined) return;
    await this.#load(async () => {
      const page = await this.#room.history({ after, limit: PAGE_MESSAGES });
      const more = page.through > after && (page.more || this.#room.head > page.through);
      this.#store.change((now) => receivedCut(now, this.#room.id, { ...page, more }));
    });
  }

  /** So many messages, and none that is not above `downTo`. Pages that bring none are followed. */
  async #loadBefore(wanted: number, downTo = 0): Promise<void> {
    await this.#load(async () => {
      let left = wanted;
      for (let pages = 0; pages < PAGES_MAX && left > 0; pages += 1) {
        const timeline = this.#model()?.timeline;
        if (timeline === undefined || timeline.complete || timeline.from <= downTo) return;
        left -= await this.#page(timeline.from, Math.min(left, PAGE_MESSAGES_MAX, timeline.from - downTo));
      }
    });
  }

  /** Answers how many messages it brought. */
  async #page(from: number, limit: number): Promise<number> {
    const page = await this.#room.history({ before: from + 1, limit });
    // A page that does not lead further down ends it: a server may claim for ever that there is more.
    const more = page.more && page.through <= from;
    this.#store.change((now) => receivedOlder(now, this.#room.id, { ...page, more }));
    return page.messages.filter(({ type }) => type === 'message').length;
  }

  async #load(work: () => Promise<void>): Promise<void> {
    if (this.#loading !== undefined) return this.#loading;
    const loading = work();
    this.#loading = loading.catch(() => undefined);
    this.#setLoading(true);
    try {
      await loading;
    } finally {
      this.#loading = undefined;
      this.#setLoading(false);
    }
  }

  #setLoading(loading: boolean): void {
    this.#store.change((model) =>
      withRoom(model, this.#room.id, (room) => (room.loading === loading ? room : { ...room, loading })),
    );
  }

  #model(): RoomModel | undefined {
    return roomOf(this.#store.model, this.#room.id);
  }
}
