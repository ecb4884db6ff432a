import type { Chat } from '../../chat/chat.ts';
import type { Entry } from '../../chat/model/entry.ts';
import { activeRoom } from '../../chat/model/model.ts';
import type { Anchor } from '../../chat/model/room-model.ts';
import { selectedMessage } from '../../chat/model/selection.ts';
import type { Notices } from '../../chat/notices.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { ActionId } from '../keys/actions.ts';
import type { ScreenStore } from '../screen-store.ts';
import type { RowCache } from '../view/entry-rows.ts';
import { timelineViewport } from '../view/frame.ts';
import { middleEntry, scrolledAnchor, shownStretch, type ViewportOptions } from '../view/viewport.ts';

export type ScrollAction = Extract<
  ActionId,
  | `page-${string}`
  | `scroll-${string}`
  | `wheel-${string}`
  | 'jump-to-unread'
  | 'jump-to-end'
  | 'jump-to-top'
  | `${'next' | 'previous'}-mention`
>;

/** Rows that stay in sight from one page to the next. */
const ROWS_KEPT = 2;
const WHEEL_ROWS = 3;

/** A mention that was jumped to where nothing lies below it: what comes is followed, so no anchor says where the next step begins. */
interface FollowedMention {
  readonly entry: Entry;
  readonly newest: Entry | undefined;
}

/** Moves by rows through the timeline of the room that is shown. */
export class Scroller {
  readonly #chat: Chat;
  readonly #notices: Notices;
  readonly #screen: ScreenStore;
  readonly #cache: RowCache;
  #mention: FollowedMention | undefined;

  constructor(chat: Chat, notices: Notices, screen: ScreenStore, cache: RowCache) {
    this.#chat = chat;
    this.#notices = notices;
    this.#screen = screen;
    this.#cache = cache;
  }

  async perform(action: ScrollAction): Promise<void> {
    const options = this.#viewport();
    if (options === undefined) return;
    const { reader } = this.#chat;
    const page = Math.max(1, options.height - ROWS_KEPT);
    const mention = this.#mention;
    this.#mention = undefined;
    switch (action) {
      case 'page-up':
        return this.#by(options, page);
      case 'page-down':
        return this.#by(options, -page);
      case 'scroll-up':
        return this.#by(options, 1);
      case 'scroll-down':
        return this.#by(options, -1);
      case 'wheel-up':
        return this.#by(options, WHEEL_ROWS);
      case 'wheel-down':
        return this.#by(options, -WHEEL_ROWS);
      case 'jump-to-top':
        await reader.toStart();
        return this.#settle();
      case 'next-mention':
      case 'previous-mention':
        return this.#toMention(action === 'next-mention' ? 1 : -1, options, mention);
      case 'jump-to-end':
        return reader.toEnd();
      case 'jump-to-unread':
        return this.#toUnread(options);
      default:
        return action satisfies never;
    }
  }

  /** Scrolls so far that the selected message is on the screen, at the edge it came from. */
  showSelected(block: Anchor['block']): void {
    const options = this.#viewport();
    const item = selectedMessage(options?.room);
    if (options === undefined || item === undefined) return;
    const { from = 0, to = 0 } = shownStretch(options) ?? {};
    // What is at an edge may be there only in part.
    const [isAbove, isBelow] = [item.seq < from, item.seq > to];
    const isCut = block === 'start' ? item.seq === from : item.seq === to;
    if (!isAbove && !isBelow && !isCut) return;
    this.#chat.reader.hold({ item, block, offset: 0 });
    this.#settle();
  }

  async #by(options: ViewportOptions, rows: number): Promise<void> {
    const { reader } = this.#chat;
    const { anchor, atTop } = scrolledAnchor(options, rows);
    if (anchor === undefined && rows < 0 && (await reader.loadNewer())) return;
    reader.hold(anchor);
    if (atTop && rows > 0) await reader.loadOlder();
  }

  #toMention(step: 1 | -1, options: ViewportOptions, mention: FollowedMention | undefined): void {
    const { entries } = options.room.timeline;
    const isLatest = mention?.newest === entries.at(-1);
    this.#chat.reader.toMention(step, middleEntry(options) ?? (isLatest ? mention?.entry : undefined));
    const after = this.#viewport();
    const entry = after && middleEntry(after);
    if (after === undefined || scrolledAnchor(after, 0).anchor !== undefined) return;
    this.#mention = entry && { entry, newest: entries.at(-1) };
    this.#settle();
  }

  async #toUnread({ room: { id } }: ViewportOptions): Promise<void> {
    await this.#chat.reader.toUnread();
    this.#settle();
    const room = activeRoom(this.#screen.model);
    // All of it is on the screen, and so it was read.
    if (room?.id === id && room.anchor === undefined && !room.mayHaveMoreUnread)
      this.#notices.say(chatTexts.messages.no_unread_here);
  }

  /** An entry that was jumped to leaves no empty rows below the newest: where they are in sight, they are followed. */
  #settle(): void {
    const options = this.#viewport();
    if (options?.room.anchor !== undefined) this.#chat.reader.hold(scrolledAnchor(options, 0).anchor);
  }

  #viewport(): ViewportOptions | undefined {
    return timelineViewport(this.#screen.model, this.#cache);
  }
}
