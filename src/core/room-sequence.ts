import type { RoomRecord } from '../domain/roster.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { ClockState, RoomClock } from '../ports/room-clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { RoomId } from '../protocol/ids.ts';
import { NOBODY } from './settler.ts';
import type { RoomSeen } from './watermarks.ts';

/** How a room's clock stands after it was held against the record. */
export interface ClockStanding {
  /** The room's last position as far as anybody here knows. */
  readonly head: number;
  /** The version that the clock had before: changes above it may never have been announced. */
  readonly versionBefore: number;
  readonly gone: boolean;
}

/**
 * Holds clocks against records: the record is the truth, the clock may be lost or behind. A clock is never set to a
 * position that it may have given before.
 */
export class ClockKeeper {
  readonly #clock: RoomClock;
  readonly #messages: MessageStore;
  readonly #seen: RoomSeen;
  readonly #telemetry: Telemetry;

  constructor(parts: {
    readonly clock: RoomClock;
    readonly messages: MessageStore;
    readonly seen: RoomSeen;
    readonly telemetry: Telemetry;
  }) {
    this.#clock = parts.clock;
    this.#messages = parts.messages;
    this.#seen = parts.seen;
    this.#telemetry = parts.telemetry;
  }

  /** Raises the clock to what the record says, or rebuilds it. `era`: that of when the reading of the record began. */
  async raiseFrom(record: RoomRecord, era: number): Promise<ClockStanding> {
    const { room, version, floor } = record;
    const [before] = await this.#clock.read([room]);
    if (before?.gone === true) return { head: before.seq, versionBefore: before.version, gone: true };
    if (before !== undefined && !this.#seen.isConfirmed(room)) {
      // The clock may be that of a replica that lagged behind: what was stored meanwhile is proof of positions given.
      this.#seen.note(room, { seq: await this.highestStored(room) });
    }
    const head = before === undefined ? await this.#rebuild(record) : await this.#raise(record, before);
    this.#seen.note(room, { seq: head, version, floor });
    this.#seen.confirm(room, era);
    return { head, versionBefore: before?.version ?? version, gone: false };
  }

  /** A roster change took effect: from when this resolves, the clock holds it, on every node. */
  async raiseTo(record: RoomRecord, version: number, floor: number): Promise<void> {
    const { room, seqCeiling } = record;
    const seq = Math.max(seqCeiling, this.#seen.get(room).seq);
    await this.#clock.rebuild(room, { seq, version, floor, ceiling: Math.max(seq, seqCeiling) });
    this.#seen.note(room, { version, floor });
  }

  /** Positions up to the ceiling may all have been given: the clock goes on behind it. */
  async raiseToCeiling(record: RoomRecord): Promise<void> {
    await this.#clock.raise(record.room, { seq: record.seqCeiling, ceiling: record.seqCeiling });
    this.#seen.note(record.room, { seq: record.seqCeiling });
    this.#telemetry.clockRebuilt();
  }

  /** The highest position that holds a message or lies in a settled span; 0 for none. Throws Unavailable. */
  async highestStored(room: RoomId): Promise<number> {
    const everything = { after: 0, through: Number.MAX_SAFE_INTEGER, order: 'descending', limit: 1 } as const;
    const [highest] = await this.#messages.page(room, NOBODY, everything);
    return highest?.seq ?? 0;
  }

  async #rebuild(record: RoomRecord): Promise<number> {
    const { room, version, floor, seqCeiling } = record;
    const seq = Math.max(seqCeiling, this.#seen.get(room).seq);
    await this.#clock.rebuild(room, { seq, version, floor, ceiling: Math.max(seq, seqCeiling) });
    this.#telemetry.clockRebuilt();
    // Another node may have rebuilt it first, from a record that had a lower ceiling.
    const [after] = await this.#clock.read([room]);
    return after?.seq ?? seq;
  }

  async #raise(record: RoomRecord, before: ClockState): Promise<number> {
    const { room, version, floor, seqCeiling } = record;
    const seq = Math.max(before.seq, lowestHead(record), this.#seen.get(room).seq);
    const isBehind =
      before.seq < seq || before.version < version || before.floor < floor || before.ceiling < seqCeiling;
    if (isBehind) await this.#clock.raise(room, { seq, version, floor, ceiling: seqCeiling });
    return seq;
  }
}

/** Positions that the record itself proves were given: settled ones, and those that members joined at. */
function lowestHead(record: RoomRecord): number {
  let head = record.settledThrough;
  for (const { joined } of record.members) head = Math.max(head, joined);
  return head;
}
