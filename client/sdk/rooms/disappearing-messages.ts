import type { MessageId, RoomId } from '../../../src/protocol/ids.ts';
import type { Content, SentContent } from '../../../src/protocol/layouts/content.ts';
import type { Clock } from '../connection/clock.ts';
import type { StateStore } from '../storage/state-store.ts';
import { emptiedContent, expiresOf } from './message-content.ts';
import type { OpenedMessages } from './opened-messages.ts';
import type { RoomMessage } from './room-events.ts';
import { SteadyTime } from './steady-time.ts';
import { type Place, type TimedPlace, type Timer, TimerBook, timerKey } from './timer-book.ts';

/** While something is about to go, the time is kept so often: so much a clock that is set back may win at a restart. */
const KEEP_EVERY_MS = 60_000;

export interface Expiring extends Place {
  /** Seconds. */
  readonly expires: number | undefined;
  /** Of an edit: its message, which it does not outlive. */
  readonly of?: MessageId | undefined;
}

/** A message whose text is over. */
export type Disappeared = Pick<Place, 'user' | 'id'>;

type Tell = (gone: readonly Disappeared[]) => void;

/** Of a message that may disappear, to be given to shown(); empty for others. */
export function expiringOf(room: RoomId, message: RoomMessage): readonly Expiring[] {
  if (message.type !== 'message' && message.type !== 'edit') return [];
  const { seq, user, id, expires, disappeared } = message;
  const isEdit = message.type === 'edit';
  if (disappeared === true || (!isEdit && expires === undefined)) return [];
  return [{ room, seq, user, id, expires, of: isEdit ? message.of : undefined }];
}

/** Of content at its place; undefined: it stays. An edit may disappear for its message's sake, also one that asks for nothing. */
export function expiringContent(place: Place, content: Content): Expiring | undefined {
  const expires = expiresOf(content);
  const of = content.type === 'edit' ? content.of : undefined;
  return expires === undefined && of === undefined ? undefined : { ...place, expires, of };
}

interface DisappearingMessagesOptions {
  readonly state: StateStore;
  readonly opened: Pick<OpenedMessages, 'erase' | 'flush' | 'forget'>;
  readonly clock: Clock;
}

/**
 * Messages that are forgotten some time after they were shown here for the first time. What was shown and is over never comes
 * back, whatever a server gives again: its record stays, or the floor of its room covers what was opened before.
 */
