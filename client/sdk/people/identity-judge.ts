import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { VerifiedIdentity } from '../../crypto/identity.ts';
import type { Clock } from '../connection/clock.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { IdentityProofs } from './identity-proofs.ts';
import type { PersonRecord } from './person-record.ts';
import type { PersonStore } from './person-store.ts';
import * as model from './trust-model.ts';

/** No honest server shows a user so many people; a hostile one could fill the disk with them. */
const PEOPLE_MAX = 100_000;

export interface IdentityJudgeOptions {
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly notices: Pick<Broadcast<Notice>, 'tell'>;
  /** People that are pinned because the server shows them. Default: PEOPLE_MAX. */
  readonly peopleMax?: number;
}

/** An identity that a server shows, whose own signatures hold. */
interface Shown {
  readonly user: UserId;
  readonly name: UserName;
  readonly signed: SignedIdentity;
  readonly identity: VerifiedIdentity;
}

/** Applies the rules of trust-model.ts to what a server shows: pins the first identity, follows signatures, suspects the rest. */
export class IdentityJudge {
  readonly #options: IdentityJudgeOptions;
  readonly #store: PersonStore;
  readonly #proofs: IdentityProofs;
  #toldFull = false;

  constructor(options: IdentityJudgeOptions, store: PersonStore, proofs: IdentityProofs) {
    this.#options = options;
    this.#store = store;
    this.#proofs = proofs;
  }

  /** To be called for one identity of a user at a time. */
  async judge(shown: Shown): Promise<void> {
    const { user, name, identity } = shown;
    const record = await this.#store.record(user);
    const { peopleMax = PEOPLE_MAX } = this.#options;
    if (record === undefined && !(await this.#store.hasRoom(peopleMax))) return this.#tellFull(peopleMax);
    const isNamed = record === undefined || foldName(record.name) === foldName(name);
    if (!isNamed || !(await this.#store.claimName(user, name))) return this.#suspect(shown);
    if (record === undefined) return this.#pin(shown);
    if (model.standingOf(record, true, identity) !== 'changed') return;
    const current = await this.#proofs.currentIn(record);
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
    if (pinned === undefined) await this.judge(shown);
  }

  /** Forgetting somebody would make a changed key look like a first contact: so nobody is forgotten, and nobody new is pinned. */
  #tellFull(peopleMax: number): void {
    if (!this.#toldFull) this.#options.notices.tell({ type: 'people-full', peopleMax });
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
    this.#options.notices.tell({ type: 'key-rotated', user: before.name, fingerprint, wasVerified });
  }

  async #suspect({ user, name, signed, identity: { fingerprint } }: Shown): Promise<void> {
    const suspected = await this.#store.change(user, (record) => model.suspect(record, name, signed));
    if (suspected !== undefined) this.#options.notices.tell({ type: 'key-changed', user: name, fingerprint });
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
}

/** What was proven starts from the accepted identity of that moment; another process may have decided otherwise since. */
function isUnmoved(before: PersonRecord, now: PersonRecord | undefined): now is PersonRecord {
  return now !== undefined && sameBytes(before.current.document, now.current.document);
}
