import type { Caller } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import type { IdentityBook } from '../core/identities.ts';
import type { RosterUpdating } from '../core/room-changes.ts';
import { mayAct } from '../domain/roles.ts';
import { memberOf, type RosterChange } from '../domain/roster.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseUserId, type UserId } from '../protocol/ids.ts';
import { BANS_PAGE_MAX, ROOM_BANS_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';
import { noRoleFor, type RoomActs } from './room-acts.ts';

/** Nothing is known of whom it happened to but the id. */
type Nothing = Record<string, never>;

interface ModerationParts {
  readonly acts: RoomActs;
  readonly updating: RosterUpdating;
  readonly identities: IdentityBook;
  readonly wallClock: WallClock;
}

/** Kicks and bans. A ban is in the record beside the roster: no step makes a banned user a member, on whichever node. */
export class Moderation {
  readonly #parts: ModerationParts;

  constructor(parts: ModerationParts) {
    this.#parts = parts;
  }

  kick(caller: Caller, { room, user }: RequestBody<'kick'>): Promise<Nothing | Refusal> {
    const { acts, updating, wallClock } = this.#parts;
    return acts.run(caller, room, 'kick', async ({ record, actor }) => {
      const before = memberOf(record, user);
      if (before === undefined) return refuse('no_such_member');
      if (!mayAct('kick', actor.role, before.role)) return noRoleFor();
      const change = { version: record.version + 1, kind: 'kicked', before, at: wallClock.nowMs() } as const;
      return answerOf(await updating.apply(record, { change, raisesFloor: true }));
    });
  }

  async ban(caller: Caller, { room, user }: RequestBody<'ban'>): Promise<Nothing | Refusal> {
    const { acts, updating, identities, wallClock } = this.#parts;
    return acts.run(caller, room, 'ban', async ({ record, actor }) => {
      const before = memberOf(record, user);
      if (before !== undefined && !mayAct('ban', actor.role, before.role)) return noRoleFor();
      if (record.bans.includes(user)) return {};
      if (record.bans.length >= ROOM_BANS_MAX)
        return refuse('too_large', { message: `at most ${ROOM_BANS_MAX} users can be banned from a room` });
      if (before === undefined && (await identities.account(user)) === undefined)
        return refuse('invalid_name', { message: 'nobody has this id' });
      const made = { version: record.version + 1, at: wallClock.nowMs() };
      // Without a member it is a change all the same: a join that was prepared for the version before has to look again.
      const change: RosterChange =
        before === undefined ? { ...made, kind: 'settings' } : { ...made, kind: 'banned', before };
      return answerOf(
        await updating.apply(record, { change, raisesFloor: before !== undefined, bans: { add: user } }),
      );
    });
  }

  unban(caller: Caller, { room, user }: RequestBody<'unban'>): Promise<Nothing | Refusal> {
    const { acts, updating, wallClock } = this.#parts;
    return acts.run(caller, room, 'unban', async ({ record }) => {
      if (!record.bans.includes(user)) return {};
      const change = { version: record.version + 1, kind: 'settings', at: wallClock.nowMs() } as const;
      return answerOf(await updating.apply(record, { change, raisesFloor: false, bans: { remove: user } }));
    });
  }

  async bans(caller: Caller, body: RequestBody<'bans'>): Promise<ReplyBody<'bans'> | Refusal> {
    const { acts, identities } = this.#parts;
    const after = body.cursor === undefined ? undefined : parseUserId(decodeCursor(body.cursor)?.[0]);
    if (body.cursor !== undefined && after === undefined) return refuse('bad_request', { message: 'cursor' });
    const standing = await acts.standing(caller, body.room, 'bans');
    if (isRefusal(standing)) return standing;
    const rest = standing.record.bans.filter((user) => after === undefined || user > after);
    const page = rest.slice(0, BANS_PAGE_MAX);
    const names = await identities.names(page);
    const users = page.flatMap((user: UserId) => {
      const name = names.get(user);
      return name === undefined ? [] : [{ user, name }];
    });
    const last = page.at(-1);
    const more = rest.length > page.length && last !== undefined;
    return more ? { users, cursor: encodeCursor([last]) } : { users };
  }
}

function answerOf(outcome: object | 'conflict'): Nothing | 'conflict' {
  return outcome === 'conflict' ? 'conflict' : {};
}
