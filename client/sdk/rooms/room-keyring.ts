import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import { parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import type { StoredMessage } from '../../../src/protocol/message-requests.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import { recipientsHash } from '../../crypto/recipients.ts';
import type { AcceptedIdentity, Reader } from '../../crypto/suite.ts';
import { ConclaveError } from '../errors.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { People } from '../people/people.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomRoster } from './room-roster.ts';
import type { RoomState } from './room-state.ts';

/** Hashes of member lists that were computed once; one is 32 bytes. */
const RECIPIENT_HASHES_MAX = 256;

export interface RoomKeyringOptions {
  readonly account: OwnAccount;
  readonly people: People;
  readonly chains: ChainStore;
  readonly book: RoomBook;
  readonly state: RoomState;
  readonly roster: RoomRoster;
}

/** What copies of one room are opened with: own keys and secrets, and what this profile believes of their senders. */
export class RoomKeyring {
  readonly #options: RoomKeyringOptions;
  readonly #hashes = new Map<number, Uint8Array>();

  constructor(options: RoomKeyringOptions) {
    this.#options = options;
  }

  reader(): Reader {
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
  async ensureRosters(copies: readonly StoredMessage[]): Promise<void> {
    for (const { header } of copies) {
      const parsed = parseMessageHeader(header);
      if (!parsed.ok) continue;
      await this.#options.roster.ensure(parsed.header.rosterVersion).catch((error: unknown) => {
        if (!(error instanceof ConclaveError) || error.code !== 'conflict') throw error;
      });
    }
  }

  async #accepted(
    user: UserId,
    claimed: Fingerprint,
    version: number,
  ): Promise<readonly AcceptedIdentity[] | 'no_member'> {
    const { account, book, roster, state } = this.#options;
    const { info, entered } = state;
    if (roster.known.wasMember(user, version) === false) return 'no_member';
    const own = account.identities.find(({ ready }) => ready.fingerprint === claimed);
    const identity = user === account.user ? own?.verified : await this.#acceptedOf(user, claimed);
    if (identity === undefined) return [];
    const isMember = roster.known.find(user) !== undefined;
    const end = await book.ends.endIn(info.room, user, identity, { isMember, entered });
    const { fingerprint, ed25519Verify } = identity;
    return [{ fingerprint, ed25519Verify, replacedAt: end?.version, lastPosition: end?.head }];
  }

  async #acceptedOf(user: UserId, claimed: Fingerprint): Promise<VerifiedIdentity | undefined> {
    const { people, roster } = this.#options;
    for (const { identity } of roster.known.stretchesOf(user))
      if (identity?.fingerprint === claimed && (await people.standing(user, identity)) !== 'changed')
        return identity;
    // Somebody who left, or whose keys were replaced before the roster that is known here.
    return people.acceptedIdentity(user, claimed);
  }

  async #recipients(version: number): Promise<Uint8Array | undefined> {
    const known = this.#hashes.get(version);
    if (known !== undefined) return known;
    const members = this.#options.roster.known.membersAt(version);
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
}
