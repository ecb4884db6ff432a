import type { ServerEvent } from '../../../src/protocol/client-codec.ts';
import type { RoomId, UserId } from '../../../src/protocol/ids.ts';
import { SUITE_FIRST, TYPING_INTERVAL_MS, TYPING_ONLINE_MAX } from '../../../src/protocol/limits.ts';
import type { AtOnce } from '../connection/at-once.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { Schedule } from '../connection/schedule.ts';
import type { ConclaveError } from '../errors.ts';
import type { Broadcast, EventQueue } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import { type Expulsion, expulsionOf, type GoneReason, goneRoomError } from './gone-room.ts';
import type { LifeKeeper } from './life-keeper.ts';
import type { OpenedMessages } from './opened-messages.ts';
import { retentionDaysOf } from './retention.ts';
import type { RoomBook } from './room-book.ts';
import { askToEnter, type EnterReply, noteJoined, refusalOf } from './room-entry.ts';
import type { RoomEpochs } from './room-epochs.ts';
import type { RoomChange } from './room-events.ts';
import { type FeedOptions, type FeedSource, RoomFeed } from './room-feed.ts';
import type { ToldVersions } from './room-pins.ts';
import type { RoomRoster } from './room-roster.ts';
import { isSameSettings, type RoomState, type Settings } from './room-state.ts';
import type { TrustedMembers } from './trusted-members.ts';

/** Changes of members and settings that wait to be looked at. Beyond, the room is read again instead. */
export const ROOM_EVENTS_WAITING_MAX = 1_024;

export type RoomEvent = Extract<ServerEvent, { readonly body: { readonly room: RoomId } }>;

interface EnteredRoomOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly account: OwnAccount;
  readonly book: RoomBook;
  readonly opened: OpenedMessages;
  readonly state: RoomState;
  readonly roster: RoomRoster;
  readonly epochs: RoomEpochs;
  readonly members: TrustedMembers;
  readonly life: LifeKeeper;
  readonly changes: Broadcast<RoomChange>;
  readonly notices: Broadcast<Notice>;
  /** Shared by all rooms: how many are read again at the same time. */
  readonly resyncs: AtOnce;
}

/** Keeps what is known of one room true, by events and by entering it again, and tells those who follow it. */
export class EnteredRoom {
  readonly #options: EnteredRoomOptions;
  readonly #feeds = new Set<RoomFeed>();
  readonly #resync: Schedule;
  readonly #epochsSoon: Schedule;
  readonly #end = new AbortController();
  #eventsWaiting = 0;
  #typingAgainAt = Number.NEGATIVE_INFINITY;

