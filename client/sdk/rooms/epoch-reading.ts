import type { OwnEpoch } from '../../../src/protocol/entities.ts';
import { parseEpochRecord } from '../../../src/protocol/layouts/epoch-record.ts';
import { EPOCH_GAP_MAX, EPOCH_LEASE_MS, EPOCHS_PAGE_MAX } from '../../../src/protocol/limits.ts';
import type { HeldEpoch } from '../../crypto/suite.ts';
import { texts } from '../../texts/texts.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { Sleepers } from '../connection/sleepers.ts';
import { errorWith } from '../errors.ts';
import { Turns } from '../turns.ts';
import { heldOf } from './epoch-book.ts';
import type { EpochJudge, EpochWord } from './epoch-judge.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomState } from './room-state.ts';

/** Pages of epochs that are read for one look: more than a room can have kept. */
const PAGES_MAX = 64;
/**
 * Whoever waits for another's epoch hears of it by its event, and looks whether that one has given up. The more are online, the more may
 * wait, so each of them looks less often, at random times: the first of them to find out makes the epoch for all.
 */
const LOOK_MS_MIN = 1_000;
const LOOK_MS_MAX = 5_000;
const LOOK_MS_PER_MEMBER = 50;
/** Longest that others are waited for who say again and again that they are still at it. */
const MAKER_WAIT_MS = 3 * EPOCH_LEASE_MS;
/** A number that the server does not know is asked for again no sooner. */
const ASK_AGAIN_MS = 10_000;
const ASKED_MAX = 1_024;

export interface EpochReadingOptions {
  readonly book: RoomBook;
  readonly clock: Clock;
  readonly link: Link;
  readonly state: RoomState;
}

/** Reads the epochs of one room from the server, by events and pages, and has them judged one after the other. */
export class EpochReading {
  readonly #options: EpochReadingOptions;
  readonly #judge: EpochJudge;
  readonly #turns = new Turns();
  /** Whether this client makes the next one, as it says to the server. */
  readonly #words = new Turns();
  readonly #arrivals: Sleepers;
  /** Numbers that were asked for, and when. */
  readonly #asked = new Map<number, number>();
  #seen = 0;
  /** The highest of these whose record a member signed. */
  #signed = 0;
  /** How many events `epoch` came. */
  #arrived = 0;
  /** Everything that the server has was read since the room was entered last. */
  #isSynced = false;
  /** Others wait for this client's epoch, which follows this number. */
  #makesAfter: number | undefined;
  /** When this client said last that it makes the next one. */
  #saidAt = 0;
  /** What the room's state said then of the highest number. */
  #syncedTo = 0;

  constructor(options: EpochReadingOptions, judge: EpochJudge) {
    this.#options = options;
    this.#judge = judge;
    this.#arrivals = new Sleepers(options.clock);
  }

  /** The highest number that was made for this user and looked at, as far as the server has shown them since the last stale(). */
  get seen(): number {
    return this.#seen;
  }

  /** The highest number that there is, as far as the server says and can be believed. */
  async last(): Promise<number> {
    return (await this.#isInReach(this.#told)) ? Math.max(this.#seen, this.#told) : this.#seen;
  }

  /**
   * A number that no member signed counts only if it is no further above those that members signed than a server may leave out. Whoever
   * knows of none, having just joined, has nothing else to go by.
   */
  async #isInReach(number: number): Promise<boolean> {
    const { book, state } = this.#options;
    const known = Math.max(this.#signed, (await book.epochs.of(state.info.room)).highest);
    return known === 0 || number <= known + 1 + EPOCH_GAP_MAX;
  }

  get #told(): number {
    return this.#options.state.info.epoch ?? 0;
  }

  /** This client made it. */
  made(number: number): void {
    this.#makesAfter = undefined;
    this.#saw(number, 'member');
  }

  /** This client is still at it: whoever sleeps does not get here, and is not waited for. */
  renew(): void {
    const { clock } = this.#options;
    const after = this.#makesAfter;
    if (after === undefined || clock.now() < this.#saidAt + EPOCH_LEASE_MS / 2) return;
    this.#saidAt = clock.now();
    // Without it, somebody else may begin to make one, too.
    this.#say(after, true);
  }

  /** This client makes no epoch after all: whoever waits for it need not. */
  giveUp(): void {
    const after = this.#makesAfter;
    if (after === undefined) return;
    this.#makesAfter = undefined;
    // Without it, others wait until the lease is over.
    this.#say(after, false);
  }

  /** In turn, since the server works on several requests at a time: one that came late would undo what was said after it. */
  #say(after: number, make: boolean): void {
    const body = { room: this.#options.state.info.room, after, limit: 1, make };
    const said = { timeoutMs: EPOCH_LEASE_MS, unseen: true };
    this.#words.run(() => this.#options.link.request('epochs', body, said)).catch(() => undefined);
  }

  #saw(number: number, word: EpochWord): void {
    if (word === 'past') return;
    this.#seen = Math.max(this.#seen, number);
    if (word === 'member') this.#signed = Math.max(this.#signed, number);
  }

  /** The room was entered, or epochs of it may have been missed. What the server showed before, it may not have any more. */
  stale(): void {
    this.#isSynced = false;
    this.#seen = 0;
    this.#signed = 0;
  }

