import { sameBytes, utf8 } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { type Fingerprint, type MessageId, parseMessageId, type UserId } from '../../../src/protocol/ids.ts';
import type { Seen } from '../../../src/protocol/layouts/message-header.ts';
import { HEADER_LAYOUT_FIRST, HEADER_LAYOUT_LAST, TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import { freshId } from '../../crypto/fresh-id.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Member } from '../../crypto/suite.ts';
import { suiteOne } from '../../crypto/suite-one.ts';
import type { SendOptions, Sent } from '../api.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError } from '../errors.ts';
import type { Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { SealingVerdict } from '../people/person-view.ts';
import type { RoomBook } from './room-book.ts';
import { stranger } from './room-reader.ts';
import type { RoomState } from './room-state.ts';
import type { HeldChain, OwnLook, SenderChains } from './sender-chains.ts';

/** Messages of one room that wait for their turn or for the server. */
export const SENDS_QUEUED_MAX = 256;
/** A message is prepared again for a roster that changed meanwhile at most so often. */
const RESEALS_MAX = 50;

interface RoomSenderOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly me: UserId;
  readonly account: OwnAccount;
  readonly people: People;
  readonly book: RoomBook;
  readonly chains: ChainStore;
  readonly senders: SenderChains;
  readonly look: OwnLook;
  readonly state: RoomState;
  /** Asks the server for the room's roster version and password number again. */
  refresh(): Promise<void>;
  notify(notice: Notice): void;
}

/** Whom a message may be sealed for, and what that was found by. */
interface Trusted {
  readonly version: number;
  readonly generation: number;
  /** Fingerprint of the own present key. */
  readonly own: Fingerprint;
  readonly members: readonly Member[];
}

interface Waiting {
  readonly id: MessageId;
  readonly text: string;
  readonly strict: boolean;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of a message so far. */
interface Attempt {
  /** H(header) of each form in which it was sealed. */
  readonly forms: Uint8Array[];
  /** False: one of them may be stored or not. */
  isFateKnown: boolean;
}

/**
 * Sends the messages of one room in their order, one at a time: each header names the hash of what the server stored
 * before it. As long as messages wait, this sender holds a chain of the profile; then other processes may go on with it.
 */
export class RoomSender {
  readonly #options: RoomSenderOptions;
  readonly #waiting: Waiting[] = [];
  #held: Promise<HeldChain> | undefined;
  #pumping = false;
  #trusted: Trusted | undefined;

  constructor(options: RoomSenderOptions) {
    this.#options = options;
  }

  send(text: string, { onQueued, strict = false }: SendOptions = {}): Promise<Sent> {
    const textBytes = utf8(text).length;
    if (textBytes === 0) return Promise.reject(new ConclaveError('usage', 'there is no text to send'));
    if (textBytes > TEXT_BYTES_MAX)
      return Promise.reject(new ConclaveError('too_large', `a text has at most ${TEXT_BYTES_MAX} bytes`));
    if (/\p{Cs}/u.test(text))
      return Promise.reject(new ConclaveError('usage', 'the text is not well-formed Unicode'));
    if (this.#waiting.length >= SENDS_QUEUED_MAX)
      return Promise.reject(
        new ConclaveError('usage', `more than ${SENDS_QUEUED_MAX} messages wait to be sent`),
      );
    return new Promise((resolve, reject) => {
      const id = freshId(parseMessageId);
      this.#waiting.push({ id, text, strict, resolve, reject });
      onQueued?.(id);
      if (!this.#pumping) this.#options.senders.during(this.#pump());
    });
  }

  /** Never rejects. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#waiting.length > 0) {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        try {
          next.resolve(await this.#deliver(next));
        } catch (error) {
          next.reject(error);
        }
        this.#waiting.shift();
      }
      // Others may come while this is written.
      const held = await this.#held?.catch(() => undefined);
      this.#held = undefined;
      await held?.giveBack();
    }
    this.#pumping = false;
  }

  async #deliver(waiting: Waiting): Promise<Sent> {
    const { link, state } = this.#options;
    if (link.status.state === 'closed') throw new ConclaveError('closed', 'the client was closed');
    const attempt: Attempt = { forms: [], isFateKnown: true };
    try {
      const { seq, at, headerHash } = await this.#untilStored(waiting, attempt);
      await (await this.#hold()).acknowledged(seq, headerHash);
      return { room: state.info.name, seq, id: waiting.id, at };
    } catch (error) {
      if (!attempt.isFateKnown) await (await this.#hold()).leave();
      throw error;
    }
  }

  /** The same bytes until there is an answer; new ones, with the same id and number, when the roster is another. */
  async #untilStored(waiting: Waiting, attempt: Attempt): Promise<ReplyBody<'send'>> {
    const { link, state } = this.#options;
    let body = await this.#seal(waiting, attempt);
    const onRepeat = (): void => {
      attempt.isFateKnown = false;
    };
    for (let reseals = 0; ; ) {
      try {
        const reply = await link.request('send', body, { timeoutMs: undefined, onRepeat });
        if (attempt.forms.some((form) => sameBytes(form, reply.headerHash))) return reply;
        attempt.isFateKnown = false;
        throw new ConclaveError('trust', 'the server acknowledged a message that was not sent from here');
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
        if (error.code === 'conflict') {
          await link.pause(error.retryAfterMs ?? 0);
        } else if (error.code === 'stale_roster' && reseals < RESEALS_MAX) {
          // Had an earlier try been stored, the server would have answered with that.
          attempt.isFateKnown = true;
          if (reseals > 0) await link.pause(0);
          reseals += 1;
          await this.#options.refresh();
          await state.ensure(Math.max(error.version ?? 0, state.info.version));
          body = await this.#seal(waiting, attempt);
        } else {
          throw error;
        }
      }
    }
  }

  #hold(): Promise<HeldChain> {
    const { look, senders, state } = this.#options;
    this.#held ??= senders.take(state.info.room, look);
    return this.#held;
  }

  async #seal({ id: messageId, text, strict }: Waiting, attempt: Attempt): Promise<RequestBody<'send'>> {
    const { account, book, clock, me, state } = this.#options;
    const [{ version, members }, { own }] = await Promise.all([this.#trustedMembers(), this.#hold()]);
    const { room, name, password, header = HEADER_LAYOUT_FIRST } = state.info;
    await book.pins.check(name, { room, password });
    await book.pins.sealing(name, room, { password, rosterVersion: version, header });
    await this.#announce(members, strict);
    const roomSecret = password === 0 ? undefined : await book.secret(room, password);
    if (password !== 0 && roomSecret === undefined)
      throw new ConclaveError('needs_password', `the present password of ${name} is not known here`);
    const sealed = await suiteOne.seal({
      messageId,
      room,
      sender: me,
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
      content: { type: 'text', text },
    });
    await book.members.wrote(
      room,
      members.map(({ user }) => user),
    );
    attempt.forms.push(sealed.headerHash);
    return { room, version, header: sealed.header, ciphertext: sealed.ciphertext, wraps: sealed.wraps };
  }

  /** What a header of the room's layout says of it. */
  async #seen(): Promise<Seen | undefined> {
    const { chains, state } = this.#options;
    const { header = HEADER_LAYOUT_FIRST, name, room } = state.info;
    if (header > HEADER_LAYOUT_LAST)
      throw new ConclaveError(
        'unsupported',
        `messages of ${name} have a form (layout ${header}) that this client does not know; update it`,
      );
    if (header === HEADER_LAYOUT_FIRST) return undefined;
    return (await chains.lastOpened(room)) ?? { position: 0, headerHash: new Uint8Array(0) };
  }

  /**
   * Everybody in the roster; nobody may be there by a key that is not accepted now. What was found holds for the next message, too, as
   * long as neither the roster nor any decision about keys has changed.
   */
  async #trustedMembers(): Promise<Trusted> {
    const { account, people, state } = this.#options;
    const { version, members } = await state.currentMembers();
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
    if (!recipients.some(({ user }) => user === this.#options.me))
      throw new ConclaveError('not_a_member', `you are not among the members of ${state.info.name}`);
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
    const { book, me, people, state } = this.#options;
    const { room, name } = state.info;
    const users = members.map(({ user }) => user);
    const others = ((await book.members.unwritten(room, users)) ?? []).filter((user) => user !== me);
    const names: UserName[] = [];
    for (const user of others) names.push((await people.record(user))?.name ?? stranger);
    if (names.length === 0) return;
    if (strict)
      throw new ConclaveError(
        'trust',
        `${names.join(', ')} would read this room for the first time; send once without --strict to accept that`,
      );
    this.#options.notify({ type: 'new-recipients', room: name, users: names });
  }
}

/** Throws when a message would be sealed for a key that is not accepted. */
function refuseSuspects(verdicts: ReadonlyMap<SealingVerdict, readonly UserName[]>): void {
  const fault = (verdict: SealingVerdict, text: (names: string) => string): void => {
    const names = verdicts.get(verdict);
    if (names !== undefined) throw new ConclaveError('trust', text(names.join(', ')));
  };
  fault(
    'changed',
    (names) => `the key of ${names} is not the one that was seen before; compare fingerprints, then trust it`,
  );
  fault(
    'unpinned',
    (names) =>
      `this profile holds as many people of this server as it can, and ${names} would be new: leave the room`,
  );
  fault(
    'replaced',
    (names) =>
      `the server lists keys of ${names} that were replaced: whoever has the old ones would read this`,
  );
}
