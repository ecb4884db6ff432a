import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Fingerprint, RoomId, UserId } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import { ConclaveError } from '../errors.ts';
import type { Notice } from '../notice.ts';
import type { StateStore } from '../storage/state-store.ts';
import { KeyedTurns } from '../turns.ts';
import { IdentityProofs, type IdentityProofsOptions } from './identity-proofs.ts';
import { type KeyEnd, KeyEnds } from './key-ends.ts';
import type { OwnAccount } from './own-account.ts';
import { OwnStanding } from './own-standing.ts';
import type { PersonRecord } from './person-record.ts';
import { PersonStore } from './person-store.ts';
import type { PersonView, SealingVerdict } from './person-view.ts';
import type { ShownKey } from './shown.ts';
import type { Trust } from './trust-level.ts';
import * as model from './trust-model.ts';

/** No honest server shows a user so many people; a hostile one could fill the disk with them. */
export const PEOPLE_MAX = 100_000;

interface PeopleOptions extends IdentityProofsOptions {
  readonly state: StateStore;
  readonly account: OwnAccount;
  /** The user's own id, as the server gave it at login. */
  me(): UserId;
  notify(notice: Notice): void;
  /** People that are pinned because the server shows them. Default: PEOPLE_MAX. */
  readonly peopleMax?: number;
}

/** A stretch of membership, as a roster lists it. */
interface ListedIdentity {
  readonly room: RoomId;
  readonly user: UserId;
  readonly identity: VerifiedIdentity;
  readonly since: number;
  readonly left?: number | undefined;
}

/** Roster version and head of a room as one reply to `enter` names them: above that head nothing names a lower version. */
export interface EnteredAt {
  readonly version: number;
  readonly head: number;
}

/** An identity that a server shows, whose own signatures hold. */
interface Shown {
  readonly user: UserId;
  readonly name: UserName;
  readonly signed: SignedIdentity;
  readonly identity: VerifiedIdentity;
}

/**
 * Who the users of a server are to this profile. The rules are in trust-model.ts; here they are applied to what is stored,
 * one decision at a time for each user, so that a slow lookup of one user holds up nobody else.
 */
export class People {
  /** Where replaced keys end, room by room. */
  readonly ends: KeyEnds;
  readonly #options: PeopleOptions;
  readonly #proofs: IdentityProofs;
  readonly #store: PersonStore;
  readonly #own: OwnStanding;
  /** Decisions about one user are one at a time, so that one change makes one notice. */
  readonly #turns = new KeyedTurns<UserId>();
  #toldFull = false;

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.ends = new KeyEnds(options.state);
    this.#proofs = new IdentityProofs(options);
    this.#store = new PersonStore(options.state);
    this.#own = new OwnStanding(options);
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
      await this.#turns.run(user, () => this.#judge({ user, name, signed, identity }));
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
    const view = user === this.#options.me() ? this.#own.view(user) : await this.#store.view(user);
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

  /** A room's roster lists this identity: from there on, keys before it are not believed in that room. */
  async listed({ room, user, identity, since, left }: ListedIdentity, entered: EnteredAt): Promise<void> {
    const view = await this.view(user, identity.document.username);
    const standing = view.standingOf(identity);
    if (standing === 'changed') return;
    const head = since <= entered.version ? entered.head : undefined;
    await this.ends.note(room, user, identity.document.sequence, { version: since, head });
    if (standing === 'former' && left === undefined) await this.#endStale(room, user, view, entered);
  }

  /** Where this key stops being believed in a room. `isMember`: the roster lists the user now. */
  async endIn(
    room: RoomId,
    user: UserId,
    identity: VerifiedIdentity,
    { isMember, entered }: { readonly isMember: boolean; readonly entered: EnteredAt },
  ): Promise<KeyEnd | undefined> {
    const { sequence } = identity.document;
    const known = await this.ends.endOf(room, user, sequence);
    if (known !== undefined || !isMember) return known;
    const view = await this.view(user, identity.document.username);
    if (view.standingOf(identity) === 'current') return known;
    await this.#endStale(room, user, view, entered);
    return this.ends.endOf(room, user, sequence);
  }

  record(user: UserId): Promise<PersonRecord | undefined> {
    return this.#store.record(user);
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

