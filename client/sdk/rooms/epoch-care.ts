import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { EPOCHS_PAGE_MAX, SUITE_FIRST, SUITE_LAST } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { Schedule } from '../connection/schedule.ts';
import { hasCode } from '../errors.ts';
import type { OwnPrekeys } from '../people/own-prekeys.ts';
import type { People } from '../people/people.ts';
import { listedPrekeys } from './member-prekeys.ts';
import type { Membership } from './membership.ts';
import type { OpenRooms } from './open-rooms.ts';
import type { RoomSuite } from './own-room.ts';
import type { RoomBook } from './room-book.ts';

/** Pages of one room that are looked through: more than a room can have kept. */
const PAGES_MAX = 64;
const DAY_MS = 86_400_000;
/** Longest that closing waits for prekeys that are being published. A program that sends one message has no other time to publish them. */
const PUBLISHING_MS_MAX = 2_000;

interface EpochCareOptions {
  readonly book: RoomBook;
  readonly clock: Clock;
  readonly link: Link;
  readonly membership: Membership;
  readonly people: People;
  readonly prekeys: OwnPrekeys;
  readonly rooms: OpenRooms;
  readonly timeoutMs: number | undefined;
}

/** What suite 2 asks of a client in all of its rooms, whether it enters them or not, at each start and daily. */
export class EpochCare {
  readonly #options: EpochCareOptions;
  readonly #later: Schedule;
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(options: EpochCareOptions) {
    this.#options = options;
    const { clock, link } = options;
    this.#later = new Schedule(clock, () =>
      this.#run().finally(() => {
        if (link.status.state !== 'closed') this.#later.within(DAY_MS);
      }),
    );
  }

  soon(): void {
    this.#later.within(0);
  }

  stop(): void {
    this.#later.cancel();
  }

  /** Stops, and waits up to PUBLISHING_MS_MAX for prekeys that are being published; an aborted `signal` ends the wait. */
  async close(signal: AbortSignal | undefined): Promise<void> {
    this.stop();
    const { link } = this.#options;
    if (link.status.state !== 'online' || signal?.aborted === true) return;
    const aborted = new Promise<void>((resolve) =>
      signal?.addEventListener('abort', () => resolve(), { once: true }),
    );
    const settled = Promise.race([this.#publishing, aborted]);
    // What fails is made up for at the next start.
    await link.limited(PUBLISHING_MS_MAX, settled).catch(() => undefined);
  }

  /** Publishes prekeys, deletes keys of epochs whose time is over, and then chain keys that nothing needs any more. */
  async #run(): Promise<void> {
    const { book, clock, link, prekeys, timeoutMs } = this.#options;
    this.#publishing = prekeys.publish({ timeoutMs, unseen: true });
    await this.#publishing;
    for (const { id } of await book.list()) await book.epochs.expire(id, clock.wallTime());
    // Behind a gateway of an earlier release there may be epochs that it does not show.
    if (!prekeys.mayForget || !link.has('suite-2')) return;
    // Each epoch's key is on the disk before the keys go that open its wrap: whatever stops this in between loses nothing.
    await this.#readAll();
    await prekeys.forgetPast();
  }

  async #readAll(): Promise<void> {
    const { membership, rooms } = this.#options;
    for (const { id } of await membership.refresh())
      if ((await this.#hasUnread(id)) === true) await rooms.readEpochs(id);
  }

  /** Enters the room only if there are epochs that nobody here has looked at. */
  async suiteOf(room: RoomId): Promise<RoomSuite> {
    const { book, link, rooms, timeoutMs } = this.#options;
    const { highest } = await book.epochs.of(room);
    const hasUnread = link.has('suite-2') ? await this.#hasUnread(room, highest) : undefined;
    if (hasUnread === undefined) return { suite: SUITE_FIRST, exposedBy: [], withoutPrekeys: [] };
    if (hasUnread) await rooms.readEpochs(room);
    const newest = await book.epochs.find(room, (await book.epochs.of(room)).highest);
    const listed = await listedPrekeys(link, room, timeoutMs);
    const members = await book.members.shown(room);
    return {
      suite: SUITE_LAST,
      exposedBy: await this.#names(newest?.plain ?? []),
      withoutPrekeys: await this.#names(members.filter((user) => !listed.has(user))),
    };
  }

  #names(users: readonly UserId[]): Promise<readonly UserName[]> {
    return Promise.all(users.map((user) => this.#options.people.nameOf(user)));
  }

  /** Epochs above `from` that were made for this user, and that nobody here has looked at. Undefined: the room is of suite 1. */
  async #hasUnread(room: RoomId, from = 0): Promise<boolean | undefined> {
    const { book, link, timeoutMs } = this.#options;
    let after = from;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const body = { room, after, limit: EPOCHS_PAGE_MAX };
      const page = await link.request('epochs', body, { timeoutMs }).catch(noneInSuiteOne);
      if (page === undefined) return undefined;
      for (const { number } of page.epochs)
        if ((await book.epochs.find(room, number)) === undefined) return true;
      const last = page.epochs.at(-1)?.number;
      if (!page.more || last === undefined || last <= after) return false;
      after = last;
    }
    return true;
  }
}

/** A room without epochs, or one that the user left meanwhile. */
function noneInSuiteOne(error: unknown): undefined {
  const isNone = hasCode(error, 'unsupported_version', 'not_a_member');
  if (!isNone) throw error;
}
