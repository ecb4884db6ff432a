import { setImmediate as nextTurn } from 'node:timers/promises';

/** What a service that is elsewhere takes at least. */
export async function hop(): Promise<void> {
  await nextTurn();
}
