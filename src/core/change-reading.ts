import type { RosterChange } from '../domain/roster.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { RoomId } from '../protocol/ids.ts';

/** Changes of a room's roster that one request reads, however many there are. */
export const CHANGES_READ_MAX = 1_000;
/** Changes read in one turn of the event loop. */
export const CHANGES_BATCH = 100;

export interface ChangeRange {
  /** Exclusive. */
  readonly since: number;
  /** Inclusive; a version that the room has, or had. */
  readonly through: number;
}

/**
 * Gives the changes of a range to `take`, ascending, until it answers 'enough' or CHANGES_READ_MAX were read. `turn` is awaited
 * before each batch. Answers the last version that was taken; undefined when the changes are no
 * longer kept. Throws Unavailable.
 */
export async function readChanges(
  rooms: Pick<RoomStore, 'changes'>,
  room: RoomId,
  { since, through }: ChangeRange,
  take: (change: RosterChange) => 'taken' | 'enough',
  turn: () => Promise<void>,
): Promise<number | undefined> {
  const end = Math.min(through, since + CHANGES_READ_MAX);
  let done = since;
  while (done < end) {
    await turn();
    const batch = await rooms.changes(room, done, Math.min(CHANGES_BATCH, end - done));
    // A room that went back is none that this range speaks of.
    if (batch === undefined || batch.length === 0) return undefined;
    for (const change of batch) {
      if (take(change) === 'enough') return done;
      done = change.version;
    }
  }
  return done;
}
