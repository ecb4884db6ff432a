import { SUITE_FIRST } from '../../../src/protocol/limits.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { RoomChange } from '../../sdk/rooms/room-events.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import type { Output } from '../output.ts';

/** Shows how many members have their key while one is made for a large room, until the room is closed. */
export function showEpochProgress(output: Output, room: Room): void {
  if (room.suite === SUITE_FIRST) return;
  const follow = async (): Promise<void> => {
    for await (const change of room.changes())
      if (change.type === 'epoch-progress') showProgress(output, change);
  };
  follow().catch(() => undefined);
}

export function showProgress(
  output: Output,
  { done, of }: Extract<RoomChange, { readonly type: 'epoch-progress' }>,
): void {
  output.progress(done < of ? cliTexts.sending.new_key({ done, of }) : undefined);
}
