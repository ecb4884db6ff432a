import { memberOf, type RosterMember } from '../domain/roster.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { Caller } from './caller.ts';
import type { CurrentRoom, RoomViews } from './room-views.ts';

/** A room as it is now, and who asks as one of its members. */
export interface CurrentMember extends CurrentRoom {
  readonly member: RosterMember;
}

/** Throws Unavailable. */
export async function currentMember(
  { views }: { readonly views: Pick<RoomViews, 'current'> },
  { user }: Caller,
  room: RoomId,
): Promise<CurrentMember | Refusal> {
  const current = await views.current(room);
  const member = current === undefined ? undefined : memberOf(current.view, user);
  if (current === undefined || member === undefined) return refuse('not_a_member');
  return { ...current, member };
}

export function roleTooLow(): Refusal {
  return refuse('forbidden', { message: 'your role in this room does not allow this' });
}
