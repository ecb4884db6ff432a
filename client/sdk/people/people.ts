import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import { type ConclaveError, localError } from '../errors.ts';
import type { StateStore } from '../storage/state-store.ts';
import { KeyedTurns } from '../turns.ts';
import { IdentityJudge, type IdentityJudgeOptions } from './identity-judge.ts';
import { IdentityProofs, type IdentityProofsOptions } from './identity-proofs.ts';
import type { OwnAccount } from './own-account.ts';
import { OwnStanding } from './own-standing.ts';
import type { PersonRecord } from './person-record.ts';
import { PersonStore } from './person-store.ts';
import type { PersonView, SealingVerdict } from './person-view.ts';
import type { ShownKey } from './shown.ts';
import type { Trust } from './trust-level.ts';
import * as model from './trust-model.ts';

interface PeopleOptions extends IdentityProofsOptions, IdentityJudgeOptions {
  readonly state: StateStore;
  readonly account: OwnAccount;
}

/** Shown for a user of whom the server never gave an identity; a message of theirs is always marked forged. */
const stranger: UserName = parseUserName('unknown') ?? unreachable();

function unreachable(): never {
  throw new TypeError('a constant does not parse');
}

/**
 * Who the users of a server are to this profile: answers from what is stored, and decisions of a person. What a server shows goes to
 * the judge. Decisions are one at a time for each user, so that a slow lookup of one user holds up nobody else.
 */
