import pMap from 'p-map';
import { hasEpochs, type RoomRecord } from '../domain/roster.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import type { EpochStore } from '../ports/epoch-store.ts';
import { type MessageStore, NOBODY } from '../ports/message-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { Sequencer, SequencerState, Watermark } from '../ports/sequencer.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { RoomId } from '../protocol/ids.ts';

export const ROOMS_SEEN_MAX = 100_000;

interface Entry {
  seq: number;
  version: number;
  floor: number;
  /** The highest number of an epoch of suite 2. */
  epoch: number;
  /** Term in which the clock was last held against the record. */
  term: number;
}

/**
 * The highest position, version and floor that this node has seen of each room, and whether the room's clock was raised
 * from its record since the relay was last away. Numbers only rise.
 */
export class Watermarks {
  readonly #rooms = boundedCache<RoomId, Entry>(ROOMS_SEEN_MAX);
  #term = 0;

  get(room: RoomId): Watermark {
    const { seq, version, floor } = this.#rooms.get(room) ?? { seq: 0, version: 0, floor: 0 };
    return { seq, version, floor };
  }

  /** The highest number of an epoch of suite 2; 0: none. */
  epoch(room: RoomId): number {
    return this.#rooms.get(room)?.epoch ?? 0;
  }

  note(room: RoomId, seen: Partial<Watermark & { readonly epoch: number }>): void {
    const entry = this.#entry(room);
    entry.seq = Math.max(entry.seq, seen.seq ?? 0);
    entry.version = Math.max(entry.version, seen.version ?? 0);
    entry.floor = Math.max(entry.floor, seen.floor ?? 0);
    entry.epoch = Math.max(entry.epoch, seen.epoch ?? 0);
  }

  forget(room: RoomId): void {
    this.#rooms.delete(room);
  }

  /** The relay was away: no clock is believed before it was raised from its room's record. */
  distrustAll(): void {
    this.#term += 1;
  }

  get term(): number {
    return this.#term;
  }

  /** The clock was raised from a record that was read in `term`. */
  confirm(room: RoomId, term: number): void {
    const entry = this.#entry(room);
    entry.term = Math.max(entry.term, term);
  }

  isConfirmed(room: RoomId): boolean {
    return this.#rooms.get(room)?.term === this.#term;
  }

  #entry(room: RoomId): Entry {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const entry: Entry = { seq: 0, version: 0, floor: 0, epoch: 0, term: -1 };
    this.#rooms.set(room, entry);
    return entry;
  }
}

const LOWERED_AT_ONCE = 1_000;

/** A room's sequencer after it was compared with the room's record. */
export interface SequenceState {
  /** The room's last position as far as anybody here knows. */
  readonly head: number;
  /** The version that the clock had before: changes above it may never have been announced. */
  readonly versionBefore: number;
  readonly gone: boolean;
}

interface SequenceKeeperParts {
  readonly sequencer: Sequencer;
  readonly messages: MessageStore;
  readonly epochs: Pick<EpochStore, 'newest'>;
  readonly watermarks: Watermarks;
  readonly telemetry: Telemetry;
}

/**
 * Keeps sequencers in step with records: the record is the truth, the sequencer may be lost or behind. It is never set to a
 * position that it may have given before.
 */
export class SequenceKeeper {
  readonly #parts: SequenceKeeperParts;

  constructor(parts: SequenceKeeperParts) {
    this.#parts = parts;
  }

