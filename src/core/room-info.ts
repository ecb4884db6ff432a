import {
  directFor,
  formatSettings,
  type RoomView,
  type RosterMember,
  retentionOf,
} from '../domain/roster.ts';
import type { RoomInfo } from '../protocol/entities.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';

/** The client that asks speaks no suite as high as the room's. */
export function unsupportedSuite(): Refusal {
  return refuse('unsupported_version', { message: 'this room has a suite that the client does not speak' });
}

/** A room as one of its members is told of it. */
export function roomInfo(
  view: RoomView,
  member: RosterMember,
  { head, epoch }: { readonly head: number; readonly epoch: number },
): RoomInfo {
  const { room, name, version, hidden, password } = view;
  const { role, joined } = member;
  const settings = { ...retentionOf(view), password: password.number, hidden, ...formatSettings(view) };
  const { direct, life } = view;
  return {
    ...{ room, name, role, joined, version, head, ...settings },
    ...(epoch > 0 && { epoch }),
    ...(direct !== undefined && { direct: directFor(direct, member.user) }),
    ...(life !== undefined && { life }),
  };
}
