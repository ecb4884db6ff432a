import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Fingerprint, MessageId, UserId } from '../../../src/protocol/ids.ts';
import type { SentContent } from '../../../src/protocol/layouts/content.ts';
import type { Seen } from '../../../src/protocol/layouts/message-header.ts';
import { HEADER_LAYOUT_FIRST, HEADER_LAYOUT_LAST } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Member } from '../../crypto/suite.ts';
import { suiteOne } from '../../crypto/suite-one.ts';
import type { Clock } from '../connection/clock.ts';
import { localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { SealingVerdict } from '../people/person-view.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomRoster } from './room-roster.ts';
import type { RoomState } from './room-state.ts';
import type { OwnChain } from './sender-chains.ts';

export interface MessageSealerOptions {
  readonly clock: Clock;
  readonly account: OwnAccount;
  readonly people: People;
  readonly book: RoomBook;
  readonly chains: ChainStore;
  readonly state: RoomState;
  readonly roster: RoomRoster;
  readonly notices: Broadcast<Notice>;
}

/** Whom a message may be sealed for, and what that was found by. */
interface Trusted {
  readonly version: number;
  readonly generation: number;
  /** Fingerprint of the own present key. */
  readonly own: Fingerprint;
  readonly members: readonly Member[];
}

/** A message that waits to be sealed. `strict`: not for anybody who would read the room for the first time. */
export interface Draft {
  readonly id: MessageId;
  readonly content: SentContent;
  readonly strict: boolean;
}

interface SealedDraft {
  readonly body: RequestBody<'send'>;
  /** H(header) */
  readonly headerHash: Uint8Array;
}

/** Seals messages of one room for its members of that moment, all of whom have to be trusted then. */
export class MessageSealer {
  readonly #options: MessageSealerOptions;
  #trusted: Trusted | undefined;

  constructor(options: MessageSealerOptions) {
    this.#options = options;
  }

  /** Rejects with `trust`, `needs_password`, `not_a_member`, `unsupported`. */
  async seal(
    { id: messageId, content, strict }: Draft,
    chain: Promise<{ readonly own: OwnChain }>,
  ): Promise<SealedDraft> {
    const { account, book, clock, state } = this.#options;
    const [{ version, members }, { own }] = await Promise.all([this.#trustedMembers(), chain]);
    const { room, name, password, header = HEADER_LAYOUT_FIRST } = state.info;
    await book.pins.check(name, { room, password });
    await book.pins.sealing(name, room, { password, rosterVersion: version, header });
    await this.#announce(members, strict);
    const roomSecret = password === 0 ? undefined : await book.secret(room, password);
    if (password !== 0 && roomSecret === undefined)
      throw localError('needs_password', 'password_not_known', { room: name });
    const sealed = await suiteOne.seal({
      messageId,
      room,
      sender: account.user,
      keys: account.current.ready,
      chain: own.chain,
      number: own.number,
      previousHash: own.previousHash,
      rosterVersion: version,
      members,
      passwordNumber: password,
      roomSecret,
      sentAt: clock.wallTime(),
      seen: await this.#seen(),
      content,
    });
    await book.members.wrote(
      room,
      members.map(({ user }) => user),
    );
    const { headerHash, header: headerBytes, ciphertext, wraps } = sealed;
    return { body: { room, version, header: headerBytes, ciphertext, wraps }, headerHash };
  }

  /** What a header of the room's layout says of it. */
  async #seen(): Promise<Seen | undefined> {
    const { chains, state } = this.#options;
    const { header = HEADER_LAYOUT_FIRST, name, room } = state.info;
    if (header > HEADER_LAYOUT_LAST) throw localError('unsupported', 'form_unknown', { room: name });
    if (header === HEADER_LAYOUT_FIRST) return undefined;
    return (await chains.lastOpened(room)) ?? { position: 0, headerHash: new Uint8Array(0) };
  }

  /**
   * Everybody in the roster; nobody may be there by a key that is not accepted now. What was found holds for the next message, too, as
   * long as neither the roster nor any decision about keys has changed.
   */
  async #trustedMembers(): Promise<Trusted> {
    const { account, people, roster, state } = this.#options;
    const { version, members } = await roster.current();
    const generation = await people.generation();
    const own = account.current.ready.fingerprint;
    const known = this.#trusted;
    if (known?.version === version && known.generation === generation && known.own === own) return known;
    const recipients: Member[] = [];
    const verdicts = new Map<SealingVerdict, UserName[]>();
    for (const { user, name, signed, identity } of members) {
      const verdict = identity === undefined ? 'changed' : await this.#verdict(user, name, signed, identity);
      verdicts.set(verdict, [...(verdicts.get(verdict) ?? []), name]);
      if (identity !== undefined)
        recipients.push({ user, fingerprint: identity.fingerprint, rsaEncrypt: identity.rsaEncrypt });
    }
    refuseSuspects(verdicts);
    if (!recipients.some(({ user }) => user === account.user))
      throw localError('not_a_member', 'not_among_members', { room: state.info.name });
    const trusted: Trusted = { version, generation, own, members: recipients };
    this.#trusted = verdicts.has('within_grace') ? undefined : trusted;
    return trusted;
  }

  /** What was suspect when the roster was read may have an explanation by now: looked at again before it is refused. */
  async #verdict(
    user: UserId,
    name: UserName,
    signed: SignedIdentity,
    identity: VerifiedIdentity,
  ): Promise<SealingVerdict> {
    const { people } = this.#options;
    const verdict = await people.sealingVerdict(user, identity);
    if (verdict !== 'changed' && verdict !== 'unpinned') return verdict;
    await people.observe(user, name, signed);
    return people.sealingVerdict(user, identity);
  }

  /** The first message that somebody can read is preceded by a notice, and with `strict` refused. */
  async #announce(members: readonly Member[], strict: boolean): Promise<void> {
    const { account, book, notices, people, state } = this.#options;
    const { room, name } = state.info;
    const users = members.map(({ user }) => user);
    const others = ((await book.members.unwritten(room, users)) ?? []).filter(
      (user) => user !== account.user,
    );
    const names: UserName[] = [];
    for (const user of others) names.push(await people.nameOf(user));
    if (names.length === 0) return;
    if (strict) throw localError('trust', 'new_recipients_refused', { users: names.join(', ') });
    notices.tell({ type: 'new-recipients', room: name, users: names });
  }
}

/** Throws when a message would be sealed for a key that is not accepted. */
function refuseSuspects(verdicts: ReadonlyMap<SealingVerdict, readonly UserName[]>): void {
  for (const [verdict, fault] of suspects) {
    const names = verdicts.get(verdict);
    if (names !== undefined) throw localError('trust', fault, { users: names.join(', ') });
  }
}

const suspects = [
  ['changed', 'suspect_key'],
  ['unpinned', 'people_full'],
  ['replaced', 'replaced_key'],
] as const;
