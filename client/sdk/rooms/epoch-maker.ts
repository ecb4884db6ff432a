import { concatBytes } from '../../../src/protocol/bytes.ts';
import type { OwnEpoch } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import type { EpochReason, Keying } from '../../../src/protocol/layouts/epoch-record.ts';
import { EPOCH_PART_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { Encapsulations } from '../../crypto/epochs/encapsulations.ts';
import type { EpochMember } from '../../crypto/epochs/epoch-wrap.ts';
import { type MadeEpoch, makeEpoch } from '../../crypto/epochs/make-epoch.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import { plainMembers } from './epoch-book.ts';
import type { EpochJudge, EpochJudgeOptions } from './epoch-judge.ts';
import { MemberPrekeys } from './member-prekeys.ts';
import type { RoomChange } from './room-events.ts';
import type { Trusted } from './trusted-members.ts';

/** An epoch's wraps are sent again when the server lost them, or the connection changed under way. */
const UPLOADS_MAX = 5;
/** Progress is told so often that a person sees it move, and no more; and only of what takes a while. */
const PROGRESS_EVERY = 32;
const PROGRESS_AFTER_MS = 1_000;

export interface EpochMakerOptions extends EpochJudgeOptions {
  readonly link: Link;
  readonly changes: Broadcast<RoomChange>;
}

/** What the next epoch is to be. */
export interface NextEpoch {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly reason: EpochReason;
  readonly keying: Keying;
  readonly trusted: Trusted;
  /** Refuse when a member's prekeys have vanished. */
  readonly strict: boolean;
  /** Of each request; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
}

/**
 * `taken`: there is one already; the server's copy of it, when it was made for this user. `outdated`: a member left meanwhile, and
 * nothing was sent.
 */
export type MakeResult =
  | { readonly kind: 'made' }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'taken'; readonly epoch: OwnEpoch | undefined };

/** Ends the making of an epoch for somebody who has left. */
class Outdated extends Error {}

/** Makes epochs of one room: wraps the key for everybody, and has the server store it. */
export class EpochMaker {
  readonly #options: EpochMakerOptions;
  readonly #judge: EpochJudge;
  readonly #prekeys: MemberPrekeys;
  readonly #encapsulations = new Encapsulations();

  constructor(options: EpochMakerOptions, judge: EpochJudge) {
    this.#options = options;
    this.#judge = judge;
    this.#prekeys = new MemberPrekeys(options);
  }

  /** `isAtIt` is called now and then while keys are being wrapped. Rejects with `trust`, and with what the server refuses but a conflict. */
  async make(next: NextEpoch, isAtIt: () => void): Promise<MakeResult> {
    const { account, book, clock, state } = this.#options;
    const { room, retention } = state.info;
    const members = await this.#members(next);
    const madeAt = clock.wallTime();
    const made = await this.#wrapped(next, members, madeAt, isAtIt);
    if (made === undefined) return { kind: 'outdated' };
    const taken = await this.#stored(made, next.timeoutMs);
    if (taken !== 'stored') return { kind: 'taken', epoch: taken };
    const { held, wraps } = made;
    const plain = wraps.filter(({ usesPrekey }) => !usesPrekey).map(({ user }) => user);
    const kept = await book.epochs.put(room, {
      ...held,
      ...{ keying: next.keying, committer: account.user, commitment: made.commitment },
      ...{ madeAt, usedAt: clock.wallTime(), days: retention, plain: plainMembers(plain) },
    });
    if (kept === 'differs') await this.#judge.split(next.number, held.recordHash);
    return { kind: 'made' };
  }

  /** Undefined: a member has left, so that the server would refuse it. The work on it serves the next one. */
  async #wrapped(
    { number, previousHash, reason, keying, trusted }: NextEpoch,
    members: readonly EpochMember[],
    madeAt: number,
    isAtIt: () => void,
  ): Promise<MadeEpoch | undefined> {
    const { account, changes, clock, roster, state } = this.#options;
    const { room, password: passwordNumber } = state.info;
    this.#encapsulations.keepOnly(members.map(({ user }) => user));
    const tell = progressTeller(members.length, clock, (progress) =>
      changes.tell({ type: 'epoch-progress', room: state.name, ...progress }),
    );
    const epoch = {
      ...{ room, members, madeAt, passwordNumber, number, previousHash, reason, keying },
      ...{ rosterVersion: trusted.version, committer: account.user, keys: account.current.ready },
    };
    const progressed = (done: number): void => {
      if (roster.known.departureAfter(trusted.version) !== undefined) throw new Outdated();
      isAtIt();
      tell(done);
    };
    try {
      const made = await makeEpoch(epoch, progressed, this.#encapsulations.to);
      this.#encapsulations.spent();
      return made;
    } catch (error) {
      if (error instanceof Outdated) return undefined;
      throw error;
    }
  }

  async #members({ keying, trusted, strict, number }: NextEpoch): Promise<readonly EpochMember[]> {
    if (keying === 1) return trusted.members;
    const { members, gone, ownDiffer } = await this.#prekeys.of(trusted.members);
    if (gone.length > 0 && strict)
      throw localError('trust', 'prekeys_gone', { users: gone.map(({ name }) => name).join(', ') });
    const users = gone.map(({ user }): UserId => user);
    if (gone.length > 0) this.#judge.tell('prekeys_gone', users, number);
    if (ownDiffer) this.#judge.tell('own_prekeys_differ', [], 0);
    return members;
  }

  async #stored(
    { record, bodyHash, wraps }: MadeEpoch,
    timeoutMs: number | undefined,
  ): Promise<'stored' | OwnEpoch | undefined> {
    const { link, state } = this.#options;
    const { room } = state.info;
    const bytes = concatBytes(...wraps.map((wrap) => wrap.bytes));
    for (let uploads = 1; ; uploads += 1) {
      try {
        for (let at = 0, part = 0; at < bytes.length; at += EPOCH_PART_BYTES_MAX, part += 1) {
          const some = bytes.slice(at, at + EPOCH_PART_BYTES_MAX);
          await link.request('wraps', { room, bodyHash, part, bytes: some }, { timeoutMs });
        }
        await link.request('epoch', { room, record }, { timeoutMs });
        return 'stored';
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
        if (error.code === 'conflict') return error.details.epoch;
        if (error.code !== 'wraps_missing' || uploads >= UPLOADS_MAX) throw error;
      }
    }
  }
}

/** Tells how many of the keys are made, from a second after the beginning on. Whoever was told of some is told of the last one. */
export function progressTeller(
  of: number,
  clock: Pick<Clock, 'now'>,
  tell: (progress: { readonly done: number; readonly of: number }) => void,
): (done: number) => void {
  const tellAfter = clock.now() + PROGRESS_AFTER_MS;
  let isTold = false;
  return (done) => {
    const isDue = done % PROGRESS_EVERY === 0 && clock.now() >= tellAfter;
    if (!isDue && !(isTold && done === of)) return;
    isTold = true;
    tell({ done, of });
  };
}
