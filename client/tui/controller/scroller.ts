import type { ActionId } from '../keys/actions.ts';
import { activeRoom } from '../model/model.ts';
import { scrolled } from '../model/room-changes.ts';
import { layoutOfModel } from '../view/frame.ts';
import { timelineColumns } from '../view/layout.ts';
import type { RowCache } from '../view/row-cache.ts';
import { placeOfFirstUnread, placeOfMention, scrolledPlace, type ViewportOptions } from '../view/viewport.ts';
import type { ChatContext } from './chat-context.ts';

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
/** Pages of history that are loaded on the way to the oldest message before somebody has to ask again. */
const TOP_PAGES_MAX = 40;

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
      case 'wheel-up':
        return this.#by(options, WHEEL_ROWS);
      case 'wheel-down':
        return this.#by(options, -WHEEL_ROWS);
      case 'jump-to-top':
        return this.#toTop(options);
      case 'next-mention':
      case 'previous-mention':
        return this.#toMention(options, action === 'next-mention' ? 1 : -1);
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

  async #toTop({ room: { id } }: ViewportOptions): Promise<void> {
    const { rooms, say, store } = this.#context;
    for (let pages = 0; pages < TOP_PAGES_MAX; pages += 1) {
      const room = activeRoom(store.model);
      if (room?.id !== id || room.timeline.complete) break;
      await rooms.active?.history.loadOlder();
      if (activeRoom(store.model)?.timeline.from === room.timeline.from) break;
    }
    const options = this.#viewport();
    if (options?.room.id !== id) return;
    const { place } = scrolledPlace(options, Number.MAX_SAFE_INTEGER);
    store.change((now) => scrolled(now, id, place));
    if (!options.room.timeline.complete) say('there is more above: the same key loads it');
  }

  #toMention(options: ViewportOptions, step: 1 | -1): void {
    const place = placeOfMention(options, step);
    const { room } = options;
    if (place === undefined)
      this.#context.say(step === 1 ? 'no later mention of you' : 'no earlier mention of you is loaded');
    else this.#context.store.change((now) => scrolled(now, room.id, place));
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
