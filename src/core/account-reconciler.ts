import { heirOf } from '../domain/heir.ts';
import { memberOf, type RoomRecord, type RosterChange, type RosterMember } from '../domain/roster.ts';
import type { Background } from '../lib/background.ts';
import type { BackupStore } from '../ports/backup-store.ts';
import type { ContactStore } from '../ports/contact-store.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { Account, IdentityStore } from '../ports/identity-store.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { PrekeyStore } from '../ports/prekey-store.ts';
import type { RoomStore } from '../ports/room-store.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { UserStateStore } from '../ports/user-state-store.ts';
import { isRefusal, type Refusal } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import type { WallClock } from './core-parts.ts';
import type { RevocationList } from './revocation-list.ts';
import { type RoomChanges, untilNoConflict } from './room-changes.ts';
import type { RoomUpkeep } from './room-upkeep.ts';
import type { RoomViews } from './room-views.ts';

/** On average; so often a node looks for accounts that are behind: those of a node that died in the middle. */
const SWEEP_EVERY_MS = 5_000;
/** So long an account is left to the node that changed it. */
export const LEFT_ALONE_MS = 5_000;
const SWEPT_AT_ONCE = 16;
const ROOMS_PAGE = 100;
/** Between two rooms: hundreds of them must not crowd out what people ask for. */
const ROOM_PAUSE_MS = 5;

interface ReconcilerParts {
  readonly identities: IdentityStore;
  readonly prekeys: PrekeyStore;
  readonly files: FileStore;
  readonly backups: BackupStore;
  readonly contacts: ContactStore;
  readonly userStates: UserStateStore;
  readonly rooms: RoomStore;
  readonly views: RoomViews;
  readonly changes: RoomChanges;
  readonly upkeep: RoomUpkeep;
  readonly revocations: RevocationList;
  readonly background: Background<LogEvent>;
  readonly clock: WallClock;
}

type Mended = { readonly done: true };
const DONE: Mended = { done: true };

/**
 * Brings tokens and rosters in step with an account that has new keys or was closed. The account's record says that it is
 * behind, from the very write that changed it until all is done; so whatever dies when, the next node that looks goes on.
 * Every step may be done twice.
 */
export class AccountReconciler {
  readonly #parts: ReconcilerParts;
  readonly #under = new Set<UserId>();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** Looks for what other nodes left, now and from time to time, until the background is closed. */
  start(): void {
    const { background } = this.#parts;
    background.run('aftermath_sweeps', async () => {
      for (;;) {
        await this.#sweep();
        await background.pause(SWEEP_EVERY_MS * (0.5 + Math.random()));
      }
    });
  }

  /** In the background; one room after the other, and once at a time for each user on this node. */
  follow(user: UserId): void {
    this.#parts.background.run('aftermath', async () => {
      if (this.#under.has(user)) return;
      this.#under.add(user);
      try {
        await this.#complete(user);
      } finally {
        this.#under.delete(user);
      }
    });
  }

  /**
   * To be called after a membership of this user began: if keys were replaced or the account closed meanwhile, the roster
   * may say what was true before, with nobody left to find it.
   */
  joined(user: UserId, room: RoomId): void {
    const { background, identities, views } = this.#parts;
    background.run('aftermath_join', async () => {
      const [account] = await identities.byIds([user]);
      const view = views.newest(room);
      const member = view === undefined ? undefined : memberOf(view, user);
      if (account === undefined || member === undefined) return;
      if (account.closed || member.identity < account.sequence) await this.#mend(account, room);
    });
  }

  async #sweep(): Promise<void> {
    const { identities, clock } = this.#parts;
    try {
      for (const { user, behindSince = 0 } of await identities.behind(SWEPT_AT_ONCE))
        if (behindSince < clock.nowMs() - LEFT_ALONE_MS) this.follow(user);
    } catch (error) {
      // Whoever watches the store tells of that; the next sweep is soon.
      if (!(error instanceof Unavailable)) throw error;
    }
  }

  async #complete(user: UserId): Promise<void> {
    const { identities, prekeys, backups, contacts, userStates, files } = this.#parts;
    const { rooms, revocations, background } = this.#parts;
    const [account] = await identities.byIds([user]);
    if (account?.behindSince === undefined) return;
    const revocation = { user, notBefore: account.behindSince };
    await revocations.revoke(revocation, account.closed ? 'account_closed' : undefined);
    // New keys take the place of the old ones' prekeys when they publish their own.
    if (account.closed) {
      await prekeys.remove(user);
      await files.discardOf(user);
      await backups.remove(user);
      await userStates.remove(user);
    }
    let isWhole = true;
    for (let after: RoomId | undefined; ; ) {
      const page = await rooms.roomsOf(user, after, ROOMS_PAGE);
      for (const { room } of page) {
        if (isRefusal(await this.#mend(account, room))) isWhole = false;
        await background.pause(ROOM_PAUSE_MS);
      }
      after = page.at(-1)?.room;
      if (page.length < ROOMS_PAGE) break;
    }
    // After the rooms: a direct room that ended with this is noted there.
    if (account.closed) await contacts.remove(user);
    // A roster that too many change at once is left to the next sweep.
    if (isWhole) await identities.caughtUp(account);
  }

  #mend(account: Account, room: RoomId): Promise<Mended | Refusal> {
    return untilNoConflict(async () => {
      const record = (await this.#parts.views.load(room))?.record;
      const member = record === undefined ? undefined : memberOf(record, account.user);
      if (record === undefined || member === undefined) return DONE;
      if (account.closed) return this.#depart(record, member);
      if (member.identity >= account.sequence) return DONE;
      const version = record.version + 1;
      const after = { ...member, identity: account.sequence, since: version };
      return this.#apply(record, { version, kind: 'identity', before: member, after }, true);
    });
  }

  /** As a leave; an owner is followed by an heir first, and the last member takes the room along. */
  async #depart(record: RoomRecord, member: RosterMember): Promise<Mended | 'conflict'> {
    const { upkeep } = this.#parts;
    const heir = heirOf(record.members, member);
    if (heir === undefined) {
      if ((await upkeep.deleteRecord(record)) === 'conflict') return 'conflict';
      await upkeep.finishDeletion(record);
      return DONE;
    }
    const version = record.version + 1;
    if (member.role === 'owner') {
      const after = { ...heir, role: 'owner' } as const;
      await this.#apply(record, { version, kind: 'role', before: heir, after, formerOwner: member }, false);
      // The record is another one now, whoever changed it: the departure itself is the next attempt.
      return 'conflict';
    }
    return this.#apply(record, { version, kind: 'left', before: member }, true);
  }

  async #apply(
    record: RoomRecord,
    step: Omit<RosterChange, 'at'>,
    raisesFloor: boolean,
  ): Promise<Mended | 'conflict'> {
    const change = { ...step, at: this.#parts.clock.nowMs() };
    const view = await this.#parts.changes.apply(record, { change, raisesFloor });
    return view === 'conflict' ? 'conflict' : DONE;
  }
}
