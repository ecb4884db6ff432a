import type { ServerEvent } from '../../../src/protocol/client-codec.ts';
import type { RoomInfo, RoomPresence } from '../../../src/protocol/entities.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import { HISTORY_MESSAGES_MAX } from '../../../src/protocol/limits.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import type { HistoryPage, Member, Room, SendOptions, Sent } from '../api.ts';
import type { Clock } from '../connection/clock.ts';
import { Schedule } from '../connection/schedule.ts';
import { ConclaveError } from '../errors.ts';
import { EventQueue } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { People } from '../people/people.ts';
import type { MembersDiffer } from './known-members.ts';
import { memberList } from './member-list.ts';
import { type CopiesPage, fetchCopies } from './room-copies.ts';
import type { RoomChange, RoomMessage } from './room-events.ts';
import { type FeedSource, RoomFeed } from './room-feed.ts';
import type { RoomReader } from './room-reader.ts';
import { RoomRule, type RoomRuleOptions } from './room-rule.ts';
import type { RoomSender } from './room-sender.ts';
import { RosterNews } from './roster-news.ts';
import { isSameSettings, type Settings } from './settings-seen.ts';

/** Changes that a reader has not taken yet; beyond it the oldest go, and it is told. */
const CHANGES_QUEUED_MAX = 1_024;

/** Changes of members and settings that wait to be looked at. Beyond, the room is read again instead. */
export const ROOM_EVENTS_WAITING_MAX = 1_024;

/** Stored messages that a room password is tried on. */
const SECRET_PROBES_MAX = 20;

export type RoomEvent = Extract<ServerEvent, { readonly body: { readonly room: RoomId } }>;
export type GoneReason = 'deleted' | 'left' | 'kicked' | 'banned';

export interface RoomHandleOptions extends RoomRuleOptions {
  readonly clock: Clock;
  readonly people: People;
  readonly reader: RoomReader;
  readonly sender: RoomSender;
  unlock(room: RoomHandle, password: string): Promise<void>;
  /** Enters again because the server says that something may have been missed. */
  resync(): Promise<void>;
  onClose(room: RoomHandle): void;
  notify(notice: Notice): void;
}

/** One room that a client has entered. */
export class RoomHandle extends RoomRule implements Room {
  readonly #options: RoomHandleOptions;
  readonly #feeds = new Set<RoomFeed>();
  readonly #changes = new Set<EventQueue<RoomChange>>();
  readonly #rosterNews: RosterNews;
  readonly #resync: Schedule;
  #eventsWaiting = 0;
  #unlocked: boolean;
  #closed = false;

  constructor(options: RoomHandleOptions, unlocked: boolean) {
    super(options);
    this.#options = options;
    this.#rosterNews = new RosterNews(options);
    this.#resync = new Schedule(options.clock, () => options.resync());
    this.#unlocked = unlocked;
  }

