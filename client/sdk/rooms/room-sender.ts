import { utf8 } from '../../../src/protocol/bytes.ts';
import {
  type ChainId,
  type MessageId,
  parseChainId,
  parseMessageId,
  type UserId,
} from '../../../src/protocol/ids.ts';
import {
  HEADER_LAYOUT_FIRST,
  HEADER_LAYOUT_LAST,
  type Seen,
} from '../../../src/protocol/layouts/message-header.ts';
import { TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import type { Member } from '../../crypto/suite.ts';
import { suiteOne } from '../../crypto/suite-one.ts';
import { randomBytes } from '../../crypto/web-crypto.ts';
import type { SendOptions, Sent } from '../api.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError } from '../errors.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomState } from './room-state.ts';

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
  readonly state: RoomState;
  /** Asks the server for the room's roster version and password number again. */
  refresh(): Promise<void>;
}

interface Waiting {
  readonly id: MessageId;
  readonly text: string;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends the messages of one room in their order, one at a time: each header names the hash of what the server stored
 * before it, which the reply tells. The chain lives as long as this client, or until a message is given up whose fate is not
 * known: its number may be taken.
 */
export class RoomSender {
  readonly #options: RoomSenderOptions;
  #chain: ChainId = fresh(parseChainId);
  readonly #waiting: Waiting[] = [];
  #number = 0;
  #previousHash: Uint8Array = new Uint8Array(0);
  #pumping = false;

  constructor(options: RoomSenderOptions) {
    this.#options = options;
  }

  send(text: string, { onQueued }: SendOptions = {}): Promise<Sent> {
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
      const id = fresh(parseMessageId);
      this.#waiting.push({ id, text, resolve, reject });
      onQueued?.(id);
      if (!this.#pumping) this.#pump().catch(reject);
    });
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        next.resolve(await this.#deliver(next));
      } catch (error) {
        next.reject(error);
      }
      this.#waiting.shift();
    }
    this.#pumping = false;
  }

  /** The same bytes until there is an answer; new ones, with the same id and number, when the roster is another. */
  async #deliver({ id, text }: Waiting): Promise<Sent> {
    const { link, state } = this.#options;
    let body = await this.#seal(id, text);
    let isFateKnown = true;
    const onRepeat = (): void => {
      isFateKnown = false;
    };
    for (let reseals = 0; ; ) {
      try {
        const { seq, at, headerHash } = await link.request('send', body, { timeoutMs: undefined, onRepeat });
        this.#number += 1;
        this.#previousHash = headerHash;
        return { room: state.info.name, seq, id, at };
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
        if (error.code === 'conflict') {
          await link.pause(error.retryAfterMs ?? 0);
        } else if (error.code === 'stale_roster' && reseals < RESEALS_MAX) {
          if (reseals > 0) await link.pause(0);
          reseals += 1;
          await this.#options.refresh();
          await state.ensure(Math.max(error.version ?? 0, state.info.version));
          // Had an earlier try been stored, the server would have answered with that.
          isFateKnown = true;
          body = await this.#seal(id, text);
        } else {
          if (!isFateKnown) this.#beginChain();
          throw error;
        }
      }
    }
  }

  #beginChain(): void {
    this.#chain = fresh(parseChainId);
    this.#number = 0;
    this.#previousHash = new Uint8Array(0);
  }

  async #seal(messageId: MessageId, text: string): Promise<RequestBody<'send'>> {
    const { account, book, clock, me, state } = this.#options;
    const { version, members } = await this.#trustedMembers();
    const { room, name, password } = state.info;
    await book.check(name, { room, locked: password > 0 });
    const roomSecret = password === 0 ? undefined : await book.secret(room, password);
    if (password !== 0 && roomSecret === undefined)
      throw new ConclaveError('needs_password', `the present password of ${name} is not known here`);
    const sealed = await suiteOne.seal({
      messageId,
      room,
      sender: me,
      keys: account.current.ready,
      chain: this.#chain,
      number: this.#number,
      previousHash: this.#previousHash,
      rosterVersion: version,
      members,
      passwordNumber: password,
      roomSecret,
      sentAt: clock.wallTime(),
      seen: await this.#seen(),
      content: { type: 'text', text },
    });
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

  /** Everybody in the roster; nobody may be there by a key that is not accepted. */
  async #trustedMembers(): Promise<{ readonly version: number; readonly members: readonly Member[] }> {
    const { me, people, clock, state } = this.#options;
    const { version, members } = await state.currentMembers();
    const suspects = members.filter(({ seen }) => !seen.accepted).map(({ name }) => name);
    if (suspects.length > 0) {
      throw new ConclaveError(
        'trust',
        `the key of ${suspects.join(', ')} is not the one that was seen before; compare fingerprints, then trust it`,
      );
    }
    const now = clock.wallTime();
    const outdated = members
      .filter(
        ({ user, seen }) => seen.identity !== undefined && people.replaced.has(user, seen.identity, now),
      )
      .map(({ name }) => name);
    if (outdated.length > 0) {
      throw new ConclaveError(
        'trust',
        `the server lists keys of ${outdated.join(', ')} that were replaced: whoever has the old ones would read this`,
      );
    }
    if (!members.some(({ user }) => user === me))
      throw new ConclaveError('not_a_member', `you are not among the members of ${state.info.name}`);
    const recipients = members.flatMap(({ user, seen }) =>
      seen.identity === undefined
        ? []
        : [{ user, fingerprint: seen.identity.fingerprint, rsaEncrypt: seen.identity.rsaEncrypt }],
    );
    return { version, members: recipients };
  }
}

function fresh<Id>(parse: (value: unknown) => Id | undefined): Id {
  const id = parse(randomBytes(16));
  if (id === undefined) throw new TypeError('an id is 16 bytes');
  return id;
}
