import { roomOf } from '../model/model.ts';
import type { Timeline } from '../model/timeline.ts';
import type { Store } from '../store.ts';
import type { RoomSession } from './room-session.ts';

/** Pages of history that are loaded to show a message in its place. */
const PAGES_MAX = 200;

/** Loads older messages until something is there, or nothing older can be read. Rejects with ConclaveError. */
export async function loadDownTo(
  store: Store,
  session: Pick<RoomSession, 'history' | 'room'>,
  isThere: () => boolean,
): Promise<void> {
  const timeline = (): Timeline | undefined => roomOf(store.model, session.room.id)?.timeline;
  for (let pages = 0; pages < PAGES_MAX && !isThere(); pages += 1) {
    const before = timeline();
    if (before === undefined || before.complete) return;
    await session.history.loadOlder();
    if (timeline()?.from === before.from) return;
  }
}
