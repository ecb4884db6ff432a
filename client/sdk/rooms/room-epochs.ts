import type { OwnEpoch } from '../../../src/protocol/entities.ts';
import type { EpochReason } from '../../../src/protocol/layouts/epoch-record.ts';
import { EPOCH_AGE_MS, EPOCH_REPAIR_INTERVAL_MS } from '../../../src/protocol/limits.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { HeldEpoch } from '../../crypto/suite.ts';
import { ConclaveError, localError } from '../errors.ts';
import { Turns } from '../turns.ts';
import type { KnownEpoch, RoomEpochsState } from './epoch-book.ts';
import { EpochJudge, isOpen } from './epoch-judge.ts';
import type { EpochMakerOptions } from './epoch-maker.ts';
import { EpochReading } from './epoch-reading.ts';
import { isForMembers } from './epoch-recipients.ts';
import { EpochSuccession } from './epoch-succession.ts';
import type { Trusted } from './trusted-members.ts';

/** Epochs that one message may make or wait for: each loses against one that another member made, or has a changed roster. */
const TRIES_MAX = 16;
/** A server refuses a second repair for some minutes: nothing waits for that. */
const REPAIR_MS = 15_000;

export type SealingEpoch = HeldEpoch & { readonly key: Uint8Array };

interface SealingTerms {
  readonly strict: boolean;
  /** The version of the roster when the message began to be sealed. */
  readonly begunAt: number;
}

/** The epochs of one room: those that messages are opened with, and the one under which the next is sealed. */
export class RoomEpochs {
  readonly #options: EpochMakerOptions;
  readonly #judge: EpochJudge;
  readonly #succession: EpochSuccession;
  readonly #reading: EpochReading;
  /** One epoch is made at a time, while others are looked at. */
  readonly #making = new Turns();
  #exposedBy: readonly UserName[] = [];
  /** The ids of these. */
  #exposing = '';
  /** Under which the last message was sealed. */
  #sealedUnder = 0;
  /** The server refused a message, since it does not know this epoch. */
  #refused = 0;

  constructor(options: EpochMakerOptions) {
    this.#options = options;
    this.#judge = new EpochJudge(options);
    this.#reading = new EpochReading(options, this.#judge);
    this.#succession = new EpochSuccession(options, this.#judge, this.#reading);
  }

  /** Members whose long-term keys alone open the newest epoch, as far as known here. */
  get exposedBy(): readonly UserName[] {
    return this.#exposedBy;
  }

  /** The room was entered, or events of it may have been missed. */
  stale(): void {
    this.#reading.stale();
  }

  /** The server does not know the epoch under which the last message was sealed. */
  refused(): void {
    this.#refused = this.#sealedUnder;
    this.#reading.stale();
  }

  /** The event `epoch`. */
  async take(epoch: OwnEpoch): Promise<void> {
    await this.#reading.take(epoch);
    await this.#noteExposure(await this.#newest(await this.#now()));
  }

  /** See Reader.epoch. */
  held(number: number): Promise<HeldEpoch | undefined> {
    return this.#reading.held(number);
  }

  /** What would open this epoch was deleted before this device could read it. */
  isClosed(epoch: Pick<HeldEpoch, 'number' | 'recordHash'>): boolean {
    return this.#judge.isClosed(epoch);
  }

  /** A message names another record for a number that is known here. */
  differs({ number, recordHash }: Pick<HeldEpoch, 'number' | 'recordHash'>): Promise<void> {
    return this.#judge.split(number, recordHash);
  }

  /** Messages of this epoch were opened or sealed. `at`: milliseconds since 1970. */
  async used(number: number, at: number): Promise<void> {
    const { book, clock, state } = this.#options;
    await book.epochs.used(state.info.room, number, Math.min(at, clock.wallTime()));
  }

  /** Reads what the server has, and deletes the keys whose time is over. */
  async sync(): Promise<void> {
    const { book, clock, state } = this.#options;
    await this.#reading.catchUp();
    await this.#noteRetention();
    await book.epochs.expire(state.info.room, clock.wallTime());
    await this.#noteExposure(await this.#newest(await this.#now()));
  }

