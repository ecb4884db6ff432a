import type { Role } from '../../../src/protocol/entities.ts';
import { parseMessageId, type UserId } from '../../../src/protocol/ids.ts';
import { encodeContent } from '../../../src/protocol/layouts/content.ts';
import { parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { HISTORY_MESSAGES_MAX } from '../../../src/protocol/limits.ts';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { MemoryChainStore } from '../../crypto/memory-chain-store.ts';
import { openMessages } from '../../crypto/open.ts';
import type { FailureStatus } from '../../crypto/opening-failures.ts';
import type { ReadPage } from '../../crypto/read-pieces.ts';
import type { OpenedMessage, Reader, ReceivedCopy } from '../../crypto/suite.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import { texts } from '../../texts/texts.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError } from '../errors.ts';
import type { Trust } from '../people/trust-level.ts';
import type { DisappearingMessages } from './disappearing-messages.ts';
import { shownContent } from './message-content.ts';
import type { OpenedMessages, Retraction } from './opened-messages.ts';
import { retentionDaysOf } from './retention.ts';
import type { HistoryPage, Room } from './room.ts';
import type { RoomEpochs } from './room-epochs.ts';
import { type RoomMessage, writtenAt } from './room-events.ts';
import type { FeedSource, PageBounds } from './room-feed.ts';
import type { RoomKeyring, RoomKeyringOptions } from './room-keyring.ts';
import type { OwnLook, Placed } from './sender-chains.ts';
import { UnsettledMessages } from './unsettled-messages.ts';

const DAY_MS = 86_400_000;
/** Clocks may be so far apart without a copy that expired passing for one that is missing. */
const EXPIRY_MARGIN_MS = 3_600_000;
/** Stored messages that a room password is tried on. */
const SECRET_PROBES_MAX = 20;
/** Messages that are looked through for own ones that this profile does not know. */
const OWN_LOOK_MAX = 32;

/** Copies in history were stored. Of what was only delivered, its roster version has to tell. */
type RoomCopy = StoredMessage & { readonly fromHistory?: boolean };
type CopiesPage = ReplyBody<'history'> & { readonly messages: readonly RoomCopy[] };

interface RoomReaderOptions extends RoomKeyringOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly opened: OpenedMessages;
  readonly disappearing: DisappearingMessages;
  readonly keyring: RoomKeyring;
  readonly epochs: RoomEpochs;
}

/** Fetches and opens the copies of one room. */
export class RoomReader implements FeedSource, OwnLook {
  readonly headAtEntry: number;
  readonly #options: RoomReaderOptions;
  readonly #unsettled = new UnsettledMessages();

  constructor(options: RoomReaderOptions) {
    this.headAtEntry = options.state.info.head;
    this.#options = options;
  }