  get unlocked(): boolean {
    return this.#unlocked;
  }
  get #info(): RoomInfo {
    return this.#options.state.info;
  }
  get #settings(): Settings {
    const { name, retention, hidden, password } = this.#info;
    return { name, retention, hidden, password, header: this.header, unlocked: this.#unlocked };
  }

  members(): Promise<readonly Member[]> {
    return memberList(this.#options);
  }

  follow({ after, live = true }: Parameters<Room['follow']>[0]): AsyncIterableIterator<RoomMessage> {
    const { clock, reader } = this.#options;
    const { head, joined } = this.#info;
    const from = after === 'now' ? head : after === 'joined' ? joined : Math.max(after, joined);
    const source: FeedSource = {
      clock,
      open: (...page) => reader.open(...page),
      fetch: (position) => this.#fetch({ after: position, limit: HISTORY_MESSAGES_MAX }, undefined),
    };
    const feed: RoomFeed = new RoomFeed(source, {
      after: from,
      head,
      ...(live ? {} : { until: head }),
      onEnd: () => this.#feeds.delete(feed),
    });
    if (this.#closed) feed.end();
    else this.#feeds.add(feed);
    return feed;
  }

  async history({
    after,
    before,
    limit = HISTORY_MESSAGES_MAX,
  }: Parameters<Room['history']>[0]): Promise<HistoryPage> {
    if ((after === undefined) === (before === undefined))
      throw new ConclaveError('usage', 'history takes one of after and before');
    const bounds = after !== undefined ? { after } : { before: before ?? 0 };
    const page = await this.#fetch(
      { ...bounds, limit: Math.min(Math.max(limit, 1), HISTORY_MESSAGES_MAX) },
      this.#options.timeoutMs,
    );
    const copies = [...page.messages].sort((a, b) => a.seq - b.seq);
    // A page before a position that the room has not reached says nothing of those to come.
    const covered =
      before === undefined
        ? { from: Math.max(after ?? 0, this.joined) + 1, through: page.through }
        : { from: page.through, through: Math.min(before - 1, this.head) };
    const messages = await this.#options.reader.open(copies, covered);
    return { messages, through: page.through, more: page.more };
  }

  changes(): AsyncIterableIterator<RoomChange> {
    const queue: EventQueue<RoomChange> = new EventQueue({
      entriesMax: CHANGES_QUEUED_MAX,
      overflow: (): RoomChange => ({ type: 'overflow', room: this.name }),
      onReturn: () => this.#changes.delete(queue),
    });
    if (this.#closed) queue.end();
    else this.#changes.add(queue);
    return queue;
  }

  send(text: string, options?: SendOptions): Promise<Sent> {
    if (this.#closed) return Promise.reject(new ConclaveError('closed', 'the room was closed'));
    return this.#options.sender.send(text, options);
  }

  unlock(password: string): Promise<void> {
    return this.#options.unlock(this, password);
  }

  override async delete(): Promise<void> {
    await super.delete();
    await this.#options.reader.forget();
    this.gone('deleted');
  }

  /** False when a stored message shows that this is not the secret of the present password. */
  async mayBeSecret(secret: Uint8Array): Promise<boolean> {
    const { reader, timeoutMs } = this.#options;
    const { messages } = await this.#fetch({ before: this.head + 1, limit: SECRET_PROBES_MAX }, timeoutMs);
    return reader.mayFit(messages, this.passwordNumber, secret);
  }

  /** The secret of the present password is in the book, or is not. */
  async checkSecret(): Promise<void> {
    const number = this.passwordNumber;
    const known = number === 0 || (await this.#options.book.secret(this.id, number)) !== undefined;
    if (number === this.passwordNumber) this.#unlocked = known;
  }

  markRead(seq: number): Promise<void> {
    return this.#options.book.markRead(this.id, seq);
  }

  readPosition(): Promise<number> {
    return this.#options.book.readPosition(this.id);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resync.cancel();
    for (const reading of [...this.#feeds, ...this.#changes]) reading.end();
    this.#feeds.clear();
    this.#changes.clear();
    this.#options.onClose(this);
  }

  /** The client is closed for good: who waits for messages is told why. */
  fail(error: ConclaveError): void {
    for (const feed of this.#feeds) feed.fail(error);
    this.close();
  }

  /** The answer to a new `enter`: feeds fetch what they missed, the roster is read when it is asked for. */
  async entered(info: RoomInfo, presence: RoomPresence | undefined): Promise<void> {
    const before = this.#settings;
    const wasVolatile = this.retention === 0;
    this.#options.state.enter(info, presence);
    for (const feed of this.#feeds) feed.headIs(info.head, wasVolatile && info.retention === 0);
    // What can't be kept now is no reason to give up the connection: senders look for secrets and pins themselves.
    await this.#settle(before).catch(() => undefined);
  }

  gone(reason: GoneReason): void {
    void this.#options.book.ended(this.id, 'told').catch(() => undefined);
    this.#tell({ type: 'room-gone', room: this.name, id: this.id, reason });
    this.close();
  }

  /** Must not throw: what fails here is asked for again when it is needed. */
  async take(event: RoomEvent): Promise<void> {
    const { state } = this.#options;
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
        if (users.length === 0 && state.online === before) return;
        this.#tell({ type: 'presence', room: this.name, online: state.online, users });
        return;
      }
      case 'room':
        return this.#waiting(async () => {
          const before = this.#settings;
          await state.applySettings(event.body);
          await this.#settle(before);
        });
      case 'resync':
        if (event.body.head !== undefined) for (const feed of this.#feeds) feed.headIs(event.body.head);
        if (!this.#closed) this.#resync.within(0);
        return;
      case 'room-gone':
      case 'own-room':
      case 'typing':
        return;
      default:
        return event satisfies never;
    }
  }

  async #waiting(take: () => Promise<void>): Promise<void> {
    if (this.#eventsWaiting >= ROOM_EVENTS_WAITING_MAX) return this.#resync.within(0);
    this.#eventsWaiting += 1;
    try {
      await take();
    } finally {
      this.#eventsWaiting -= 1;
    }
  }

  async #takeRoster(body: Extract<RoomEvent, { name: 'roster' }>['body']): Promise<void> {
    const { me, state } = this.#options;
    const stretches = await state.applyRoster(body);
    const own = stretches.find(({ user, left }) => user === me && left === undefined);
    if (own !== undefined && own.role !== this.role) {
      state.setRole(own.role);
      await this.#remember();
    }
    for (const change of await this.#rosterNews.changes(body.kind, stretches)) this.#tell(change);
  }

  /** Told where somebody listens to the room, else to the client. */
  async membersDiffer(differ: MembersDiffer): Promise<void> {
    const change = await this.#rosterNews.differing(differ);
    if (this.#changes.size > 0) this.#tell(change);
    else this.#options.notify(change);
  }

  /** Whatever told of other settings: an event, or a new `enter`. */
  async #settle(before: Settings): Promise<void> {
    await this.#options.reader.keepBySettings();
    await this.checkSecret();
    const { name: room, retention, hidden, locked, unlocked, header } = this;
    const after = this.#settings;
    if (isSameSettings(before, after)) return;
    await this.#remember();
    const formerName = before.name === room ? {} : { formerName: before.name };
    this.#tell({ type: 'room-changed', room, ...formerName, retention, hidden, locked, unlocked, header });
  }

  #remember(): Promise<void> {
    const { id, name, role, joined, head } = this;
    return this.#options.book.put(id, { name, role, joined, head });
  }

  #fetch(page: Omit<RequestBody<'history'>, 'room'>, timeoutMs: number | undefined): Promise<CopiesPage> {
    return fetchCopies(this.#options.link, { room: this.id, ...page }, timeoutMs);
  }

  #tell(change: RoomChange): void {
    for (const queue of this.#changes) queue.push(change);
  }
}