  /** Makes an epoch that opens when the newest one does not, unless this user did so a short while ago. */
  async repair(trusted: () => Promise<Trusted>): Promise<void> {
    await this.sync();
    const now = await this.#now();
    const newest = await this.#newest(now);
    // Whoever joined just now has none to open; the next message is sealed for them by whoever sends it.
    if (newest === undefined || this.#reading.seen <= newest.number || !this.#mayRepair(now)) return;
    try {
      for (let tries = 0; tries < TRIES_MAX; tries += 1)
        if ((await this.forSealing(await trusted())) !== undefined) return;
    } finally {
      this.giveUp();
    }
  }

  /** Whoever waits for an epoch of this client need not. */
  giveUp(): void {
    this.#reading.giveUp();
  }

  /**
   * The epoch under which a message for these members is sealed: the newest one that opens here, if it was made for them and nothing
   * speaks against it; else one that is made now. `begunAt`: see isForMembers. Undefined: there are other members by now. Rejects
   * with `trust`, and with `stale_roster` when the members changed.
   */
  forSealing(
    trusted: Trusted,
    { strict, begunAt }: SealingTerms = { strict: false, begunAt: trusted.version },
  ): Promise<SealingEpoch | undefined> {
    return this.#making.run(async () => {
      let forced: EpochReason | undefined;
      let isContent = false;
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        await this.#reading.catchUp();
        const now = await this.#now();
        this.#refuseSplit(now);
        const newest = await this.#newest(now);
        const fault = forced ?? (await this.#reasonAgainst(newest, now, trusted, begunAt));
        if (fault === undefined && isOpen(newest)) {
          const wish = isContent ? undefined : this.#wishFor(newest, now);
          if (wish === undefined) {
            await this.#noteExposure(newest);
            this.#sealedUnder = newest.number;
            return newest;
          }
          // What can be sent under goes on serving when no better one can be made.
          isContent = true;
          const next = { reason: wish, trusted, strict, timeoutMs: REPAIR_MS } as const;
          const taken = await this.#succession.make(next).catch(onlyRefused);
          if (wish === 'age') await this.#succession.noteYoung(newest.number, taken);
          continue;
        }
        // Perhaps one that others made meanwhile is right for those who are members now.
        if (this.#options.roster.known.version > trusted.version) return undefined;
        const timeoutMs = fault === 'repair' ? REPAIR_MS : undefined;
        const next = { reason: fault ?? 'membership', trusted, strict, timeoutMs } as const;
        const asGood = await this.#succession.make(next);
        if (asGood === 'outdated') return undefined;
        forced = asGood === undefined || isOpen(await this.#succession.known(asGood)) ? undefined : 'repair';
      }
      throw localError('conflict', 'epochs_moving', { room: this.#options.state.name });
    });
  }

  #now(): Promise<RoomEpochsState> {
    const { book, state } = this.#options;
    return book.epochs.of(state.info.room);
  }

  async #newest({ highest }: RoomEpochsState): Promise<KnownEpoch | undefined> {
    const { book, state } = this.#options;
    return highest === 0 ? undefined : book.epochs.find(state.info.room, highest);
  }

  #refuseSplit({ split }: RoomEpochsState): void {
    const { name } = this.#options.state;
    if (split !== undefined) throw localError('trust', 'two_epochs', { room: name, number: split.number });
  }

  /** Why nothing may be sealed under this epoch; undefined when messages may be. */
  async #reasonAgainst(
    epoch: KnownEpoch | undefined,
    { keying = 1 }: RoomEpochsState,
    trusted: Trusted,
    begunAt: number,
  ): Promise<EpochReason | undefined> {
    const { roster, state } = this.#options;
    if (!isOpen(epoch)) return 'membership';
    // Restored from a backup, it may have lost the newest. What it shows and refuses all the same is sent under again.
    if (epoch.number === this.#refused && this.#reading.seen < epoch.number) return 'membership';
    if (epoch.passwordNumber !== state.info.password) return 'password';
    const departure = await this.#departureAfter(epoch.rosterVersion);
    if (departure !== undefined) return departure;
    if (!(await isForMembers(epoch, trusted, begunAt, roster.known))) return 'membership';
    return epoch.keying < keying ? 'repair' : undefined;
  }

  /** Why another epoch is better than this one, under which messages may be sealed. */
  #wishFor(epoch: KnownEpoch, now: RoomEpochsState): EpochReason | undefined {
    if (this.#options.clock.wallTime() >= epoch.madeAt + EPOCH_AGE_MS) return 'age';
    return this.#reading.seen > epoch.number && this.#mayRepair(now) ? 'repair' : undefined;
  }

  /** Somebody left, or has other keys, since this version of the roster; or it is no longer known whether. */
  async #departureAfter(version: number): Promise<'membership' | 'rotation' | undefined> {
    const { roster } = this.#options;
    try {
      await roster.ensure(version);
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'conflict') throw error;
      return 'membership';
    }
    return roster.known.departureAfter(version);
  }

  #mayRepair({ repairedAt = Number.NEGATIVE_INFINITY }: RoomEpochsState): boolean {
    return Math.abs(this.#options.clock.wallTime() - repairedAt) >= EPOCH_REPAIR_INTERVAL_MS;
  }

  /** Keys are kept for a shorter time once the user was told that the room keeps its messages no longer. */
  async #noteRetention(): Promise<void> {
    const { book, notices, state } = this.#options;
    const { room, retention } = state.info;
    const isShorter = (await book.epochs.list(room)).some(
      ({ days, key }) => key !== undefined && days > retention,
    );
    if (!isShorter || !notices.hasReaders) return;
    this.#judge.tell('keys_kept_shorter', [], retention);
    await book.epochs.keepAtMost(room, retention);
  }

  /** Whose long-term keys open what is sealed now, told when it changes. */
  async #noteExposure(newest: KnownEpoch | undefined): Promise<void> {
    const { changes, people, roster, state } = this.#options;
    // With every message that is sent: as a rule they are the same.
    if (newest === undefined || newest.plain.join() === this.#exposing) return;
    const names = newest.plain.map((user) => people.nameOf(user, roster.known.find(user)?.name));
    this.#exposedBy = await Promise.all(names);
    this.#exposing = newest.plain.join();
    changes.tell({ type: 'exposure-changed', room: state.name });
    if (newest.plain.length > 0) this.#judge.tell('no_forward_secrecy', newest.plain, newest.number);
  }
}

function onlyRefused(error: unknown): undefined {
  if (!(error instanceof ConclaveError)) throw error;
}
