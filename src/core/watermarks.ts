import { LruMap } from '../lib/lru-map.ts';
import type { ClockSeen } from '../ports/room-clock.ts';
import type { RoomId } from '../protocol/ids.ts';

export const ROOMS_SEEN_MAX = 100_000;

interface Entry {
  seq: number;
  version: number;
  floor: number;
  /** Era in which the clock was last held against the record. */
  era: number;
}

/**
 * The highest position, version and floor that this node has seen of each room, and whether the room's clock was raised
 * from its record since the relay was last away. Numbers only rise.
 */
export class RoomSeen {
  readonly #rooms = new LruMap<RoomId, Entry>(ROOMS_SEEN_MAX);
  #era = 0;

  get(room: RoomId): ClockSeen {
    const { seq, version, floor } = this.#rooms.get(room) ?? { seq: 0, version: 0, floor: 0 };
    return { seq, version, floor };
  }

  note(room: RoomId, seen: Partial<ClockSeen>): void {
    const entry = this.#entry(room);
    entry.seq = Math.max(entry.seq, seen.seq ?? 0);
    entry.version = Math.max(entry.version, seen.version ?? 0);
    entry.floor = Math.max(entry.floor, seen.floor ?? 0);
  }

  forget(room: RoomId): void {
    this.#rooms.delete(room);
  }

  /** The relay was away: no clock is believed before it was raised from its room's record. */
  distrustAll(): void {
    this.#era += 1;
  }

  get era(): number {
    return this.#era;
  }

  /** The clock was raised from a record that was read in `era`. */
  confirm(room: RoomId, era: number): void {
    const entry = this.#entry(room);
    entry.era = Math.max(entry.era, era);
  }

  isConfirmed(room: RoomId): boolean {
    return this.#rooms.get(room)?.era === this.#era;
  }

  #entry(room: RoomId): Entry {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const entry: Entry = { seq: 0, version: 0, floor: 0, era: -1 };
    this.#rooms.set(room, entry);
    return entry;
  }
}
