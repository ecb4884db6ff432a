import type { MessageId } from '../../../src/protocol/ids.ts';
import type { SentContent } from '../../../src/protocol/layouts/content.ts';
import { type Seen, SUITE_TWO } from '../../../src/protocol/layouts/message-header.ts';
import { HEADER_LAYOUT_FIRST, HEADER_LAYOUT_LAST, SUITE_FIRST } from '../../../src/protocol/limits.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import { suiteTwo } from '../../crypto/epochs/suite-two.ts';
import type { MessageParts, SealedMessage } from '../../crypto/suite.ts';
import { suiteOne } from '../../crypto/suite-one.ts';
import { texts } from '../../texts/texts.ts';
import type { Clock } from '../connection/clock.ts';
import { errorWith, hasCode, localError } from '../errors.ts';
import type { RoomEpochs } from './room-epochs.ts';
import type { OwnChain } from './sender-chains.ts';
import type { Trusted, TrustedMembers, TrustedMembersOptions } from './trusted-members.ts';

export interface MessageSealerOptions extends TrustedMembersOptions {
  readonly clock: Clock;
  readonly chains: ChainStore;
  readonly epochs: RoomEpochs;
  readonly members: TrustedMembers;
  /** Asks the server how the room is now. */
  readonly room: { refresh(): Promise<void> };
}

/** A message is sealed anew for a room that changed meanwhile at most so often, before the server is asked how it stands. */
const TRIES_MAX = 16;

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

  constructor(options: MessageSealerOptions) {
    this.#options = options;
  }

  /** Rejects with `trust`, `needs_password`, `not_a_member`, `unsupported`, and with `stale_roster` when the room does not come to rest. */
  async seal(draft: Draft, chain: Promise<{ readonly own: OwnChain }>): Promise<SealedDraft> {
    const { epochs, state } = this.#options;
    const begun: Begun = {};
    try {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const sealed = await this.#sealNow(draft, chain, begun);
        if (sealed !== undefined) return sealed;
      }
      throw errorWith('stale_roster', texts.refusals.stale_roster, { room: state.name });
    } finally {
      epochs.giveUp();
    }
  }

  /** Undefined: it took a while, and the room has other members, another password, or another suite by now. */
  async #sealNow(
    draft: Draft,
    chain: Promise<{ readonly own: OwnChain }>,
    begun: Begun,
  ): Promise<SealedDraft | undefined> {
    const { book, members, state } = this.#options;
    const [trusted, { own }] = await Promise.all([members.now(), chain]);
    begun.at ??= trusted.version;
    const { room, name: roomName, password, header = HEADER_LAYOUT_FIRST, suite = SUITE_FIRST } = state.info;
    const { name } = state;
    await book.pins.check(roomName, { room, password }, name);
    try {
      await book.pins.sealing(name, room, { password, rosterVersion: trusted.version, header, suite });
    } catch (error) {
      if (begun.hasLooked === true || !hasCode(error, 'trust')) throw error;
      // Another process of this profile may have heard of more: nobody is accused of what was said before.
      begun.hasLooked = true;
      await this.#options.room.refresh();
      return undefined;
    }
    await members.announce(trusted, draft.strict);
    const roomSecret = password === 0 ? undefined : await book.secret(room, password);
    if (password !== 0 && roomSecret === undefined)
      throw localError('needs_password', 'password_not_known', { room: name });
    const sealed = await this.#bySuite(suite, trusted, draft, {
      ...{ own, password, roomSecret, begunAt: begun.at },
    });
    if (sealed === undefined) return undefined;
    const users = trusted.members.map(({ user }) => user);
    await book.members.wrote(room, users);
    const { version, header: headerBytes, headerHash, ciphertext, wraps } = sealed;
    return { body: { room, version, header: headerBytes, ciphertext, wraps }, headerHash };
  }

  async #bySuite(
    suite: number,
    trusted: Trusted,
    { id: messageId, content, strict }: Draft,
    { own, password, roomSecret, begunAt }: SealingState,
  ): Promise<(SealedMessage & { readonly version: number }) | undefined> {
    const { account, clock, epochs, state } = this.#options;
    const { name } = state;
    const { room } = state.info;
    const parts = (): Omit<MessageParts, 'rosterVersion' | 'passwordNumber'> => ({
      ...{ messageId, room, content, roomSecret, sender: account.user, keys: account.current.ready },
      ...{ chain: own.chain, number: own.number, previousHash: own.previousHash },
      sentAt: clock.wallTime(),
    });
    switch (suite) {
      case SUITE_FIRST: {
        const { version, members } = trusted;
        const seen = await this.#seen();
        const message = { ...parts(), seen, members, rosterVersion: version, passwordNumber: password };
        return { ...(await suiteOne.seal(message)), version };
      }
      case SUITE_TWO: {
        const epoch = await epochs.forSealing(trusted, { strict, begunAt });
        if (epoch?.passwordNumber !== password) return undefined;
        const message = { ...parts(), epoch, seen: await this.#lastOpened() };
        const sealed = await suiteTwo.seal(message);
        await epochs.used(epoch.number, clock.wallTime());
        return { ...sealed, version: epoch.rosterVersion };
      }
      default:
        throw localError('unsupported', 'form_unknown', { room: name });
    }
  }

  /** What a header of the room's layout says of it. */
  async #seen(): Promise<Seen | undefined> {
    const { name } = this.#options.state;
    const { header = HEADER_LAYOUT_FIRST } = this.#options.state.info;
    if (header > HEADER_LAYOUT_LAST) throw localError('unsupported', 'form_unknown', { room: name });
    return header === HEADER_LAYOUT_FIRST ? undefined : this.#lastOpened();
  }

  async #lastOpened(): Promise<Seen> {
    const { chains, state } = this.#options;
    return (await chains.lastOpened(state.info.room)) ?? { position: 0, headerHash: new Uint8Array(0) };
  }
}

interface Begun {
  /** The version of the roster that the message was first sealed for. */
  at?: number;
  /** The server was asked again, since what is known here differs from what is pinned. */
  hasLooked?: boolean;
}

interface SealingState {
  readonly own: OwnChain;
  readonly password: number;
  readonly roomSecret: Uint8Array | undefined;
  readonly begunAt: number;
}