  /** Raises the clock to what the record says, or rebuilds it. `term`: that of when the reading of the record began. */
  async raiseFrom(record: RoomRecord, term: number): Promise<SequenceState> {
    const { room, version, floor } = record;
    const [before] = await this.#parts.sequencer.read([room]);
    if (before?.gone === true) return { head: before.seq, versionBefore: before.version, gone: true };
    this.#parts.watermarks.note(room, { epoch: before?.epoch ?? 0 });
    if (hasEpochs(record) && (before === undefined || !this.#parts.watermarks.isConfirmed(room))) {
      const newest = await this.#parts.epochs.newest(room);
      this.#parts.watermarks.note(room, { epoch: newest?.number ?? 0 });
    }
    if (before !== undefined && !this.#parts.watermarks.isConfirmed(room)) {
      // The clock may be that of a replica that lagged behind: what was stored meanwhile is proof of positions given.
      this.#parts.watermarks.note(room, { seq: await this.highestStored(room) });
    }
    const head = before === undefined ? await this.#rebuild(record) : await this.#raise(record, before);
    this.#parts.watermarks.note(room, { seq: head, version, floor });
    this.#parts.watermarks.confirm(room, term);
    return { head, versionBefore: before?.version ?? version, gone: false };
  }

  /** A roster change took effect: from when this resolves, the clock holds it, on every node. */
  async raiseTo(record: RoomRecord, version: number, floor: number): Promise<void> {
    await this.#setClock(record, version, floor);
    this.#parts.watermarks.note(record.room, { version, floor });
  }

  /** Positions up to the ceiling may all have been given: the clock goes on behind it. */
  async raiseToCeiling(record: RoomRecord): Promise<void> {
    await this.#parts.sequencer.raise(record.room, { seq: record.seqCeiling, ceiling: record.seqCeiling });
    this.#parts.watermarks.note(record.room, { seq: record.seqCeiling });
    this.#parts.telemetry.clockRebuilt();
  }

  /** The highest position that holds a message or lies in a settled span; 0 for none. Throws Unavailable. */
  async highestStored(room: RoomId): Promise<number> {
    const everything = { after: 0, through: Number.MAX_SAFE_INTEGER, order: 'descending', limit: 1 } as const;
    const [highest] = await this.#parts.messages.page(room, NOBODY, everything);
    return highest?.seq ?? 0;
  }

  async #rebuild(record: RoomRecord): Promise<number> {
    const { room, version, floor } = record;
    const seq = await this.#setClock(record, version, floor);
    this.#parts.telemetry.clockRebuilt();
    // Another node may have rebuilt it first, from a record that had a lower ceiling.
    const [after] = await this.#parts.sequencer.read([room]);
    return after?.seq ?? seq;
  }

  /** Sets a missing clock, raises another; answers the position that a missing one begins with. */
  async #setClock({ room, seqCeiling }: RoomRecord, version: number, floor: number): Promise<number> {
    const seq = Math.max(seqCeiling, this.#parts.watermarks.get(room).seq);
    const epoch = this.#parts.watermarks.epoch(room);
    await this.#parts.sequencer.rebuild(room, { seq, version, floor, ceiling: seq, epoch });
    return seq;
  }

  async #raise(record: RoomRecord, before: SequencerState): Promise<number> {
    const { room, version, floor, seqCeiling } = record;
    const seq = Math.max(before.seq, lowestHead(record), this.#parts.watermarks.get(room).seq);
    const epoch = this.#parts.watermarks.epoch(room);
    const isBehind =
      before.seq < seq ||
      before.version < version ||
      before.floor < floor ||
      before.ceiling < seqCeiling ||
      before.epoch < epoch;
    if (isBehind)
      await this.#parts.sequencer.raise(room, { seq, version, floor, ceiling: seqCeiling, epoch });
    return seq;
  }
}

/** Positions that the record itself proves were given: settled ones, and those that members joined at. */
function lowestHead(record: RoomRecord): number {
  let head = record.settledThrough;
  for (const { joined } of record.members) head = Math.max(head, joined);
  return head;
}

/**
 * At a clean stop: lowers each room's ceiling to the last position that was given, so that the next clock goes on right
 * behind it. Where this is not reached, or fails, the next clock begins at the ceiling and skips what may have been given.
 */
export async function lowerCeilings(
  sequencer: Sequencer,
  rooms: RoomStore,
  telemetry: Telemetry,
): Promise<void> {
  try {
    const ahead = (await sequencer.end()).filter(({ seq, ceiling }) => seq < ceiling);
    await pMap(ahead, ({ room, seq, ceiling }) => rooms.lowerCeiling(room, ceiling, seq), {
      concurrency: LOWERED_AT_ONCE,
    });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    telemetry.warn('ceilings_not_lowered', error);
  }
}
