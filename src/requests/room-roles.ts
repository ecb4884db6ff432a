import type { Caller } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import type { RosterUpdating } from '../core/room-changes.ts';
import { mayAct } from '../domain/roles.ts';
import { memberOf, type RosterChange } from '../domain/roster.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import { noRoleFor, type RoomActs } from './room-acts.ts';

interface RoomRolesParts {
  readonly acts: RoomActs;
  readonly updating: RosterUpdating;
  readonly wallClock: WallClock;
}

/** Who is owner and moderator. A room has one owner at every version: two members change by one step when it gets another. */
export class RoomRoles {
  readonly #parts: RoomRolesParts;

  constructor(parts: RoomRolesParts) {
    this.#parts = parts;
  }

  grant(caller: Caller, { room, user, role }: RequestBody<'grant'>): Promise<ReplyBody<'grant'> | Refusal> {
    return this.#change(caller, room, user, 'grant', role);
  }

  revoke(caller: Caller, { room, user }: RequestBody<'revoke'>): Promise<ReplyBody<'revoke'> | Refusal> {
    return this.#change(caller, room, user, 'revoke', 'member');
  }

  #change(
    caller: Caller,
    room: RequestBody<'grant'>['room'],
    user: RequestBody<'grant'>['user'],
    act: 'grant' | 'revoke',
    role: 'owner' | 'moderator' | 'member',
  ): Promise<Record<string, never> | Refusal> {
    const { acts, updating, wallClock } = this.#parts;
    return acts.run(caller, room, act, async ({ record, actor }) => {
      const before = memberOf(record, user);
      if (before === undefined) return refuse('no_such_member');
      if (!mayAct(act, actor.role, before.role)) return noRoleFor();
      if (before.role === role) return {};
      const change: RosterChange = {
        version: record.version + 1,
        kind: 'role',
        before,
        after: { ...before, role },
        ...(role === 'owner' ? { formerOwner: actor } : {}),
        at: wallClock.nowMs(),
      };
      const outcome = await updating.apply(record, { change, raisesFloor: false });
      return outcome === 'conflict' ? 'conflict' : {};
    });
  }
}
