import { LRUCache } from 'lru-cache';
import type { Watermark } from '../ports/sequencer.ts';
import type { RoomId } from '../protocol/ids.ts';

export const ROOMS_SEEN_MAX = 100_000;

interface Entry {
  seq: number;
  version: number;
  floor: number;
  /** Epoch in which the clock was last held against the record. */
  epoch: number;
}

/**
 * The highest position, version and floor that this node has seen of each room, and whether the room's clock was raised
 * from its record since the relay was last away. Numbers only rise.
 */
export class Watermarks {
  readonly #rooms = new LRUCache<RoomId, Entry>({ maxSize: ROOMS_SEEN_MAX, sizeCalculation: () => 1 });
  #epoch = 0;

  get(room: RoomId): Watermark {
    const { seq, version, floor } = this.#rooms.get(room) ?? { seq: 0, version: 0, floor: 0 };
    return { seq, version, floor };
  }

  note(room: RoomId, seen: Partial<Watermark>): void {
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
    this.#epoch += 1;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The clock was raised from a record that was read in `epoch`. */
  confirm(room: RoomId, epoch: number): void {
    const entry = this.#entry(room);
    entry.epoch = Math.max(entry.epoch, epoch);
  }

  isConfirmed(room: RoomId): boolean {
    return this.#rooms.get(room)?.epoch === this.#epoch;
  }

  #entry(room: RoomId): Entry {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const entry: Entry = { seq: 0, version: 0, floor: 0, epoch: -1 };
    this.#rooms.set(room, entry);
    return entry;
  }
}
