import { ROSTER_ATTEMPTS_MAX } from '../core/room-changes.ts';
import type { RoomRepairs } from '../core/room-upkeep.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { AdminBody, AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import { foldName } from '../protocol/names.ts';

interface RoomPurgingParts {
  readonly rooms: RoomStore;
  readonly messages: MessageStore;
  readonly repairs: RoomRepairs;
}

/** Ends a room against the will of its members. */
export class RoomPurging {
  readonly #parts: RoomPurgingParts;

  constructor(parts: RoomPurgingParts) {
    this.#parts = parts;
  }

  /** Answered when the room and every stored copy of it are gone, and its members were told. */
  async purge({ room: name }: AdminBody<'purge'>): Promise<AdminReply<'purge'> | AdminRefusal> {
    const { rooms, messages, repairs } = this.#parts;
    for (let attempt = 1; attempt <= ROSTER_ATTEMPTS_MAX; attempt += 1) {
      const record = await rooms.byName(foldName(name));
      if (record === undefined) return { refused: 'no_such_room' };
      // Someone joined or left in between.
      if ((await rooms.delete(record.room, record.version)) === 'conflict') continue;
      await repairs.finishDeletionForAll(record);
      await messages.purge(record.room);
      return { room: record.name, members: record.members.length };
    }
    return { refused: 'conflict' };
  }
}
