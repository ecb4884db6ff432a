import type { Room } from '../../sdk/rooms/room.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import type { Entry } from '../model/entry.ts';
import { roomOf } from '../model/model.ts';
import type { Stretch } from '../model/room-model.ts';
import type { Store } from '../store.ts';

/** Tells of messages that disappear when somebody looked at them first. */
export class PassingMessages {
  readonly #room: Pick<Room, 'id' | 'shown'>;
  readonly #store: Store;
  /** Entries never change: another one in its place was not told of. */
  readonly #told = new WeakSet<Entry>();
  #looked: { readonly entries: readonly Entry[]; readonly at: Stretch } | undefined;

  constructor(room: Pick<Room, 'id' | 'shown'>, store: Store) {
    this.#room = room;
    this.#store = store;
  }

  /** These positions are before somebody's eyes. A face says so with each frame. */
  async looked(at: Stretch): Promise<void> {
    const timeline = roomOf(this.#store.model, this.#room.id)?.timeline;
    if (timeline === undefined) return;
    const { actions, entries } = timeline;
    const before = this.#looked;
    if (before?.entries === entries && before.at.from === at.from && before.at.to === at.to) return;
    this.#looked = { entries, at };
    const shown: RoomMessage[] = [];
    const told: Entry[] = [];
    for (const entry of entries) {
      if (entry.kind !== 'message' || entry.expires === undefined || this.#told.has(entry)) continue;
      if (entry.seq < at.from || entry.seq > at.to) continue;
      this.#told.add(entry);
      told.push(entry);
      shown.push(entry.message, ...(actions.get(entry.id) ?? []));
    }
    if (shown.length === 0) return;
    try {
      await this.#room.shown(shown);
    } catch (error) {
      // A profile that could not be written now may be when somebody looks elsewhere, or something comes.
      for (const entry of told) this.#told.delete(entry);
      throw error;
    }
  }
}
