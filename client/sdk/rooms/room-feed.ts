import { REORDER_HOLD_MS } from '../../../src/protocol/limits.ts';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import type { Clock } from '../connection/clock.ts';
import type { RoomMessage } from './room-events.ts';

/** Deliveries that wait for the reader or for earlier ones; beyond it they are left to history. */
export const FEED_HELD_MAX = 512;
/** Deliveries that are opened together when they come faster than they can be opened; so many make the first one wait. */
const OPENED_TOGETHER_MAX = 64;
/** Longest pause between two questions to history that both brought nothing new. */
const STANDSTILL_MS_MAX = 5_000;
/** Questions to history in a row that may bring nothing and are still asked at once when the server tells of a higher position. */
export const VAIN_FETCHES_MAX = 3;
/** So much of such a question counts one whose page moves on, has no message and says that there are more. */
const EMPTY_PAGE = 1 / 16;

/** Positions that a page speaks for; both ends are in it. */
export interface PageBounds {
  readonly from: number;
  readonly through: number;
}

export interface FeedSource {
  /** Stored copies after a position; waits for the connection when there is none. */
  fetch(after: number): Promise<ReplyBody<'history'>>;
  /**
   * What a reader sees of these copies, in their order, which are all there is at the positions of the page: messages, gaps.
   * `unseenOnly`: nothing that was opened before.
   */
  open(
    messages: readonly StoredMessage[],
    page: PageBounds,
    options: { readonly unseenOnly: boolean },
  ): Promise<readonly RoomMessage[]>;
}

export interface FeedOptions {
  /** The reader has everything up to this position. */
  readonly after: number;
  /** The room's last position as far as known. */
  readonly head: number;
  /** The feed ends when it has passed this position. */
  readonly until?: number;
  readonly onEnd?: () => void;
}

/**
 * One reader's way through a room: every position in order, exactly once. Its cursor moves only by a delivery that is
 * contiguous, or by a history page's `through`, since positions may be empty and deliveries may be lost.
 */
export class RoomFeed implements AsyncIterableIterator<RoomMessage> {
  readonly #clock: Clock;
  readonly #source: FeedSource;
  readonly #until: number;
  readonly #onEnd: () => void;
  readonly #held = new Map<number, StoredMessage>();
  readonly #steps: AsyncGenerator<RoomMessage, undefined, undefined>;
  #cursor: number;
  #head: number;
  /** History is asked without waiting for what may only be out of order. */
  #behind: boolean;
  #restarted = false;
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(clock: Clock, source: FeedSource, options: FeedOptions) {
    this.#clock = clock;
    this.#source = source;
    this.#cursor = options.after;
    this.#head = options.head;
    this.#behind = options.head > options.after;
    this.#until = options.until ?? Number.POSITIVE_INFINITY;
    this.#onEnd = options.onEnd ?? (() => undefined);
    this.#steps = this.#run();
  }

