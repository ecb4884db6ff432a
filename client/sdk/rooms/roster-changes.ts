import type { EventBody } from '../../../src/protocol/events.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import type { RoomChange } from './room-events.ts';
import type { RosterStretch } from './room-state.ts';

/** What readers of a room's changes are told of a roster event; `stretches` are what it told that was new. */
export function rosterChanges(
  kind: EventBody<'roster'>['kind'],
  room: RoomName,
  stretches: readonly RosterStretch[],
): readonly RoomChange[] {
  return stretches.map(({ user: id, name: user, role, seen }) => {
    switch (kind) {
      case 'identity':
        return { type: 'key-changed', room, user, accepted: seen.accepted };
      case 'role':
        return { type: 'member-role', room, user, id, role };
      case 'joined':
        return { type: 'member-joined', room, user, id };
      case 'left':
        return { type: 'member-left', room, user, id };
      case 'kicked':
        return { type: 'member-kicked', room, user, id };
      default:
        return kind satisfies never;
    }
  });
}
