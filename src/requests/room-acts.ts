import type { Caller } from '../core/caller.ts';
import type { RateGate } from '../core/rate-gate.ts';
import { rosterCrowded, untilNoConflict } from '../core/room-changes.ts';
import type { RoomViews } from '../core/room-views.ts';
import type { ServiceLimits } from '../core/service-limits.ts';
import { mayAct, type RoomAct } from '../domain/roles.ts';
import { memberOf, type RoomRecord, type RosterMember } from '../domain/roster.ts';
import type { KeyedTurns } from '../lib/keyed-turns.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import { foldName } from '../protocol/names.ts';

/** A room as it is now, and the member who wants to act in it, whose role allows that. */
export interface RoomAndActor {
  readonly record: RoomRecord;
  readonly actor: RosterMember;
}

interface RoomActsParts {
  readonly views: RoomViews;
  readonly turns: KeyedTurns;
  readonly gate: RateGate;
  readonly limits: ServiceLimits;
}

export const noRoleFor = (): Refusal =>
  refuse('forbidden', { message: 'your role in this room does not allow this' });

/** The one way of everything that only some members may do. Whoever is no member is told the same as of a room that is not there. */
export class RoomActs {
  readonly #parts: RoomActsParts;

  constructor(parts: RoomActsParts) {
    this.#parts = parts;
  }

  /**
   * Runs an attempt on the record as it is now, again as long as others change the room first. The attempt writes only
   * under the version of that record, so the role that was looked at is the one that the change was made with.
   */
  async run<T extends object>(
    caller: Caller,
    room: RoomId,
    act: RoomAct,
    attempt: (standing: RoomAndActor) => Promise<T | Refusal | 'conflict'>,
  ): Promise<T | Refusal> {
    const { views, turns, gate, limits } = this.#parts;
    const slowed =
      (await gate.take('room_acts_user', limits.rateRoomActsUser, caller.user)) ??
      (await gate.take('roster_changes_user', limits.rateRosterChangesUser, caller.user));
    if (slowed !== undefined) return slowed;
    const view = views.newest(room) ?? (await views.load(room))?.record;
    if (view === undefined) return refuse('not_a_member');
    const outcome = await turns.run(foldName(view.name), () =>
      untilNoConflict(async () => {
        const standing = await this.standing(caller, room, act);
        return 'refused' in standing ? standing : attempt(standing);
      }),
    );
    return outcome === 'too_late' ? rosterCrowded() : outcome;
  }

  async standing(caller: Caller, room: RoomId, act: RoomAct): Promise<RoomAndActor | Refusal> {
    const record = (await this.#parts.views.load(room))?.record;
    const actor = record === undefined ? undefined : memberOf(record, caller.user);
    if (record === undefined || actor === undefined) return refuse('not_a_member');
    return mayAct(act, actor.role) ? { record, actor } : noRoleFor();
  }
}