  /** Takes the key that a person was shown, if it is still the one that waits. Asks no server. */
  async accept({ user, signed }: ShownKey): Promise<void> {
    const identity = await this.#proofs.verified(signed);
    await this.#turns.run(user, async () => {
      const accepted = await this.#store.change(user, (record) =>
        record === undefined || identity === undefined ? undefined : model.accept(record, signed, identity),
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
        throw new ConclaveError('trust', `the key of ${username} is not accepted; trust it first`);
      }
      const compared = await this.#store.change(user, (record) =>
        record === undefined ? undefined : model.compare(record, identity.fingerprint),
      );
      if (compared === undefined) throw movedOn();
    });
  }

  /** A room goes on listing a key that was replaced longer ago than a roster may be behind: it ends here. */
  async #endStale(room: RoomId, user: UserId, view: PersonView, { version, head }: EnteredAt): Promise<void> {
    if (model.isWithinGrace(await view.since(), this.#options.clock.wallTime())) return;
    if (view.sequence !== undefined)
      await this.ends.note(room, user, view.sequence, { version: version + 1, head });
  }

  async #judge(shown: Shown): Promise<void> {
    const { user, name, identity } = shown;
    const record = await this.#store.record(user);
    const { peopleMax = PEOPLE_MAX } = this.#options;
    if (record === undefined && !(await this.#store.hasRoom(peopleMax))) return this.#tellFull(peopleMax);
    const isNamed = record === undefined || foldName(record.name) === foldName(name);
    if (!isNamed || !(await this.#store.claimName(user, name))) return this.#suspect(shown);
    if (record === undefined) return this.#pin(shown);
    if (model.standingOf(record, true, identity) !== 'changed') return;
    const current = await this.#currentIn(record);
    if (current === undefined) return this.#suspect(shown);
    if (identity.document.sequence <= current.document.sequence) {
      if (!(await this.#isEarlier(record, shown))) await this.#suspect(shown);
      return;
    }
    const steps = await this.#proofs.steps(user, current, identity);
    if (steps === undefined) await this.#suspect(shown);
    else await this.#follow(record, steps, shown);
  }

  async #pin(shown: Shown): Promise<void> {
    const { user, name, signed, identity } = shown;
    // Another process may have been first: its pin stays.
    const pinned = await this.#store.change(user, (record) =>
      record === undefined ? model.pin(name, signed, identity) : undefined,
    );
    if (pinned === undefined) await this.#judge(shown);
  }

  /** Forgetting somebody would make a changed key look like a first contact: so nobody is forgotten, and nobody new is pinned. */
  #tellFull(peopleMax: number): void {
    if (!this.#toldFull) this.#options.notify({ type: 'people-full', peopleMax });
    this.#toldFull = true;
  }

  async #follow(
    before: PersonRecord,
    steps: readonly VerifiedIdentity[],
    { user, signed, identity: { fingerprint } }: Shown,
  ): Promise<void> {
    const now = this.#options.clock.wallTime();
    const followed = await this.#store.change(user, (record) =>
      isUnmoved(before, record) ? model.follow(record, steps, signed, now) : undefined,
    );
    if (followed === undefined) return;
    const wasVerified = model.isVerified(before);
    this.#options.notify({ type: 'key-rotated', user: before.name, fingerprint, wasVerified });
  }

  async #suspect({ user, name, signed, identity: { fingerprint } }: Shown): Promise<void> {
    const suspected = await this.#store.change(user, (record) => model.suspect(record, name, signed));
    if (suspected !== undefined) this.#options.notify({ type: 'key-changed', user: name, fingerprint });
  }

  /** Whether signatures lead from this identity to the accepted one; what is proven so is remembered. */
  async #isEarlier(before: PersonRecord, { user, identity }: Shown): Promise<boolean> {
    const { document } = before.current;
    const earlier = await this.#proofs.before(user, document, identity.fingerprint);
    if (earlier.every(({ fingerprint }) => fingerprint !== identity.fingerprint)) return false;
    await this.#store.change(user, (record) =>
      isUnmoved(before, record) ? model.learnEarlier(record, earlier) : undefined,
    );
    return true;
  }

  async #currentOf(user: UserId, record: PersonRecord | undefined): Promise<VerifiedIdentity | undefined> {
    return (await this.#store.ownsName(user, record)) ? this.#currentIn(record) : undefined;
  }

  async #currentIn(record: PersonRecord | undefined): Promise<VerifiedIdentity | undefined> {
    return record === undefined || record.keys.length === 0
      ? undefined
      : this.#proofs.verified(record.current);
  }
}

/** What was proven starts from the accepted identity of that moment; another process may have decided otherwise since. */
function isUnmoved(before: PersonRecord, now: PersonRecord | undefined): now is PersonRecord {
  return now !== undefined && sameBytes(before.current.document, now.current.document);
}

function movedOn(): ConclaveError {
  return new ConclaveError('trust', 'the key is no longer the one that was shown; look at it again');
}
