import type { RoomViews } from '../core/room-views.ts';
import { memberOf } from '../domain/roster.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { UserId } from '../protocol/ids.ts';
import type { LocalRoom } from './local-room.ts';
import type { LocalRooms } from './local-rooms.ts';

/** Rooms that are looked at together. */
const ROOMS_AT_ONCE = 64;

/**
 * Roster notices may have been among what the broker lost. Whoever is no member any more gets no copies, but would go on
 * hearing of joins and presence: so after a gap the sessions of every room are compared with its roster.
 */
export class MemberCheck {
  readonly #views: Pick<RoomViews, 'currentOf'>;
  readonly #rooms: Pick<LocalRooms, 'userGone'>;
  readonly #telemetry: Telemetry;

  constructor(
    views: Pick<RoomViews, 'currentOf'>,
    rooms: Pick<LocalRooms, 'userGone'>,
    telemetry: Telemetry,
  ) {
    this.#views = views;
    this.#rooms = rooms;
    this.#telemetry = telemetry;
  }

  /** Never throws. A room that could not be compared now differs from its clock in the next comparison too. */
  async check(locals: readonly LocalRoom[]): Promise<void> {
    try {
      for (let i = 0; i < locals.length; i += ROOMS_AT_ONCE)
        await this.#compare(locals.slice(i, i + ROOMS_AT_ONCE));
    } catch (error) {
      if (!(error instanceof Unavailable)) this.#telemetry.warn('member_check_failed', error);
    }
  }

  async #compare(locals: readonly LocalRoom[]): Promise<void> {
    const before = locals.map((local) => ({ local, activity: local.activity, users: usersOf(local) }));
    const current = await this.#views.currentOf(locals.map(({ room }) => room));
    before.forEach(({ local, activity, users }, i) => {
      // Something came in meanwhile, perhaps the very change: the next comparison sees it settled.
      if (local.activity !== activity) return;
      const view = current[i]?.view;
      for (const user of users) {
        if (view === undefined) this.#rooms.userGone(local.room, user, 'deleted');
        else if (memberOf(view, user) === undefined) this.#rooms.userGone(local.room, user, 'left');
      }
      if (view !== undefined && view.version > local.lastVersion) local.lastVersion = view.version;
    });
  }
}

function usersOf(local: LocalRoom): ReadonlySet<UserId> {
  return new Set(local.sessions().map(({ user }) => user));
}
