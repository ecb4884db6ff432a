import { inBatches } from '../lib/in-batches.ts';
import type { RoomClock } from '../ports/room-clock.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';

const LOWERED_AT_ONCE = 1_000;

/**
 * At a clean stop: lowers each room's ceiling to the last position that was given, so that the next clock goes on right
 * behind it. Where this is not reached, or fails, the next clock begins at the ceiling and skips what may have been given.
 */
export async function keepPositions(clock: RoomClock, rooms: RoomStore, telemetry: Telemetry): Promise<void> {
  try {
    const ahead = (await clock.end()).filter(({ seq, ceiling }) => seq < ceiling);
    await inBatches(ahead, LOWERED_AT_ONCE, ({ room, seq, ceiling }) =>
      rooms.lowerCeiling(room, ceiling, seq),
    );
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    telemetry.warn('ceilings_not_lowered', error);
  }
}