  /** The event `epoch`. */
  async take(epoch: OwnEpoch): Promise<void> {
    this.#arrived += 1;
    this.#arrivals.wakeAll();
    await this.look([epoch]);
  }

  async look(epochs: readonly OwnEpoch[]): Promise<void> {
    await this.#turns.run(async () => {
      for (const epoch of epochs) {
        const word = await this.#judge.take(epoch);
        // Only now: until it was looked at, it is no epoch that does not open.
        if (word !== 'server' || (await this.#isInReach(epoch.number))) this.#saw(epoch.number, word);
      }
    });
  }

  /** The epoch of a message, asked for when it is not known here. Undefined: it is unknown, or did not open. */
  async held(number: number): Promise<HeldEpoch | undefined> {
    const { book, state } = this.#options;
    const { room } = state.info;
    // One that came before the message is being looked at.
    await this.#turns.run(() => Promise.resolve());
    let known = await book.epochs.find(room, number);
    if (known === undefined && number > 0 && this.#mayAsk(number)) {
      await this.#read(number - 1, 1);
      known = await book.epochs.find(room, number);
    }
    return known === undefined ? undefined : heldOf(known);
  }

  async catchUp(): Promise<void> {
    const { book, state } = this.#options;
    await this.#turns.run(() => Promise.resolve());
    const { highest } = await book.epochs.of(state.info.room);
    // What did not open may have been shown wrongly: it is asked for once more.
    if (this.#isSynced && this.#syncedTo === this.#told && this.#seen <= highest) return;
    this.#isSynced = true;
    this.#syncedTo = this.#told;
    try {
      // The newest that is known comes once more, so that another in its place is noticed.
      await this.#read(Math.max(highest - 1, 0), PAGES_MAX);
    } catch (error) {
      this.#isSynced = false;
      throw error;
    }
  }

  /** Says that the user wants to make the next epoch. False: nobody else is at it. True: there is more to look at now. */
  async waitedForOther(): Promise<boolean> {
    const { clock, link } = this.#options;
    const before = this.#arrived;
    let waitMs = await this.#askToMake();
    if (waitMs === 0 || waitMs === 'more') return waitMs === 'more';
    const patientUntil = clock.now() + MAKER_WAIT_MS;
    return link.waits.during(async (wait) => {
      wait.refused(errorWith('conflict', texts.heldUp.epoch));
      while (waitMs !== 'more' && waitMs > 0 && clock.now() < patientUntil) {
        await this.#arrivals.sleep(Math.min(waitMs, this.#lookMs(), patientUntil - clock.now()));
        if (this.#arrived !== before) {
          this.stale();
          return true;
        }
        waitMs = await this.#askToMake();
      }
      return waitMs === 'more';
    });
  }

  #lookMs(): number {
    const { clock, state } = this.#options;
    const most = Math.min(Math.max(LOOK_MS_MIN, LOOK_MS_PER_MEMBER * state.online), LOOK_MS_MAX);
    return most * (1 - 0.8 * clock.random());
  }

  /** How long another one makes the next epoch at most; 0: this client is left to. `more`: there is one to look at. */
  async #askToMake(): Promise<number | 'more'> {
    const { clock, link, state } = this.#options;
    const after = await this.last();
    const body = { room: state.info.room, after, limit: 1, make: true };
    const {
      epochs,
      more,
      waitMs = 0,
    } = await this.#words.run(() => {
      this.#saidAt = clock.now();
      return link.request('epochs', body, { timeoutMs: undefined });
    });
    if (epochs.length > 0 || more) {
      await this.look(epochs);
      if (more) this.stale();
      return 'more';
    }
    this.#makesAfter = waitMs === 0 ? after : undefined;
    return waitMs;
  }

  async #read(after: number, pagesMax: number): Promise<void> {
    const { link, state } = this.#options;
    const { room } = state.info;
    let from = after;
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const body = { room, after: from, limit: EPOCHS_PAGE_MAX };
      const page = await link.request('epochs', body, { timeoutMs: undefined });
      await this.look(page.epochs);
      this.#noteGaps(page.epochs);
      const last = page.epochs.at(-1)?.number;
      if (!page.more || last === undefined || last <= from) return;
      from = last;
    }
  }

  /** Numbers that are left out, other than by somebody who joined and could not know the one before. */
  #noteGaps(epochs: readonly OwnEpoch[]): void {
    for (const [i, { number, record }] of epochs.entries()) {
      const before = epochs[i - 1];
      const parsed = parseEpochRecord(record);
      const isFollowing = parsed.ok && parsed.record.body.previousHash.some((byte) => byte !== 0);
      if (before !== undefined && number > before.number + 1 && isFollowing)
        this.#judge.tell('epochs_missing', [], number);
    }
  }

  /** A number that a message names costs no more than one request in a while. */
  #mayAsk(number: number): boolean {
    const now = this.#options.clock.now();
    if (now < (this.#asked.get(number) ?? Number.NEGATIVE_INFINITY) + ASK_AGAIN_MS) return false;
    this.#asked.delete(number);
    this.#asked.set(number, now);
    if (this.#asked.size > ASKED_MAX) this.#asked.delete(this.#asked.keys().next().value ?? number);
    return true;
  }
}
