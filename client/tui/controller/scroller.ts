import { activeRoom } from '../model/model.ts';
import { scrolled } from '../model/room-changes.ts';
import { layoutOfModel } from '../view/frame.ts';
import { timelineColumns } from '../view/layout.ts';
import type { RowCache } from '../view/row-cache.ts';
import { placeOfFirstUnread, scrolledPlace, type ViewportOptions } from '../view/viewport.ts';
import type { ChatContext } from './chat-context.ts';

type ScrollAction = 'page-up' | 'page-down' | 'scroll-up' | 'scroll-down' | 'jump-to-unread' | 'jump-to-end';

/** Rows that stay in sight from one page to the next. */
const ROWS_KEPT = 2;

/** Moves through the timeline of the room that is shown, and has more of it loaded at its ends. */
export class Scroller {
  readonly #context: ChatContext;
  readonly #cache: RowCache;

  constructor(context: ChatContext, cache: RowCache) {
    this.#context = context;
    this.#cache = cache;
  }

  async perform(action: ScrollAction): Promise<void> {
    const options = this.#viewport();
    if (options === undefined) return;
    const page = Math.max(1, options.height - ROWS_KEPT);
    switch (action) {
      case 'page-up':
        return this.#by(options, page);
      case 'page-down':
        return this.#by(options, -page);
      case 'scroll-up':
        return this.#by(options, 1);
      case 'scroll-down':
        return this.#by(options, -1);
      case 'jump-to-end':
        return this.#context.rooms.active?.toBottom();
      case 'jump-to-unread':
        return this.#toUnread(options);
      default:
        return action satisfies never;
    }
  }

  async #by(options: ViewportOptions, rows: number): Promise<void> {
    const { rooms, store } = this.#context;
    const { room } = options;
    const { place, atTop } = scrolledPlace(options, rows);
    if (place === undefined && rows < 0 && room.timeline.cutAfter !== undefined) {
      await rooms.active?.history.loadCut();
      return;
    }
    store.change((now) => scrolled(now, room.id, place));
    if (place === undefined) rooms.active?.noteRead();
    if (atTop && rows > 0) await rooms.active?.history.loadOlder();
  }

  async #toUnread({ room: { id } }: ViewportOptions): Promise<void> {
    const { rooms, say, store } = this.#context;
    await rooms.active?.history.loadToUnread();
    // Another room may be shown by now.
    const options = this.#viewport();
    if (options?.room.id !== id) return;
    const place = placeOfFirstUnread(options);
    if (place !== undefined) store.change((now) => scrolled(now, id, place));
    if (options.room.mayHaveMoreUnread) say('there is more above: the same key loads it');
    else if (place === undefined) say('nothing here is unread');
  }

  #viewport(): ViewportOptions | undefined {
    const { model } = this.#context.store;
    const room = activeRoom(model);
    if (room === undefined) return undefined;
    const layout = layoutOfModel(model);
    const rows = this.#cache.rows(timelineColumns(layout));
    return { room, ignored: model.ignored, rows, height: layout.bodyRows };
  }
}