  #reader(): Reader {
    const { epochs, keyring } = this.#options;
    return { ...keyring.reader(), epoch: (number) => epochs.held(number) };
  }

  /** A page for a feed, which lives through outages. */
  fetch(after: number): Promise<CopiesPage> {
    return this.#copies({ after, limit: HISTORY_MESSAGES_MAX }, undefined);
  }

  /** See Room.history. */
  async page(
    { after, before, limit = HISTORY_MESSAGES_MAX }: Parameters<Room['history']>[0],
    timeoutMs: number | undefined,
  ): Promise<HistoryPage> {
    if ((after === undefined) === (before === undefined))
      throw new ConclaveError('usage', 'history takes one of after and before');
    const bounds = after !== undefined ? { after } : { before: before ?? 0 };
    const most = Math.min(Math.max(limit, 1), HISTORY_MESSAGES_MAX);
    const page = await this.#copies({ ...bounds, limit: most }, timeoutMs);
    const copies = [...page.messages].sort((a, b) => a.seq - b.seq);
    const { head, joined } = this.#options.state.info;
    // A page before a position that the room has not reached says nothing of those to come.
    const covered =
      before === undefined
        ? { from: Math.max(after ?? 0, joined) + 1, through: page.through }
        : { from: page.through, through: Math.min(before - 1, head) };
    const messages = await this.open(copies, covered);
    return { messages, through: page.through, more: page.more };
  }

  /**
   * What a reader sees of a page, with its copies in the order of their positions: each message or its fault, and before it what is
   * missing of its sender; at the end, what this page shows to be missing before messages further up. That they were
   * seen is on the disk then, by one synced write for all.
   */
  async open(
    copies: readonly RoomCopy[],
    bounds: PageBounds,
    { unseenOnly = false }: { readonly unseenOnly?: boolean } = {},
  ): Promise<readonly RoomMessage[]> {
    const { opened: known, state } = this.#options;
    await this.#options.keyring.ensureRosters(copies);
    const { name } = state;
    const { room } = state.info;
    const received: ReceivedCopy[] = [];
    for (const { fromHistory = false, ...copy } of copies) {
      const parsed = parseMessageHeader(copy.header);
      const stored =
        fromHistory || (parsed.ok ? state.storing.stores(parsed.header.rosterVersion) : undefined);
      received.push({ ...copy, room, stored });
    }
    const reader = { ...this.#reader(), page: this.#page(bounds, copies) };
    const whole = await openMessages(received, { ...reader, recall: (copy) => known.recall(copy) });
    const opened = await Promise.all(whole.map((message, i) => this.#rest(copies[i]?.seq ?? 0, message)));
    known.retracted(room, retractionsIn(opened));
    const shown: RoomMessage[] = [];
    for (const [i, copy] of received.entries()) {
      const message = opened[i];
      if (message === undefined) throw new TypeError('each copy gives one message');
      await known.settle(copy, message);
      await this.#noteEpoch(copy, message);
      if (unseenOnly && message.status === 'ok' && message.reread) continue;
      shown.push(...(await this.#shown(copy, message)));
    }
    const gaps = await this.#unsettled.gapsAbove(room, reader, copies);
    return [...shown, ...gaps.map((gap) => ({ type: 'gap' as const, room: name, ...gap }))];
  }

  /** A message that was shown here for as long as it may be is opened as what is left of it. */
  async #rest(seq: number, message: OpenedMessage): Promise<OpenedMessage> {
    if (message.status !== 'ok') return message;
    const { account, disappearing, state } = this.#options;
    const { content, header, reread } = message;
    const place = { room: state.info.room, seq, user: header.sender, id: header.messageId };
    const sentAt = header.sender === account.user ? header.sentAt : undefined;
    const rest = await disappearing.restOf(place, content, { sentAt, reread });
    return rest === undefined ? message : { ...message, content: rest, encoded: encodeContent(rest) };
  }

  /** What a message of suite 2 tells of its epoch: that it is in use, or that the server shows two. */
  async #noteEpoch({ at }: StoredMessage, { header, ...opened }: OpenedMessage): Promise<void> {
    const { epochs } = this.#options;
    if (header?.epoch === undefined) return;
    if (opened.status === 'ok') await epochs.used(header.epoch.number, at);
    else if (opened.reason === 'epoch_differs') await epochs.differs(header.epoch);
  }

  /** A room that keeps nothing has pages that speak for no more than they hold. */
  #page({ from, through }: PageBounds, copies: readonly StoredMessage[]): ReadPage {
    const { clock, state } = this.#options;
    const retention = retentionDaysOf(state.info);
    const now = Math.max(clock.wallTime(), ...copies.map(({ at }) => at));
    const aliveAfter =
      retention === 0 ? Number.NEGATIVE_INFINITY : now - retention * DAY_MS + EXPIRY_MARGIN_MS;
    return { from, through, retention, aliveAfter };
  }

  async #shown(copy: StoredMessage, opened: OpenedMessage): Promise<readonly RoomMessage[]> {
    const { people, roster, state } = this.#options;
    const room = state.name;
    const listed = roster.known.stretchesOf(copy.from).at(-1)?.name;
    const from = await people.nameOf(copy.from, listed);
    const message: RoomMessage = {
      room,
      seq: copy.seq,
      id: opened.header?.messageId ?? nameless,
      from,
      user: copy.from,
      at: copy.at,
      trust: await this.#trustOf(copy.from, opened),
      ...(opened.status === 'ok' && opened.marks.length > 0 ? { marks: opened.marks } : {}),
      ...(opened.status === 'ok'
        ? {
            ...writtenAt(opened.header.sentAt, copy.at),
            ...shownContent(opened.content),
            ...(opened.content.type === 'remove' && this.#roleOf(copy.from, opened.header.rosterVersion)),
          }
        : { type: 'message', status: opened.status, reason: this.#reasonOf(opened) }),
    };
    if (opened.status === 'ok' && opened.unread) this.#unsettled.note(copy.seq, opened.header, from);
    const missing = opened.status === 'ok' ? opened.missing : 0;
    return missing > 0 ? [{ type: 'gap', room, from, missing, seq: copy.seq }, message] : [message];
  }

  /** What a backup does not hold is nobody's fault: the week of that key was over before this device had the account. */
  #reasonOf({ header, reason }: OpenedMessage & { readonly status: FailureStatus }): string {
    const isClosed =
      reason === 'epoch_unknown' &&
      header?.epoch !== undefined &&
      this.#options.epochs.isClosed(header.epoch);
    return isClosed ? texts.local.before_this_device : texts.openings[reason];
  }

  /** Never of the present alone: who is no moderator any more removed what was removed. */
  #roleOf(user: UserId, version: number): { readonly role?: Role } {
    const role = this.#options.roster.known.roleAt(user, version);
    return role === undefined ? {} : { role };
  }

  /** False when a stored message shows that this is not the room secret of that password setting. Nothing is recorded. */
  async mayBeSecret(
    secret: Uint8Array,
    passwordNumber: number,
    timeoutMs: number | undefined,
  ): Promise<boolean> {
    const before = this.#options.state.info.head + 1;
    const { messages } = await this.#copies({ before, limit: SECRET_PROBES_MAX }, timeoutMs);
    for (const copy of messages) {
      const fits = await this.#fits(copy, passwordNumber, secret);
      if (fits !== undefined) return fits;
    }
    return true;
  }

  /** Looks for own messages, which are really of this user. Nothing is recorded. */
  async find(
    after: number,
    isSought: (message: Placed) => boolean,
  ): Promise<{ readonly found: boolean; readonly through: number }> {
    const { account, state } = this.#options;
    if (state.info.retention === 0) return { found: false, through: this.headAtEntry };
    const { messages, more, through } = await this.#copies({ after, limit: OWN_LOOK_MAX }, undefined);
    const looked = more ? this.headAtEntry : through;
    for (const copy of messages) {
      const parsed = parseMessageHeader(copy.header);
      if (!parsed.ok || copy.from !== account.user) continue;
      if (!isSought({ ...parsed.header, headerHash: await sha256(copy.header) })) continue;
      await this.#options.keyring.ensureRosters([copy]);
      const opened = await this.#probe(copy, {});
      if (opened?.status === 'ok') return { found: true, through: looked };
    }
    return { found: false, through: looked };
  }

  /**
   * Whether a copy was sealed under this room secret; undefined when the copy does not tell. Nothing is recalled: what opened
   * before says nothing about this secret.
   */
  async #fits(copy: StoredMessage, passwordNumber: number, secret: Uint8Array): Promise<boolean | undefined> {
    const parsed = parseMessageHeader(copy.header);
    if (!parsed.ok || parsed.header.passwordNumber !== passwordNumber) return undefined;
    await this.#options.roster.ensure(parsed.header.rosterVersion);
    const opened = await this.#probe(copy, { roomSecret: () => Promise.resolve(secret) });
    if (opened?.status === 'ok') return true;
    return opened?.reason === 'commitment_differs' ? false : undefined;
  }

  async #probe(copy: StoredMessage, change: Partial<Reader>): Promise<OpenedMessage | undefined> {
    const { room } = this.#options.state.info;
    const reader = { ...this.#reader(), chains: new MemoryChainStore(), ...change };
    return (await openMessages([{ ...copy, room }], reader))[0];
  }

  async #copies(
    page: Omit<RequestBody<'history'>, 'room'>,
    timeoutMs: number | undefined,
  ): Promise<CopiesPage> {
    const { link, state } = this.#options;
    const reply = await link.request('history', { room: state.info.room, ...page }, { timeoutMs });
    return { ...reply, messages: reply.messages.map((copy) => ({ ...copy, fromHistory: true })) };
  }

  async #trustOf(user: UserId, opened: OpenedMessage): Promise<Trust> {
    const { account, people, roster } = this.#options;
    if (user === account.user) return 'verified';
    if (opened.status === 'ok') return people.trustOf(user, opened.header.senderFingerprint);
    const listed = roster.known.find(user)?.identity;
    if (listed !== undefined) return people.listedTrust(user, listed);
    return people.currentTrust(user);
  }
}

function retractionsIn(opened: readonly OpenedMessage[]): readonly Retraction[] {
  return opened.flatMap((message) =>
    message.status === 'ok' && message.content.type === 'retract'
      ? [{ user: message.header.sender, of: message.content.of }]
      : [],
  );
}

const nameless = parseMessageId('00'.repeat(16)) ?? unreachable();

function unreachable(): never {
  throw new TypeError('a constant does not parse');
}
