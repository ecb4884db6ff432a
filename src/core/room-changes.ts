import { setTimeout as pause } from 'node:timers/promises';
import {
  applyChange,
  type RoomRecord,
  type RoomView,
  type RosterMember,
  settingsOf,
} from '../domain/roster.ts';
import type { RoomStore, RosterUpdate } from '../ports/room-store.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import type { CoreParts } from './core-parts.ts';
import type { Identities } from './identities.ts';
import type { Expulsion, RoomAnnouncer } from './room-announcer.ts';
import type { SequenceKeeper } from './room-sequence.ts';
import type { RoomViews, UnfinishedRooms } from './room-views.ts';

/** Other nodes may change the same roster first; each attempt reads the record again. */
export const ROSTER_ATTEMPTS_MAX = 8;
const CONFLICT_PAUSE_MS = 8;

/** Nothing was done yet, so a client may simply ask again; full jitter on its side spreads those who were refused together. */
const CROWDED_RETRY_MS = 500;

/** More join and leave one room at a time than one deadline lets through. */
export function rosterCrowded(): Refusal {
  return refuse('rate_limited', {
    message: 'too many join or leave at a time',
    retryAfterMs: CROWDED_RETRY_MS,
  });
}

/** Repeats an attempt that lost against another change, then gives up as the roster is too crowded. */
export async function untilNoConflict<T extends object>(
  attempt: () => Promise<T | 'conflict'>,
): Promise<T | Refusal> {
  for (let count = 1; count <= ROSTER_ATTEMPTS_MAX; count += 1) {
    const outcome = await attempt();
    if (outcome !== 'conflict') return outcome;
    await pause(Math.random() * CONFLICT_PAUSE_MS * count);
  }
  return rosterCrowded();
}

/** The room as an update leaves it. */
export function updatedView(record: RoomRecord, update: RosterUpdate): RoomView {
  const { version } = update.change;
  const { room } = record;
  const settings = settingsOf(update.settings ?? record);
  const floor = update.raisesFloor ? version : record.floor;
  const members = applyChange(record.members, update.change);
  return { room, version, floor, members, ...settings };
}

interface RoomChangesParts {
  readonly rooms: RoomStore;
  readonly keeper: SequenceKeeper;
  readonly views: RoomViews;
  readonly announcer: RoomAnnouncer;
  readonly upkeep: UnfinishedRooms;
}

/** Applies changes of rooms in the only safe order: record, sequencer, announcement. */
export class RoomChanges {
  readonly #parts: RoomChangesParts;

  constructor(parts: RoomChangesParts) {
    this.#parts = parts;
  }

  /** As applySettings, for changes of members: they take no name. */
  async apply(
    record: RoomRecord,
    update: Omit<RosterUpdate, 'settings'>,
    expulsion?: Expulsion,
  ): Promise<RoomView | 'conflict'> {
    const outcome = await this.applySettings(record, update, expulsion);
    if (outcome === 'name_taken') throw new TypeError('a change of members takes no name');
    return outcome;
  }

  /**
   * When it resolves with a view, the change is durable, holds at the clock, and its notice was published or is being
   * repeated. Throws Unavailable, after which whoever reads the record next completes what was begun.
   */
  async applySettings(
    record: RoomRecord,
    update: RosterUpdate,
    expulsion?: Expulsion,
  ): Promise<RoomView | 'conflict' | 'name_taken'> {
    const outcome = await this.#parts.rooms.update(record.room, update);
    if (outcome !== 'updated') return outcome;
    const view = updatedView(record, update);
    await this.#parts.keeper.raiseTo(record, view.version, view.floor);
    this.#parts.views.keep(view);
    await this.announce(view, update, expulsion);
    return view;
  }

  async announce(
    view: RoomView,
    { change }: Pick<RosterUpdate, 'change'>,
    expulsion?: Expulsion,
  ): Promise<void> {
    try {
      await this.#parts.announcer.announce(view, change, expulsion);
    } catch {
      // The change itself holds. What kept its notice from being made is tried again later.
      this.#parts.upkeep.announceSince(view, change.version - 1);
    }
  }
}

type NewMemberParts = Pick<CoreParts, 'stores' | 'limits'> & { readonly identities: Identities };

/** A user as a member of one more room. Throws Unavailable. */
export async function newMember(
  { identities, stores, limits }: NewMemberParts,
  user: UserId,
  interval: Pick<RosterMember, 'role' | 'joined' | 'since'>,
): Promise<RosterMember | Refusal> {
  const [account, count] = await Promise.all([identities.account(user), stores.rooms.countRoomsOf(user)]);
  if (account === undefined || account.closed) {
    return refuse('unauthenticated', { message: 'the account is closed' });
  }
  if (count >= limits.maxRoomsPerUser) {
    return refuse('too_large', {
      message: `a user is a member of at most ${limits.maxRoomsPerUser} rooms`,
    });
  }
  return { user, identity: account.sequence, ...interval };
}
