import { Component, createRef, type JSX } from 'preact';
import type { Model } from '../../chat/model/model.ts';
import { unreadLabel } from '../../chat/model/reading.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { EntryView } from './entry-view.tsx';
import { messageAround, messagesIn, pressedInLog } from './log-keys.ts';
import { isUnreadAbove, itemAt, itemCount, keyOf, type Row, rowsOf } from './timeline-items.ts';
import { boxOf, shownIn, topFor } from './timeline-place.ts';
import { TimelineWindow } from './timeline-window.ts';
import { focusInput } from './use-kept-focus.ts';

const { timeline: words } = chatTexts;
const { page } = webTexts;
/** So near to an end counts as the end. */
const NEAR_PX = 24;

interface TimelineProps {
  readonly acting: Acting;
  readonly model: Model;
  readonly room: RoomModel;
}

/**
 * What was said in a room. Only a window of it is in the document, around what somebody reads; what is held in its place by
 * the room's anchor stays there while messages come above and below.
 */
export class Timeline extends Component<TimelineProps, { readonly current: string | undefined }> {
  /** The item that the Tab key leads to; undefined: the newest. */
  override state: { readonly current: string | undefined } = { current: undefined };
  readonly #scroller = createRef<HTMLDivElement>();
  readonly #window = new TimelineWindow();
  /** What was scrolled to by the page itself, which is nobody's wish to read there. */
  #scrolledTo = -1;
  #frame = 0;
  #isLoading = false;
  /** Where what is loaded began when it was found too short for the page. */
  #filledFrom = -1;
  #goesToNewest = false;
  readonly #resized = new ResizeObserver(() => this.#settle());

