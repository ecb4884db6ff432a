import { chatTexts } from '../../texts/chat-texts.ts';
import type { Entry } from '../model/entry.ts';
import { activeRoom, roomOf } from '../model/model.ts';
import { mentionFrom, unreadStart } from '../model/reading.ts';
import { looked, scrolled } from '../model/room-changes.ts';
import type { Anchor, Stretch } from '../model/room-model.ts';
import type { Notices } from '../notices.ts';
import type { Store } from '../store.ts';
import type { OpenRooms } from './open-rooms.ts';

/** Pages of history that are loaded on the way to the oldest message before somebody has to ask again. */
const START_PAGES_MAX = 40;

/** Where somebody reads in the room that is shown. A face measures, here are entries. */
export class Reader {
  readonly #store: Store;
  readonly #rooms: OpenRooms;
  readonly #notices: Notices;

  constructor(store: Store, rooms: OpenRooms, notices: Notices) {
    this.#store = store;
    this.#rooms = rooms;
    this.#notices = notices;
  }

  /** These positions are before somebody's eyes. */
  looked(shown: Stretch): void {
    this.#store.change((model) => looked(model, shown));
    this.#rooms.looked(shown);
  }

  /** Keeps an entry in its place; undefined: the newest is in sight, and is followed. */
  hold(anchor: Anchor | undefined): void {
    const { active } = this.#store.model;
    if (active === undefined) return;
    this.#store.change((model) => scrolled(model, active, anchor));
    if (anchor === undefined) this.#rooms.active?.noteRead();
  }

  /** Follows the newest, also when they were let go. */
  toEnd(): void {
    this.#rooms.active?.toEnd();
  }

  /** The page before what is loaded. Rejects with ConclaveError. */
  async loadOlder(): Promise<void> {
    await this.#rooms.active?.history.loadOlder();
  }

  /** What follows where the newest were let go; whether they were. Rejects with ConclaveError. */
  async loadNewer(): Promise<boolean> {
    if (activeRoom(this.#store.model)?.timeline.cutAfter === undefined) return false;
    await this.#rooms.active?.history.loadCut();
    return true;
  }

  /** The oldest message that can be read, or as far towards it as one asks for at a time. Rejects with ConclaveError. */
  async toStart(): Promise<void> {
    const { active } = this.#store.model;
    const session = this.#rooms.active;
    for (let pages = 0; session !== undefined && pages < START_PAGES_MAX; pages += 1) {
      const timeline = roomOf(this.#store.model, active)?.timeline;
      if (timeline === undefined || timeline.complete || this.#store.model.active !== active) break;
      await session.history.loadOlder();
      if (roomOf(this.#store.model, active)?.timeline.from === timeline.from) break;
    }
    const room = activeRoom(this.#store.model);
    if (room === undefined || room.id !== active) return;
    this.#holdEntry(room.timeline.entries[0], 'start');
    if (!room.timeline.complete) this.#notices.say(chatTexts.messages.more_above);
  }

  /** The first unread message. Rejects with ConclaveError. */
  async toUnread(): Promise<void> {
    const { active } = this.#store.model;
    await this.#rooms.active?.history.loadToUnread();
    const room = activeRoom(this.#store.model);
    // Another room may be shown by now.
    if (room === undefined || room.id !== active) return;
    const first = unreadStart(room);
    this.#holdEntry(first, 'start');
    if (room.mayHaveMoreUnread) this.#notices.say(chatTexts.messages.more_above);
    else if (first === undefined) this.#notices.say(chatTexts.messages.no_unread_here);
  }

  /** The next mention after an entry, or the one before it; `from` undefined: after everything. */
  toMention(step: 1 | -1, from: Entry | undefined): void {
    const { ignored } = this.#store.model;
    const room = activeRoom(this.#store.model);
    const mention = room && mentionFrom(room, from, step, ignored);
    if (mention === undefined)
      this.#notices.say(
        step === 1 ? chatTexts.messages.no_later_mention : chatTexts.messages.no_earlier_mention,
      );
    else this.#holdEntry(mention, 'center');
  }

  #holdEntry(item: Entry | undefined, block: Anchor['block']): void {
    if (item !== undefined) this.hold({ item, block, offset: 0 });
  }
}
