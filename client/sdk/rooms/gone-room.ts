import type { UserName } from '../../../src/protocol/names.ts';
import type { LocalFault } from '../../texts/texts.ts';
import { type ConclaveError, type ConclaveErrorCode, localError } from '../errors.ts';

/** Why a room is no longer one of the user's. */
export type GoneReason = 'deleted' | 'left' | 'kicked' | 'banned';

/**
 * Who put somebody out of a room, and why in their words: as the server says it, which nobody signed. Absent where it does not say it.
 */
export interface Expulsion {
  readonly by?: UserName;
  readonly why?: string;
}

export function expulsionOf({ by, why }: Expulsion): Expulsion {
  return { ...(by !== undefined && { by }), ...(why !== undefined && { why }) };
}

const refusals = {
  deleted: ['no_such_room_or_password', 'room_deleted'],
  left: ['not_a_member', 'room_left'],
  kicked: ['not_a_member', 'room_kicked'],
  banned: ['banned', 'room_banned'],
} as const satisfies Record<GoneReason, readonly [code: ConclaveErrorCode, text: LocalFault]>;

export function goneRoomError(reason: GoneReason, room: string): ConclaveError {
  const [code, text] = refusals[reason];
  return localError(code, text, { room });
}