  constructor(options: EnteredRoomOptions) {
    this.#options = options;
    this.#resync = new Schedule(options.clock, () => options.resyncs.run(() => this.refresh()));
    const { epochs, members } = options;
    this.#epochsSoon = new Schedule(options.clock, () =>
      options.resyncs.run(() => epochs.repair(() => members.now())),
    );
  }

  /** Aborted when the room is closed, or is gone. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  follow(source: FeedSource, options: Omit<FeedOptions, 'onEnd' | 'head'>): RoomFeed {
    const { clock, state } = this.#options;
    const feed: RoomFeed = new RoomFeed(clock, source, {
      ...options,
      head: state.info.head,
      onEnd: () => this.#feeds.delete(feed),
    });
    if (this.ended.aborted) feed.end();
    else this.#feeds.add(feed);
    return feed;
  }

  changes(): EventQueue<RoomChange> {
    return this.#options.changes.follow();
  }

  /** What of the room may be kept opened, and whether it is unlocked, follow its settings. */
  async followSettings(): Promise<void> {
    const { opened, state } = this.#options;
    const { room, joined } = state.info;
    await opened.terms(room, { days: retentionDaysOf(state.info), after: joined });
    await this.checkSecret();
    const { suite } = state.settings;
    if (suite === SUITE_FIRST) return;
    await this.#options.book.pins.raised(room, suite);
    if (this.ended.aborted) return;
    // Nobody waits for it: messages and senders ask for the epochs that they need.
    this.#options.epochs.stale();
    this.#epochsSoon.within(0);
  }

  /** The secret of the present password is in the book, or is not. */
  async checkSecret(): Promise<void> {
    const { book, state } = this.#options;
    const { room, password } = state.info;
    const known = password === 0 || (await book.secret(room, password)) !== undefined;
    if (password === state.info.password) state.unlocked = known;
  }

  /** It is entered again soon, by itself. */
  outdated(): void {
    if (!this.ended.aborted) this.#resync.within(0);
  }

  /** A person accepted that the room is as it was shown, whatever was heard of it before. */
  async accepted(versions: ToldVersions): Promise<void> {
    const { epochs, roster, state } = this.#options;
    const before = state.settings;
    state.accepted(versions);
    roster.entered(versions.rosterVersion);
    epochs.stale();
    await this.#settle(before);
    this.outdated();
  }

  /** Asks the server how the room is now. */
  async refresh(): Promise<void> {
    const { link, state } = this.#options;
    await this.reentered(await askToEnter(link, state.info.room));
  }

  /** The answer to a new `enter`: feeds fetch what they missed, the roster is read when it is asked for. */
  async reentered({ info, presence, ...refused }: EnterReply): Promise<void> {
    if (this.ended.aborted) return;
    const { book, notices, roster, state } = this.#options;
    if (info === undefined || info.room !== state.info.room) {
      const refusal = refusalOf(refused);
      if (refusal.code !== 'not_a_member') throw refusal;
      // Why it is so was told while nobody listened; only that it is so remains.
      this.gone('left');
      return;
    }
    await noteJoined(book, notices, info);
    const before = state.settings;
    state.enter(info, presence);
    roster.entered(info.version);
    const hadNoStore = before.retention === 0 && info.retention === 0;
    for (const feed of this.#feeds) feed.headIs(info.head, hadNoStore);
    // What can't be kept now is no reason to give up the connection: senders look for secrets and pins themselves.
    await this.#settle(before).catch(() => undefined);
  }

  gone(reason: GoneReason, expulsion: Expulsion = {}): void {
    const { book, changes, state } = this.#options;
    const [id, room] = [state.info.room, state.name];
    void book.ended(id, 'told').catch(() => undefined);
    changes.tell({ type: 'room-gone', room, id, reason, ...expulsion });
    this.close(undefined, goneRoomError(reason, room));
  }

  /** `error`: who waits for messages is told that; `why`: whoever wants to do something in the room later. */
  close(error?: ConclaveError, why = error): void {
    if (this.ended.aborted) return;
    this.#end.abort(why);
    this.#resync.cancel();
    this.#epochsSoon.cancel();
    for (const feed of this.#feeds) {
      if (error === undefined) feed.end();
      else feed.fail(error);
    }
    this.#feeds.clear();
    this.#options.changes.end();
  }

  /** Must not throw: what fails here is asked for again when it is needed. */
  async take(event: RoomEvent): Promise<void> {
    const { changes, roster, state } = this.#options;
    switch (event.name) {
      case 'deliver':
        state.sawPosition(event.body.message.seq);
        for (const feed of this.#feeds) feed.deliver(event.body.message);
        return;
      case 'roster':
        return this.#waiting(() => this.#takeRoster(event.body));
      case 'presence': {
        const before = state.online;
        const users = state.applyPresence(event.body.presence);
        if (users.length > 0 || state.online !== before)
          changes.tell({ type: 'presence', room: state.name, online: state.online, users });
        return;
      }
      case 'room':
        return this.#waiting(async () => {
          const before = state.settings;
          state.applySettings(event.body);
          await roster.heardOf(event.body.version);
          await this.#settle(before);
        });
      case 'resync':
        if (event.body.head !== undefined) for (const feed of this.#feeds) feed.headIs(event.body.head);
        return this.outdated();
      case 'room-gone':
        return this.gone(event.body.reason, expulsionOf(event.body));
      case 'typing':
        return this.#tellTyping(event.body.user);
      case 'epoch':
        await this.#options.epochs.take(event.body.epoch);
        // One that does not open is followed by one that does.
        if (!this.ended.aborted) this.#epochsSoon.within(0);
        return;
      case 'own-room':
      case 'invitation':
        return;
      default:
        return event satisfies never;
    }
  }

  /** Of members alone: whoever else is named may be anybody. */
  #tellTyping(id: UserId): void {
    const { account, changes, roster, state } = this.#options;
    const user = roster.known.find(id)?.name;
    if (user !== undefined && id !== account.user)
      changes.tell({ type: 'typing', room: state.name, user, id });
  }

  /** Tells the others that the user is typing, if the server passes it on. A notice that is lost is not missed. */
  typing(): void {
    const { clock, link, state } = this.#options;
    const now = clock.now();
    if (this.ended.aborted || now < this.#typingAgainAt || state.online > TYPING_ONLINE_MAX) return;
    if (!link.has('typing')) return;
    this.#typingAgainAt = now + TYPING_INTERVAL_MS;
    link
      .request('typing', { room: state.info.room }, { timeoutMs: TYPING_INTERVAL_MS })
      .catch(() => undefined);
  }

  async #waiting(take: () => Promise<void>): Promise<void> {
    if (this.#eventsWaiting >= ROOM_EVENTS_WAITING_MAX) return this.outdated();
    this.#eventsWaiting += 1;
    try {
      await take();
    } finally {
      this.#eventsWaiting -= 1;
    }
  }

  async #takeRoster(body: Extract<RoomEvent, { name: 'roster' }>['body']): Promise<void> {
    const { account, roster, state } = this.#options;
    const stretches = await roster.take(body);
    const own = stretches.find(({ user, left }) => user === account.user && left === undefined);
    if (own !== undefined && own.role !== state.info.role) {
      state.setRole(own.role);
      await this.#remember();
    }
    await roster.tell(body, stretches);
    // Another owner, or other keys of the owner's: what was not taken before may be now.
    if (body.kind === 'role' || body.kind === 'identity') this.lookAtLife();
  }

  /** Nobody waits for it: messages that are sent look themselves. */
  lookAtLife(): void {
    if (!this.ended.aborted) void this.#options.life.look().catch(() => undefined);
  }

  /** Whatever told of other settings: an event, or a new `enter`. */
  async #settle(before: Settings): Promise<void> {
    const { changes, state } = this.#options;
    await this.followSettings();
    this.lookAtLife();
    const after = state.settings;
    if (isSameSettings(before, after)) return;
    await this.#remember();
    const { name: room, password, ...shown } = after;
    const formerName = before.name === room ? {} : { formerName: before.name };
    changes.tell({ type: 'room-changed', room, ...formerName, ...shown, locked: password > 0 });
  }

  #remember(): Promise<void> {
    const { book, state } = this.#options;
    const { room, name, role, joined, head } = state.info;
    return book.put(room, { name, role, joined, head });
  }
}
