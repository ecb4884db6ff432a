import type { RoomSettings, RosterMember } from '../../src/domain/roster.ts';
import type { RoomStore, RosterUpdate } from '../../src/ports/room-store.ts';
import type { RoomId } from '../../src/protocol/ids.ts';

export const at = (): number => Date.now();

export function joins(version: number, member: RosterMember): RosterUpdate {
  return { change: { version, kind: 'joined', after: member, at: at() }, raisesFloor: false };
}

export function leaves(version: number, member: RosterMember): RosterUpdate {
  return { change: { version, kind: 'left', before: member, at: at() }, raisesFloor: true };
}

export function sets(version: number, settings: RoomSettings): RosterUpdate {
  return { change: { version, kind: 'settings', at: at() }, raisesFloor: false, settings };
}

/** Reads, tries, reads again: what services do on a conflict. */
export async function joinWithRetries(store: RoomStore, room: RoomId, member: RosterMember) {
  for (;;) {
    const record = await store.byId(room);
    if (record === undefined) throw new Error('the room is gone');
    if ((await store.update(room, joins(record.version + 1, member))) === 'updated') return;
  }
}