export class People {
  readonly #options: PeopleOptions;
  readonly #proofs: IdentityProofs;
  readonly #store: PersonStore;
  readonly #own: OwnStanding;
  readonly #judge: IdentityJudge;
  /** Decisions about one user are one at a time, so that one change makes one notice. */
  readonly #turns = new KeyedTurns<UserId>();

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#proofs = new IdentityProofs(options);
    this.#store = new PersonStore(options.state);
    this.#own = new OwnStanding(options);
    this.#judge = new IdentityJudge(options, this.#store, this.#proofs);
  }

  /**
   * Looks at an identity that the server shows for a user: pins the first one, follows signatures, suspects the rest.
   * Undefined when its own signatures don't hold, or it names somebody else. What it is worth is asked of `standing`, each
   * time it is used.
   */
  async observe(user: UserId, name: UserName, signed: SignedIdentity): Promise<VerifiedIdentity | undefined> {
    const identity = await this.#proofs.verified(signed);
    if (identity === undefined || foldName(identity.document.username) !== foldName(name)) return undefined;
    if (!this.#own.concerns(user, name))
      await this.#turns.run(user, () => this.#judge.judge({ user, name, signed, identity }));
    return identity;
  }

  /** For one decision about this user, who is shown under this name. */
  async view(user: UserId, name: UserName): Promise<PersonView> {
    return this.#own.concerns(user, name) ? this.#own.view(user) : this.#store.view(user);
  }

  async standing(user: UserId, identity: VerifiedIdentity): Promise<model.Standing> {
    return (await this.view(user, identity.document.username)).standingOf(identity);
  }

  async trustOf(user: UserId, key: Fingerprint): Promise<Trust> {
    const view = user === this.#options.account.user ? this.#own.view(user) : await this.#store.view(user);
    return view.trustIn(key);
  }

  /** Of an identity as a roster lists it. `changed` also when its own signatures don't hold, and when it is of another name. */
  async listedTrust(user: UserId, identity: VerifiedIdentity | undefined): Promise<Trust> {
    if (identity === undefined) return 'changed';
    const view = await this.view(user, identity.document.username);
    return view.standingOf(identity) === 'changed' ? 'changed' : view.trustIn(identity.fingerprint);
  }

  /** Asked at the moment of sealing: what was accepted when a roster was read may be so no longer. */
  async sealingVerdict(user: UserId, identity: VerifiedIdentity): Promise<SealingVerdict> {
    const view = await this.view(user, identity.document.username);
    if (!view.isKnown) return 'unpinned';
    const standing = view.standingOf(identity);
    if (standing !== 'former') return standing;
    const isFresh = model.isWithinGrace(await view.since(), this.#options.clock.wallTime());
    return view.wasCurrent(identity.fingerprint) && isFresh ? 'within_grace' : 'replaced';
  }

  /** As long as it is the same, no decision about anybody's keys has changed: not by another process either. */
  generation(): Promise<number> {
    return this.#store.generation();
  }

  /** `listed`: what a roster calls a user of whom nothing is held here. */
  async nameOf(user: UserId, listed: UserName = stranger): Promise<UserName> {
    const { account } = this.#options;
    return user === account.user ? account.name : ((await this.#store.record(user))?.name ?? listed);
  }

  /** The user's name, if it is this user's here and nobody else's. */
  async ownedName(user: UserId): Promise<UserName | undefined> {
    const record = await this.#store.record(user);
    return (await this.#store.ownsName(user, record)) ? record?.name : undefined;
  }

  async isHeld(user: UserId): Promise<boolean> {
    return (await this.#store.record(user)) !== undefined;
  }

  /** Undefined when the document's own signatures don't hold. */
  verified(signed: SignedIdentity): Promise<VerifiedIdentity | undefined> {
    return this.#proofs.verified(signed);
  }

  /** Of the accepted key. */
  async currentTrust(user: UserId): Promise<Trust> {
    const record = await this.#store.record(user);
    const current = await this.#currentOf(user, record);
    return current === undefined ? 'changed' : model.trustIn(record, true, current.fingerprint);
  }

  /** The identity of a user with this key, if signatures lead from it to the accepted one, or to it from there. */
  async acceptedIdentity(user: UserId, key: Fingerprint): Promise<VerifiedIdentity | undefined> {
    const record = await this.#store.record(user);
    const current = await this.#currentOf(user, record);
    if (record === undefined || current === undefined || current.fingerprint === key) return current;
    const signed = await this.#proofs.withKey(user, record.current.document, key);
    const identity = signed === undefined ? undefined : await this.observe(user, record.name, signed);
    if (identity === undefined) return undefined;
    return (await this.standing(user, identity)) === 'changed' ? undefined : identity;
  }

  /**
   * Takes the key that a person was shown, if it is still the one that waits; of somebody who was not pinned, since the profile
   * holds too many people, the first one. Asks no server.
   */
  async accept({ user, signed }: ShownKey): Promise<void> {
    const identity = await this.#proofs.verified(signed);
    if (identity === undefined) throw movedOn();
    await this.#turns.run(user, async () => {
      const accepted = await this.#store.change(user, (record) =>
        record === undefined
          ? model.pin(identity.document.username, signed, identity)
          : model.accept(record, signed, identity),
      );
      if (accepted === undefined) throw movedOn();
      await this.#store.giveName(user, accepted.name);
    });
  }

  /** Marks the key that people compared, if it is still the accepted one. Asks no server. */
  async compare({ user, signed }: ShownKey): Promise<void> {
    const identity = await this.#proofs.verified(signed);
    if (identity === undefined) throw movedOn();
    await this.#turns.run(user, async () => {
      if ((await this.standing(user, identity)) === 'changed') {
        const { username } = identity.document;
        throw localError('trust', 'key_not_accepted', { user: username });
      }
      const compared = await this.#store.change(user, (record) =>
        record === undefined ? undefined : model.compare(record, identity.fingerprint),
      );
      if (compared === undefined) throw movedOn();
    });
  }

  async #currentOf(user: UserId, record: PersonRecord | undefined): Promise<VerifiedIdentity | undefined> {
    return (await this.#store.ownsName(user, record)) ? this.#proofs.currentIn(record) : undefined;
  }
}

function movedOn(): ConclaveError {
  return localError('trust', 'key_moved');
}