  override componentDidMount(): void {
    if (this.#scroller.current !== null) this.#resized.observe(this.#scroller.current);
    this.#settle();
  }

  /** Where the message with the focus stands among those in the document; undefined: the focus is elsewhere. */
  override getSnapshotBeforeUpdate(): number | undefined {
    const log = this.#scroller.current;
    const focused = messageAround(document.activeElement);
    if (log === null || focused === null || !log.contains(focused)) return undefined;
    return messagesIn(log).indexOf(focused);
  }

  override componentDidUpdate(before: TimelineProps, _state: unknown, focusedAt: number | undefined): void {
    this.#settle();
    this.#keepFocus(before, focusedAt);
  }

  override componentWillUnmount(): void {
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  override render({ acting, model, room }: TimelineProps): JSX.Element {
    const { from, to } = this.#window.around(room, model.ignored);
    const isEnd = room.anchor === undefined;
    const first = itemAt(room, from);
    const isUnreadUp = first !== undefined && isUnreadAbove(room, firstSeq(room, from));
    const rows = rowsOf(room, model.ignored, from, to);
    const current = currentOf(rows, this.state.current);
    return (
      <div class="timeline">
        <div
          ref={this.#scroller}
          class="scroller"
          role="log"
          aria-label={page.messages(room.name)}
          tabIndex={current === undefined ? 0 : -1}
          onScroll={() => this.#scrolled()}
          onLoadCapture={() => this.#settle()}
          onFocusIn={({ target }) => this.#focused(target)}
          onKeyDown={(event) => this.#press(event)}
        >
          {from === 0 && <p class="beginning">{beginningOf(room)}</p>}
          {rows.map((row) => this.#row(row, current, this.props))}
        </div>
        {!isEnd && (
          <div class="jumps">
            {isUnreadUp && (
              <button type="button" onClick={() => acting.run(() => acting.chat.reader.toUnread())}>
                ↑ {page.first_unread}
              </button>
            )}
            <button type="button" onClick={() => acting.chat.reader.toEnd()}>
              ↓ {room.below > 0 ? page.new_below(room.below) : page.jump_to_end}
            </button>
          </div>
        )}
      </div>
    );
  }

  #row(row: Row, current: string | undefined, { acting, model, room }: TimelineProps): JSX.Element {
    const { ignored, now } = model;
    const { role } = room.settings;
    switch (row.kind) {
      case 'item': {
        const { item, key } = row;
        const isSelected = 'kind' in item && item.kind === 'message' && item.seq === room.selected;
        return (
          <div key={key} id={`item-${key}`} data-key={key} class="item">
            <EntryView {...{ acting, ignored, isSelected, item, role }} isCurrent={key === current} />
          </div>
        );
      }
      case 'day':
        return (
          <p key={row.key} class="line">
            {row.text}
          </p>
        );
      case 'unread':
        return (
          <p key={row.key} class="line unread">
            {room.readLine !== undefined && unreadLabel(room.readLine, now)}
          </p>
        );
      case 'ignored': {
        const [one = ''] = row.from;
        const whose = row.from.length > 1 ? words.ignored_people(row.from.length) : one;
        return (
          <p key={row.key} class="happened">
            {words.ignored(row.count, whose)}
          </p>
        );
      }
      default:
        return row satisfies never;
    }
  }

  #focused(target: EventTarget | null): void {
    const message = target instanceof Element ? messageAround(target) : null;
    const current = message?.parentElement?.dataset['key'];
    if (current !== undefined && current !== this.state.current) this.setState({ current });
  }

  #press(event: KeyboardEvent): void {
    const log = this.#scroller.current;
    if (log === null) return;
    const toNewest = (): void => {
      this.#goesToNewest = true;
      this.props.acting.chat.reader.toEnd();
      this.forceUpdate();
    };
    if (pressedInLog(event, { log, leave: focusInput, toNewest })) event.preventDefault();
  }

  /** What had the focus may have gone, or another message was chosen from there: the focus goes to it, or to what stands in its place. */
  #keepFocus(before: TimelineProps, focusedAt: number | undefined): void {
    const log = this.#scroller.current;
    if (log === null || focusedAt === undefined) return;
    const messages = messagesIn(log);
    const { room } = this.props;
    const isChosenAnew = room.selected !== undefined && room.selected !== before.room.selected;
    const chosen = isChosenAnew
      ? messages.find(({ dataset }) => dataset['seq'] === String(room.selected))
      : undefined;
    const newest = this.#goesToNewest && room.anchor === undefined ? messages.at(-1) : undefined;
    if (newest !== undefined) this.#goesToNewest = false;
    const isLost = !log.contains(document.activeElement);
    const instead = isLost ? (messages[Math.min(focusedAt, messages.length - 1)] ?? log) : undefined;
    // What somebody does to a message chooses it too: the focus is on its action by then.
    const other = chosen?.contains(document.activeElement) === true ? undefined : chosen;
    (other ?? newest ?? instead)?.focus();
  }

  /** Puts what is held where it belongs, and says what is in sight. */
  #settle(): void {
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    const top = topFor(scroller, this.props.room.anchor);
    if (Math.abs(scroller.scrollTop - top) > 1) scroller.scrollTop = top;
    this.#scrolledTo = scroller.scrollTop;
    this.#fill(scroller);
    this.#look(scroller);
  }

  /** Nobody can scroll up to what is older while nothing is out of sight. Asked for once: what fails is not tried for ever. */
  #fill(scroller: HTMLElement): void {
    const { acting, room } = this.props;
    const { from } = room.timeline;
    if (this.#window.from > 0 || !room.open || from === this.#filledFrom) return;
    if (scroller.scrollHeight > scroller.clientHeight) return;
    this.#filledFrom = from;
    this.#load(() => acting.chat.reader.loadOlder());
  }

  #look(scroller: HTMLElement): void {
    const { rows, stretch } = shownIn(scroller);
    const isMore = rows > this.#window.inSight;
    this.#window.inSight = rows;
    // A large page shows more than the window holds as yet.
    if (isMore && this.#window.from > 0 && scroller.scrollHeight <= scroller.clientHeight) this.forceUpdate();
    // Nobody reads what comes while they are elsewhere: it stays unread until somebody is back.
    if (stretch === undefined || this.props.model.focused === false) return;
    // After this update: what is read changes the model.
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.props.acting.chat.reader.looked(stretch));
  }

  #scrolled(): void {
    const scroller = this.#scroller.current;
    if (scroller === null || Math.abs(scroller.scrollTop - this.#scrolledTo) <= 1) return;
    this.#scrolledTo = scroller.scrollTop;
    const { acting, room } = this.props;
    const { reader } = acting.chat;
    const isAtEnd = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= NEAR_PX;
    const isWhole = this.#window.to >= itemCount(room) && room.timeline.cutAfter === undefined;
    if (isAtEnd && isWhole) reader.hold(undefined);
    else this.#holdFirst(scroller);
    if (this.#window.from === 0 && scroller.scrollTop < scroller.clientHeight)
      this.#load(() => reader.loadOlder());
    else if (isAtEnd && room.timeline.cutAfter !== undefined) this.#load(() => reader.loadNewer());
    this.#look(scroller);
  }

  /** One page at a time. */
  #load(load: () => Promise<unknown>): void {
    const { timeline } = this.props.room;
    if (this.#isLoading || (timeline.complete && timeline.cutAfter === undefined)) return;
    this.#isLoading = true;
    this.props.acting.run(() =>
      load().finally(() => {
        this.#isLoading = false;
      }),
    );
  }

  /** What is at the upper edge stays there from now on. */
  #holdFirst(scroller: HTMLElement): void {
    const edge = scroller.getBoundingClientRect().top;
    const { acting, room } = this.props;
    const to = Math.min(itemCount(room), this.#window.to);
    for (let index = this.#window.from; index < to; index += 1) {
      const item = itemAt(room, index);
      const box = item && boxOf(scroller, keyOf(item));
      if (item === undefined || box === undefined || box.bottom <= edge) continue;
      acting.chat.reader.hold({ item, block: 'start', offset: edge - box.top });
      return;
    }
  }
}

/** Of messages only; undefined: there is none. */
function currentOf(rows: readonly Row[], wanted: string | undefined): string | undefined {
  const keys = rows.flatMap((row) =>
    row.kind === 'item' && (!('kind' in row.item) || row.item.kind === 'message') ? [row.key] : [],
  );
  return wanted !== undefined && keys.includes(wanted) ? wanted : keys.at(-1);
}

function firstSeq(room: RoomModel, from: number): number {
  for (let index = from; index < itemCount(room); index += 1) {
    const item = itemAt(room, index);
    if (item !== undefined && 'seq' in item) return item.seq;
  }
  return 0;
}

function beginningOf(room: RoomModel): string {
  const { kept, loading, open, timeline } = room;
  if (kept) return words.older_kept;
  if (open && timeline.complete && itemCount(room) === 0) return words.nothing_yet;
  if (timeline.complete) return words.beginning;
  return loading ? words.loading_older : words.older;
}
