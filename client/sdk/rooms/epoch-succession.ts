import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { OwnEpoch } from '../../../src/protocol/entities.ts';
import type { Keying } from '../../../src/protocol/layouts/epoch-record.ts';
import { EPOCH_AGE_MS, EPOCH_GAP_MAX, HASH_BYTES } from '../../../src/protocol/limits.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import { texts } from '../../texts/texts.ts';
import { errorWith, hasCode, localError } from '../errors.ts';
import type { KnownEpoch } from './epoch-book.ts';
import type { EpochJudge } from './epoch-judge.ts';
import { EpochMaker, type EpochMakerOptions, type NextEpoch } from './epoch-maker.ts';
import type { EpochReading } from './epoch-reading.ts';

/** One that its maker calls a week old, and the server younger than six days, is called old again no sooner. */
const AGE_AGAIN_MS = 86_400_000;
/** After it there are numbers for an epoch that follows, and for one that leaves one out. */
const EPOCH_NUMBER_LAST = Number.MAX_SAFE_INTEGER - 2;

type Wanted = Pick<NextEpoch, 'reason' | 'trusted' | 'strict' | 'timeoutMs'>;

/** Which epoch follows those that the server shows and those that are known here, and what becomes of it. */
export class EpochSuccession {
  readonly #options: EpochMakerOptions;
  readonly #maker: EpochMaker;
  readonly #reading: EpochReading;
  /** The number of which the server has another record than is known here, after a person accepted that. */
  #contradictedAt: number | undefined;

  constructor(options: EpochMakerOptions, judge: EpochJudge, reading: EpochReading) {
    this.#options = options;
    this.#maker = new EpochMaker(options, judge);
    this.#reading = reading;
  }

  /** The epoch that the server has in place of one that was to be made, when it was made for this user. `outdated`: see MakeResult. */
  async make({ reason, ...asked }: Wanted): Promise<OwnEpoch | 'outdated' | undefined> {
    const { book, clock, state } = this.#options;
    const { room } = state.info;
    // Checked before the lease is taken, so that nobody waits for an epoch that this client cannot make.
    await this.#lastNumber();
    if (await this.#reading.waitedForOther()) return undefined;
    const last = await this.#lastNumber();
    const found = last === 0 ? undefined : await book.epochs.find(room, last);
    const before = found?.isPast === true ? undefined : found;
    // The one before was not made for this user: its hash is not known here, so the number does not follow it either.
    const isUnknown = last > 0 && (before === undefined || this.#contradictedAt === last);
    const next = {
      number: isUnknown ? last + 2 : last + 1,
      previousHash: before?.recordHash ?? new Uint8Array(isUnknown ? HASH_BYTES : 0),
      ...{ reason, ...asked },
      keying: await this.#keying(),
    };
    if (reason === 'repair') await book.epochs.repaired(room, clock.wallTime());
    // What the server has by now shows at the next look.
    this.#reading.stale();
    const result = await this.#maker
      .make(next, () => this.#reading.renew())
      .catch((error: unknown) => {
        const isAhead = next.number > (state.info.epoch ?? 0) + 1 && hasCode(error, 'bad_request');
        // What it showed before, the server may have lost, or never had. Only entering the room again tells.
        throw isAhead ? errorWith('unknown_epoch', texts.refusals.unknown_epoch) : error;
      });
    if (result.kind === 'outdated') return 'outdated';
    if (result.kind === 'made') {
      this.#reading.made(next.number);
      return undefined;
    }
    const { epoch: taken } = result;
    // There is one that was not made for this user. Only entering the room again tells its number, which the next one has to follow.
    if (taken === undefined) throw errorWith('unknown_epoch', texts.refusals.unknown_epoch);
    await this.#reading.look([taken]);
    // A person may have accepted that the server has another record there: then the next epoch follows neither.
    if (taken.number === last && (await this.known(taken)) === undefined) this.#contradictedAt = last;
    return taken;
  }

  /** What is known of exactly this record. */
  async known({ number, record }: OwnEpoch): Promise<KnownEpoch | undefined> {
    const { book, state } = this.#options;
    const known = await book.epochs.find(state.info.room, number);
    return known !== undefined && sameBytes(known.recordHash, await sha256(record)) ? known : undefined;
  }

  /** Whoever made it may have dated it back, and each attempt to follow it is work. */
  async noteYoung(number: number, taken: OwnEpoch | 'outdated' | undefined): Promise<void> {
    const { book, clock, state } = this.#options;
    if (typeof taken === 'object' && taken.number === number)
      await book.epochs.postpone(state.info.room, number, clock.wallTime() - EPOCH_AGE_MS + AGE_AGAIN_MS);
  }

  /** The one that the next epoch follows. Rejects with `trust` when the server would not take that, or there is none after it. */
  async #lastNumber(): Promise<number> {
    const { book, state } = this.#options;
    const { name: room } = state;
    const shown = await this.#reading.last();
    const { highest } = await book.epochs.of(state.info.room);
    if (highest > shown + EPOCH_GAP_MAX)
      throw localError('trust', 'epochs_back', { room, last: shown, number: highest });
    const last = Math.max(shown, highest);
    if (last > EPOCH_NUMBER_LAST) throw localError('trust', 'epochs_endless', { room });
    return last;
  }

  /** It only rises. Rejects with `trust` when the gateway no longer has what the room's keying needs. */
  async #keying(): Promise<Keying> {
    const { book, link, state } = this.#options;
    if (await link.once(undefined, async (connection) => connection.has('prekeys'))) return 2;
    const { keying } = await book.epochs.of(state.info.room);
    if (keying === 2) throw localError('trust', 'keying_back', { room: state.name });
    return 1;
  }
}
