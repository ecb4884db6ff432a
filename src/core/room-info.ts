import { headerSetting, type RoomView, type RosterMember } from '../domain/roster.ts';
import type { RoomInfo } from '../protocol/entities.ts';

/** A room as one of its members is told of it. */
export function roomInfo(view: RoomView, member: RosterMember, head: number): RoomInfo {
  const { room, name, version, retention, hidden, password } = view;
  const { role, joined } = member;
  const settings = { retention, password: password.number, hidden, ...headerSetting(view.header) };
  return { room, name, role, joined, version, head, ...settings };
}