export class DisappearingMessages {
  readonly #options: DisappearingMessagesOptions;
  readonly #book: TimerBook;
  #time: Promise<SteadyTime> | undefined;
  /** What is still to go, by its message. */
  readonly #running = new Map<string, TimedPlace>();
  readonly #told = new Map<RoomId, Tell>();
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: DisappearingMessagesOptions) {
    this.#options = options;
    this.#book = new TimerBook(options.state);
  }

  /** Tells what goes in a room from now on. What is over since nobody watched goes first. */
  async watch(room: RoomId, tell: Tell, ended?: AbortSignal): Promise<void> {
    this.#told.set(room, tell);
    const unwatch = (): void => {
      if (this.#told.get(room) === tell) this.#told.delete(room);
    };
    ended?.addEventListener('abort', unwatch, { once: true });
    for (const timed of await this.#book.ofRoom(room)) if (!timed.timer.erased) this.#run(timed);
    await this.#schedule();
  }

  /** These are before somebody's eyes. Nothing changes for those that were before. */
  async shown(messages: readonly Expiring[]): Promise<void> {
    if (messages.length === 0) return;
    const time = await this.#steady();
    const now = time.now();
    const begin = async (message: Expiring): Promise<void> => {
      const timed = await this.#begin(message, now);
      // Also one that is over, as another process knows: whoever shows it is told.
      if (timed !== undefined) this.#run(timed);
    };
    // An edit does not outlive its message, which comes first therefore.
    await Promise.all(messages.filter(({ of }) => of === undefined).map(begin));
    await Promise.all(messages.filter(({ of }) => of !== undefined).map(begin));
    if (this.#running.size === 0) return;
    await time.keep();
    await this.#schedule();
  }

  /**
   * What is left of content that is over; undefined: it may be shown as it is. `sentAt`: it is the user's own, and counts from then.
   * `reread`: it was opened before.
   */
  async restOf(
    place: Place,
    content: Content,
    { sentAt, reread }: { readonly sentAt?: number | undefined; readonly reread: boolean },
  ): Promise<SentContent | undefined> {
    const message = expiringContent(place, content);
    if (message === undefined) return undefined;
    if (sentAt !== undefined) {
      const passed = Math.max(0, this.#options.clock.wallTime() - sentAt);
      const timed = await this.#begin(message, (await this.#steady()).now() - passed);
      if (timed?.timer.erased === false) {
        this.#run(timed);
        await this.#schedule();
      }
    }
    return (await this.#isOver(message, reread)) ? emptiedContent(content) : undefined;
  }

  /** The user is no member any more: nothing that is kept of the room's messages stays, and nothing comes back. */
  async forget(room: RoomId): Promise<void> {
    for (const [key, { place }] of this.#running) if (place.room === room) this.#running.delete(key);
    await this.#options.opened.forget(room);
    await this.#book.forget(room);
  }

  /** Nothing more goes. The time that has passed is kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    if (this.#running.size > 0) await (await this.#steady()).keep();
  }

  /** The timer of a message, which begins at `from` if it has none; undefined: it does not disappear. */
  async #begin({ expires, of, ...place }: Expiring, from: number): Promise<TimedPlace | undefined> {
    const known = await this.#book.get(place);
    if (known !== undefined) return { place, timer: known };
    const last = await this.#lastOf(place, of);
    const own = expires === undefined ? Number.POSITIVE_INFINITY : from + expires * 1_000;
    const until = Math.max(0, Math.ceil(Math.min(own, last?.until ?? Number.POSITIVE_INFINITY)));
    if (!Number.isFinite(until)) return undefined;
    return { place, timer: await this.#book.begin(place, until, of) };
  }

  async #isOver({ expires, of, ...place }: Expiring, reread: boolean): Promise<boolean> {
    const now = (await this.#steady()).now();
    const timer = await this.#book.get(place);
    const last = await this.#lastOf(place, of);
    if ([timer, last].some((each) => each !== undefined && each.until <= now)) return true;
    return timer === undefined && expires !== undefined && reread && this.#book.isBelowFloor(place);
  }

  /** The timer of an edit's message. */
  async #lastOf(place: Place, of: MessageId | undefined): Promise<Timer | undefined> {
    return of === undefined ? undefined : this.#book.get({ ...place, id: of });
  }

  #run(timed: TimedPlace): void {
    this.#running.set(timerKey(timed.place), timed);
  }

  async #schedule(): Promise<void> {
    if (this.#running.size === 0) return;
    const now = (await this.#steady()).now();
    let soonest = now + KEEP_EVERY_MS;
    for (const { timer } of this.#running.values()) soonest = Math.min(soonest, timer.until);
    this.#cancel?.();
    if (this.#isClosed) return;
    // A profile that can't be written now learns at its next start what is over.
    const pass = (): void => void this.#pass().catch(() => undefined);
    this.#cancel = this.#options.clock.schedule(Math.max(0, soonest - now), pass);
  }

  async #pass(): Promise<void> {
    const time = await this.#steady();
    const now = time.now();
    const due = [...this.#running].filter(([, { timer }]) => timer.until <= now);
    for (const [key] of due) this.#running.delete(key);
    await this.#schedule();
    const gone = new Map<RoomId, Disappeared[]>();
    for (const [, { place, timer }] of due) {
      const messages = gone.get(place.room) ?? [];
      gone.set(place.room, messages);
      messages.push({ user: place.user, id: timer.of ?? place.id });
    }
    for (const [room, messages] of gone) this.#told.get(room)?.(messages);
    const { opened } = this.#options;
    for (const [, { place }] of due) await opened.erase(place);
    if (due.length > 0) await opened.flush();
    await time.keep();
    await Promise.all(due.map(([, timed]) => this.#book.erased(timed)));
  }

  async #steady(): Promise<SteadyTime> {
    const { clock, state } = this.#options;
    this.#time ??= SteadyTime.load(clock, state);
    try {
      return await this.#time;
    } catch (error) {
      this.#time = undefined;
      throw error;
    }
  }
}
