import { type Fingerprint, parseMessageId, type UserId } from '../../../src/protocol/ids.ts';
import { type MessageHeader, parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { StoredMessage } from '../../../src/protocol/requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import { MemoryChainStore } from '../../crypto/memory-chain-store.ts';
import { openingFailures } from '../../crypto/opening-failures.ts';
import type { ReadPage } from '../../crypto/read-pieces.ts';
import { recipientsHash } from '../../crypto/recipients.ts';
import type { AcceptedIdentity, OpenedMessage, Reader, ReceivedCopy } from '../../crypto/suite.ts';
import { suiteOne } from '../../crypto/suite-one.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import { ConclaveError } from '../errors.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { Trust } from '../people/trust-level.ts';
import type { OpenedMessages } from './opened-messages.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomCopy } from './room-copies.ts';
import type { RoomMessage } from './room-events.ts';
import type { RoomState } from './room-state.ts';
import { UnsettledMessages } from './unsettled-messages.ts';
import { writtenAt } from './written-at.ts';

/** Hashes of member lists that were computed once; one is 32 bytes. */
const RECIPIENT_HASHES_MAX = 256;

interface RoomReaderOptions {
  readonly clock: Clock;
  readonly me: UserId;
  readonly account: OwnAccount;
  readonly people: People;
  readonly chains: ChainStore;
  readonly book: RoomBook;
  readonly state: RoomState;
  readonly opened: OpenedMessages;
}

const DAY_MS = 86_400_000;
/** Clocks may be so far apart without a copy that expired passing for one that is missing. */
const EXPIRY_MARGIN_MS = 3_600_000;

/** Positions that a page speaks for; both ends are in it. */
export interface PageBounds {
  readonly from: number;
  readonly through: number;
}

/** Opens the copies of one room. */
export class RoomReader {
  readonly #options: RoomReaderOptions;
  readonly #unsettled = new UnsettledMessages();
  readonly #hashes = new Map<number, Uint8Array>();

  constructor(options: RoomReaderOptions) {
    this.#options = options;
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
    await this.#ensureRosters(copies);
    const { room, name } = state.info;
    const received: ReceivedCopy[] = [];
    for (const { fromHistory = false, ...copy } of copies) {
      const parsed = parseMessageHeader(copy.header);
      const stored =
        fromHistory || (parsed.ok ? state.storing.stores(parsed.header.rosterVersion) : undefined);
      received.push({ ...copy, room, stored });
    }
    const reader = { ...this.#reader(), page: this.#page(bounds, copies) };
    const opened = await suiteOne.open(received, { ...reader, recall: (copy) => known.recall(copy) });
    const shown: RoomMessage[] = [];
    for (const [i, copy] of received.entries()) {
      const message = opened[i];
      if (message === undefined) throw new TypeError('each copy gives one message');
      await known.settle(copy, message);
      if (unseenOnly && message.status === 'ok' && message.reread) continue;
      shown.push(...(await this.#shown(copy, message)));
    }
    const gaps = await this.#unsettled.gapsAbove(room, reader, copies);
    return [...shown, ...gaps.map((gap) => ({ type: 'gap' as const, room: name, ...gap }))];
  }

  /** A room that keeps nothing has pages that speak for no more than they hold. */
  #page({ from, through }: PageBounds, copies: readonly StoredMessage[]): ReadPage {
    const { clock, state } = this.#options;
    const { retention } = state.info;
    const now = Math.max(clock.wallTime(), ...copies.map(({ at }) => at));
    const aliveAfter =
      retention === 0 ? Number.NEGATIVE_INFINITY : now - retention * DAY_MS + EXPIRY_MARGIN_MS;
    return { from, through, retention, aliveAfter };
  }

  async #shown(copy: StoredMessage, opened: OpenedMessage): Promise<readonly RoomMessage[]> {
    const room = this.#options.state.info.name;
    const from = await this.#nameOf(copy.from);
    const message: RoomMessage = {
      type: 'message',
      room,
      seq: copy.seq,
      id: opened.header?.messageId ?? nameless,
      from,
      user: copy.from,
      at: copy.at,
      status: opened.status,
      trust: await this.#trustOf(copy.from, opened),
      ...(opened.status === 'ok'
        ? { text: opened.content.text, ...writtenAt(opened.header.sentAt, copy.at) }
        : { reason: openingFailures[opened.reason].meaning }),
      ...(opened.status === 'ok' && opened.marks.length > 0 ? { marks: opened.marks } : {}),
    };
    if (opened.status === 'ok' && opened.unread) this.#unsettled.note(copy.seq, opened.header, from);
    const missing = opened.status === 'ok' ? opened.missing : 0;
    return missing > 0 ? [{ type: 'gap', room, from, missing, seq: copy.seq }, message] : [message];
  }

  /** What of the room may be kept opened follows its settings. */
  keepBySettings(): Promise<void> {
    const { room, retention, joined } = this.#options.state.info;
    return this.#options.opened.terms(room, { days: retention, after: joined });
  }

  /** Nothing of the room is kept any more. */
  forget(): Promise<void> {
    return this.#options.opened.forget(this.#options.state.info.room);
  }

  /** False when one of the copies shows that this is not the room secret of that password setting. */
  async mayFit(
    copies: readonly StoredMessage[],
    passwordNumber: number,
    secret: Uint8Array,
  ): Promise<boolean> {
    for (const copy of copies) {
      const fits = await this.#fits(copy, passwordNumber, secret);
      if (fits !== undefined) return fits;
    }
    return true;
  }

  /** Whether one of the copies is really of this user, and sought by what its header says. Nothing is recorded. */
  async hasOwn(
    copies: readonly StoredMessage[],
    isSought: (
      message: Pick<MessageHeader, 'chain' | 'number'> & { readonly headerHash: Uint8Array },
    ) => boolean,
  ): Promise<boolean> {
    const { me, state } = this.#options;
    for (const copy of copies) {
      const parsed = parseMessageHeader(copy.header);
      if (!parsed.ok || copy.from !== me) continue;
      if (!isSought({ ...parsed.header, headerHash: await sha256(copy.header) })) continue;
      await this.#ensureRosters([copy]);
      const reader: Reader = { ...this.#reader(), chains: new MemoryChainStore() };
      const [opened] = await suiteOne.open([{ ...copy, room: state.info.room }], reader);
      if (opened?.status === 'ok') return true;
    }
    return false;
  }

  /**
   * Whether a copy was sealed under this room secret; undefined when the copy does not tell. Nothing is recorded, and nothing
   * recalled: what opened before says nothing about this secret.
   */
  async #fits(copy: StoredMessage, passwordNumber: number, secret: Uint8Array): Promise<boolean | undefined> {
    const { state } = this.#options;
    const parsed = parseMessageHeader(copy.header);
    if (!parsed.ok || parsed.header.passwordNumber !== passwordNumber) return undefined;
    await state.ensure(parsed.header.rosterVersion);
    const reader: Reader = {
      ...this.#reader(),
      chains: new MemoryChainStore(),
      roomSecret: () => Promise.resolve(secret),
    };
    const [opened] = await suiteOne.open([{ ...copy, room: state.info.room }], reader);
    if (opened?.status === 'ok') return true;
    return opened?.reason === 'commitment_differs' ? false : undefined;
  }

  #reader(): Reader {
    const { account, book, chains, state } = this.#options;
    const { room, joined } = state.info;
    return {
      rsaDecrypt: account.identities.map(({ ready }) => ready.rsaDecrypt).reverse(),
      chains,
      readableAfter: joined,
      acceptedIdentities: (user, claimed, version) => this.#accepted(user, claimed, version),
      roomSecret: (number) => book.secret(room, number),
      recipientsHash: (version) => this.#recipients(version),
    };
  }

  /** A roster that the server no longer has leaves its messages marked; it keeps none from being shown. */
  async #ensureRosters(copies: readonly StoredMessage[]): Promise<void> {
    for (const { header } of copies) {
      const parsed = parseMessageHeader(header);
      if (!parsed.ok) continue;
      await this.#options.state.ensure(parsed.header.rosterVersion).catch((error: unknown) => {
        if (!(error instanceof ConclaveError) || error.code !== 'conflict') throw error;
      });
    }
  }

  async #accepted(
    user: UserId,
    claimed: Fingerprint,
    version: number,
  ): Promise<readonly AcceptedIdentity[] | 'no_member'> {
    const { account, me, people, state } = this.#options;
    const { roster, info, entered } = state;
    if (roster.wasMember(user, version) === false) return 'no_member';
    const own = account.identities.find(({ ready }) => ready.fingerprint === claimed);
    const identity = user === me ? own?.verified : await this.#acceptedOf(user, claimed);
    if (identity === undefined) return [];
    const isMember = roster.find(user) !== undefined;
    const end = await people.endIn(info.room, user, identity, { isMember, entered });
    const { fingerprint, ed25519Verify } = identity;
    return [{ fingerprint, ed25519Verify, replacedAt: end?.version, lastPosition: end?.head }];
  }

  async #acceptedOf(user: UserId, claimed: Fingerprint): Promise<VerifiedIdentity | undefined> {
    const { people, state } = this.#options;
    for (const { identity } of state.roster.stretchesOf(user))
      if (identity?.fingerprint === claimed && (await people.standing(user, identity)) !== 'changed')
        return identity;
    // Somebody who left, or whose keys were replaced before the roster that is known here.
    return people.acceptedIdentity(user, claimed);
  }

  async #recipients(version: number): Promise<Uint8Array | undefined> {
    const known = this.#hashes.get(version);
    if (known !== undefined) return known;
    const members = this.#options.state.roster.membersAt(version);
    const recipients = members?.flatMap(({ user, identity }) =>
      identity === undefined ? [] : [{ user, fingerprint: identity.fingerprint }],
    );
    if (recipients === undefined) return undefined;
    const hash = await recipientsHash(recipients);
    this.#hashes.set(version, hash);
    if (this.#hashes.size > RECIPIENT_HASHES_MAX)
      this.#hashes.delete(this.#hashes.keys().next().value ?? version);
    return hash;
  }

  async #nameOf(user: UserId): Promise<UserName> {
    const { account, me, people, state } = this.#options;
    if (user === me) return account.name;
    return (await people.record(user))?.name ?? state.roster.stretchesOf(user).at(-1)?.name ?? stranger;
  }

  async #trustOf(user: UserId, opened: OpenedMessage): Promise<Trust> {
    const { me, people, state } = this.#options;
    if (user === me) return 'verified';
    if (opened.status === 'ok') return people.trustOf(user, opened.header.senderFingerprint);
    const listed = state.roster.find(user)?.identity;
    if (listed !== undefined) return people.listedTrust(user, listed);
    return people.currentTrust(user);
  }
}

/** Shown for a sender of whom the server never gave an identity; such a message is always marked forged. */
export const stranger: UserName = parseUserName('unknown') ?? unreachable();
const nameless = parseMessageId('00'.repeat(16)) ?? unreachable();

function unreachable(): never {
  throw new TypeError('a constant does not parse');
}