  /** A live delivery of the room. */
  deliver(message: StoredMessage): void {
    if (message.seq <= this.#cursor || this.#ended) return;
    this.#head = Math.max(this.#head, message.seq);
    if (this.#held.size < FEED_HELD_MAX || message.seq === this.#cursor + 1)
      this.#held.set(message.seq, message);
    this.#wake();
  }

  /**
   * The room's last position, told by the server. What lies before it may never be delivered: history is asked at once.
   * With `restarted` positions may have begun again lower down: only for rooms that this client knew to store nothing, after a
   * failover. What was shown is not shown again: from then on only messages that were never opened are.
   */
  headIs(head: number, restarted = false): void {
    if (restarted && head < this.#cursor) {
      this.#cursor = head;
      this.#head = head;
      this.#restarted = true;
      this.#held.clear();
    }
    this.#head = Math.max(this.#head, head);
    if (this.#head > this.#cursor) this.#behind = true;
    this.#wake();
  }

  /** Ends; a reader gets the error instead. */
  fail(error: Error): void {
    this.#failure = error;
    this.end();
  }

  end(): void {
    this.#ended = true;
    this.#held.clear();
    this.#wake();
  }

  next(): Promise<IteratorResult<RoomMessage>> {
    return this.#steps.next();
  }

  return(): Promise<IteratorResult<RoomMessage>> {
    this.end();
    this.#onEnd();
    return this.#steps.return(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(): AsyncGenerator<RoomMessage, undefined, undefined> {
    let standstillMs = REORDER_HOLD_MS;
    let inVain = 0;
    while (!this.#ended && this.#cursor < this.#until) {
      const through = this.#heldThrough();
      if (through > this.#cursor) {
        standstillMs = REORDER_HOLD_MS;
        inVain = 0;
        yield* this.#pass([], through);
      } else if (this.#head <= this.#cursor) {
        await this.#woken();
      } else if (
        (this.#behind && inVain <= VAIN_FETCHES_MAX) ||
        (await this.#staysMissing(standstillMs, inVain > VAIN_FETCHES_MAX))
      ) {
        const before = this.#cursor;
        const page = await this.#fetch();
        if (page === undefined) break;
        yield* this.#pass(page.messages, page.through);
        const hasMoved = this.#cursor > before;
        this.#behind = hasMoved && this.#cursor < this.#head && page.more;
        if (!hasMoved) inVain += 1;
        else inVain = page.messages.length === 0 && page.more ? inVain + EMPTY_PAGE : 0;
        const isInVain = !hasMoved || inVain > VAIN_FETCHES_MAX;
        standstillMs = isInVain ? Math.min(standstillMs * 2, STANDSTILL_MS_MAX) : REORDER_HOLD_MS;
      }
    }
    this.#onEnd();
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }

  /** Undefined when the feed ended meanwhile, which the failure then came from. */
  async #fetch(): Promise<ReplyBody<'history'> | undefined> {
    try {
      const page = await this.#source.fetch(this.#cursor);
      return this.#ended ? undefined : page;
    } catch (error) {
      if (this.#ended) return undefined;
      this.#onEnd();
      throw error;
    }
  }

  /** The last position of those that are held without a gap behind the cursor; the cursor when there are none. */
  #heldThrough(): number {
    const most = Math.min(this.#cursor + OPENED_TOGETHER_MAX, this.#until);
    let through = this.#cursor;
    while (through < most && this.#held.has(through + 1)) through += 1;
    return through;
  }

  /** Moves to `through`: what was asked for and what was delivered up to there, in order, each position once. */
  async *#pass(
    messages: readonly StoredMessage[],
    through: number,
  ): AsyncGenerator<RoomMessage, void, undefined> {
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    for (const [seq, message] of this.#held) bySeq.set(seq, message);
    const due = [...bySeq.values()]
      .filter(({ seq }) => seq > this.#cursor && seq <= Math.min(through, this.#until))
      .sort((a, b) => a.seq - b.seq);
    const page = { from: this.#cursor + 1, through: Math.min(through, this.#until) };
    // Before anything is waited for: positions that begin again lower down meanwhile have the last word.
    this.#cursor = Math.max(this.#cursor, through);
    for (const seq of this.#held.keys()) if (seq <= this.#cursor) this.#held.delete(seq);
    const opened = page.through < page.from ? [] : await this.#open(due, page);
    for (const message of opened ?? []) {
      if (this.#ended) return;
      yield message;
    }
  }

  /** Undefined when the feed ended meanwhile. */
  async #open(
    messages: readonly StoredMessage[],
    page: PageBounds,
  ): Promise<readonly RoomMessage[] | undefined> {
    try {
      return await this.#source.open(messages, page, { unseenOnly: this.#restarted });
    } catch (error) {
      if (this.#ended) return undefined;
      this.#onEnd();
      throw error;
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Waits for the next position to arrive after all; true when it did not. `patiently`: also when the server tells of others. */
  async #staysMissing(ms: number, patiently: boolean): Promise<boolean> {
    let overdue = false;
    const cancel = this.#clock.schedule(ms, () => {
      overdue = true;
      this.#wake();
    });
    try {
      while (!overdue && (patiently || !this.#behind) && !this.#ended && !this.#held.has(this.#cursor + 1))
        await this.#woken();
    } finally {
      cancel();
    }
    return !this.#ended && !this.#held.has(this.#cursor + 1);
  }
}
