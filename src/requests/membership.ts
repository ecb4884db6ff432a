import { randomBytes } from 'node:crypto';
import type { Caller } from '../core/caller.ts';
import type { WallClock } from '../core/core-parts.ts';
import type { Decoys } from '../core/decoys.ts';
import type { IdentityBook } from '../core/identities.ts';
import type { PasswordAttempt, PasswordAttempts } from '../core/password-attempts.ts';
import type { RateGate } from '../core/rate-gate.ts';
import type { RosterAnnouncer } from '../core/room-announcer.ts';
import { type RosterUpdating, rosterCrowded, untilNoConflict } from '../core/room-changes.ts';
import { roomInfo } from '../core/room-info.ts';
import { opensRoom, roomProofHash } from '../core/room-passwords.ts';
import type { RoomRepairs } from '../core/room-upkeep.ts';
import type { LoadedRoom, RoomViews } from '../core/room-views.ts';
import type { ServiceLimits } from '../core/service-limits.ts';
import { headerSetting, memberOf, type RoomRecord, type RosterMember } from '../domain/roster.ts';
import type { KeyedTurns } from '../lib/keyed-turns.ts';
import type { RoomClock } from '../ports/room-clock.ts';
import type { RoomStore } from '../ports/room-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { ID_BYTES, parseRoomId, type RoomId } from '../protocol/ids.ts';
import { type FoldedName, foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

interface MembershipParts {
  readonly rooms: RoomStore;
  readonly clock: RoomClock;
  readonly views: RoomViews;
  readonly updating: RosterUpdating;
  readonly announcer: RosterAnnouncer;
  readonly repairs: RoomRepairs;
  readonly identities: IdentityBook;
  readonly decoys: Decoys;
  readonly turns: KeyedTurns;
  readonly gate: RateGate;
  readonly attempts: PasswordAttempts;
  readonly limits: ServiceLimits;
  readonly wallClock: WallClock;
}

/** What a join brings along for a room that may have a password. */
interface Presented {
  readonly proof: Uint8Array | undefined;
  readonly attempt: PasswordAttempt | undefined;
}

const unknownRoom = (): Refusal => refuse('no_such_room_or_password');

/** Making rooms, joining and leaving them. */
export class Membership {
  readonly #parts: MembershipParts;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  async create(caller: Caller, body: RequestBody<'create'>): Promise<ReplyBody<'create'> | Refusal> {
    const { rooms, gate, limits, clock, views, announcer, wallClock } = this.#parts;
    const slowed = await gate.take('creates_user', limits.rateCreatesUser, caller.user);
    if (slowed !== undefined) return slowed;
    const newcomer = await this.#newcomer(caller, { role: 'owner', joined: 0, since: 1 });
    if (isRefusal(newcomer)) return newcomer;
    const { name, hidden, retention, password, header } = body;
    const record: RoomRecord = {
      room: randomRoomId(),
      name,
      folded: foldName(name),
      hidden,
      retention,
      password:
        password === undefined
          ? { number: 0 }
          : { number: 1, salt: password.salt, proofHash: roomProofHash(password.proof) },
      ...headerSetting(header),
      version: 1,
      floor: 1,
      members: [newcomer],
      bans: [],
      createdAt: wallClock.nowMs(),
      // The first message raises it: a clock that is lost before that begins at 0 again.
      seqCeiling: 0,
      settledThrough: 0,
    };
    if ((await rooms.create(record)) === 'name_taken') return refuse('name_taken');
    const { room, version, floor } = record;
    await clock.rebuild(room, { seq: 0, version, floor, ceiling: 0 });
    views.keepRecord(record);
    await announcer.ownRoom(caller.user, room, name, 'joined');
    return { info: roomInfo(record, newcomer, 0) };
  }

  async join(caller: Caller, body: RequestBody<'join'>): Promise<ReplyBody<'join'> | Refusal> {
    const { gate, limits, attempts, turns } = this.#parts;
    const folded = foldName(body.name);
    const own = `${caller.user}:${folded}`;
    const slowed = await gate.take('joins_user_room', limits.rateJoinsUserRoom, own);
    if (slowed !== undefined) return slowed;
    const attempt = body.proof === undefined ? undefined : await attempts.begin(caller.user, folded);
    if (attempt !== undefined && isRefusal(attempt)) return attempt;
    const outcome = await turns.run(folded, () =>
      untilNoConflict(() => this.#tryJoin(caller, folded, { proof: body.proof, attempt })),
    );
    if (outcome !== 'too_late') return outcome;
    attempt?.costsNothing();
    return rosterCrowded();
  }

  async leave(caller: Caller, body: RequestBody<'leave'>): Promise<ReplyBody<'leave'> | Refusal> {
    const { views, gate, limits, turns } = this.#parts;
    const view = views.newest(body.room) ?? (await views.load(body.room))?.record;
    if (view === undefined) return refuse('not_a_member');
    const folded = foldName(view.name);
    const slowed = await gate.take('joins_user_room', limits.rateJoinsUserRoom, `${caller.user}:${folded}`);
    if (slowed !== undefined) return slowed;
    const outcome = await turns.run(folded, () => untilNoConflict(() => this.#tryLeave(caller, body.room)));
    return outcome === 'too_late' ? rosterCrowded() : outcome;
  }

  async #tryJoin(
    caller: Caller,
    name: FoldedName,
    { proof, attempt }: Presented,
  ): Promise<ReplyBody<'join'> | Refusal | 'conflict'> {
    const { views, decoys, clock, gate, limits, updating, announcer, wallClock } = this.#parts;
    const loaded = await views.loadByName(name);
    // The clock is asked about a room that is not there as well, so that both answers take as long.
    if (loaded === undefined) await clock.read([decoys.room(name)]);
    const member = loaded === undefined ? undefined : memberOf(loaded.record, caller.user);
    const opens = opensRoom(loaded?.record, proof, decoys.proofHash(name));
    if (opens) attempt?.costsNothing();
    else if (member !== undefined) attempt?.costsUserAlone();
    // A member on a second machine asks so whether its password is the right one; without a proof it asks nothing.
    if (loaded !== undefined && member !== undefined && (opens || proof === undefined))
      return this.#alreadyIn(loaded, member);
    if (loaded === undefined || !opens) return unknownRoom();
    const { record, head } = loaded;
    if (record.bans.includes(caller.user)) return refuse('banned');
    if (record.members.length >= limits.maxRoomMembers) return refuse('room_full');
    const version = record.version + 1;
    // `head` was read before the update: whatever is prepared for the new version gets a position above it.
    const after = await this.#newcomer(caller, { role: 'member', joined: head, since: version });
    if (isRefusal(after)) return after;
    const slowed = await gate.take('roster_changes_user', limits.rateRosterChangesUser, caller.user);
    if (slowed !== undefined) return slowed;
    const change = { version, kind: 'joined', after, at: wallClock.nowMs() } as const;
    const view = await updating.apply(record, { change, raisesFloor: false });
    if (view === 'conflict') return 'conflict';
    await announcer.ownRoom(caller.user, record.room, record.name, 'joined');
    return { info: roomInfo(view, after, head) };
  }

  /** Perhaps a join whose answer was lost, and whose node died before it told anybody. */
  async #alreadyIn({ record }: LoadedRoom, member: RosterMember): Promise<Refusal> {
    if (member.since === record.version) {
      const at = this.#parts.wallClock.nowMs();
      const change = { version: record.version, kind: 'joined', after: member, at } as const;
      await this.#parts.updating.announce(record, { change });
    }
    return refuse('already_a_member', { room: record.room });
  }

  async #tryLeave(caller: Caller, room: RoomId): Promise<ReplyBody<'leave'> | Refusal | 'conflict'> {
    const { views, gate, limits, updating, announcer, wallClock } = this.#parts;
    const record = (await views.load(room))?.record;
    const before = record === undefined ? undefined : memberOf(record, caller.user);
    if (record === undefined || before === undefined) return refuse('not_a_member');
    if (record.members.length === 1) return this.#deleteEmpty(caller, record);
    if (before.role === 'owner') {
      return refuse('forbidden', { message: 'an owner hands the room over or deletes it before leaving' });
    }
    const slowed = await gate.take('roster_changes_user', limits.rateRosterChangesUser, caller.user);
    if (slowed !== undefined) return slowed;
    const version = record.version + 1;
    const change = { version, kind: 'left', before, at: wallClock.nowMs() } as const;
    const view = await updating.apply(record, { change, raisesFloor: true });
    if (view === 'conflict') return 'conflict';
    await announcer.ownRoom(caller.user, room, record.name, 'left');
    return {};
  }

  async #deleteEmpty(caller: Caller, record: RoomRecord): Promise<ReplyBody<'leave'> | 'conflict'> {
    const { rooms, repairs, announcer } = this.#parts;
    const { room, name, version } = record;
    if ((await rooms.delete(room, version)) === 'conflict') return 'conflict';
    await repairs.finishDeletion(record);
    await announcer.ownRoom(caller.user, room, name, 'left');
    return {};
  }

  async #newcomer(
    caller: Caller,
    stretch: Pick<RosterMember, 'role' | 'joined' | 'since'>,
  ): Promise<RosterMember | Refusal> {
    const { identities, rooms, limits } = this.#parts;
    const [account, count] = await Promise.all([
      identities.account(caller.user),
      rooms.countRoomsOf(caller.user),
    ]);
    if (account === undefined || account.closed) {
      return refuse('unauthenticated', { message: 'the account is closed' });
    }
    if (count >= limits.maxRoomsPerUser) {
      return refuse('too_large', {
        message: `a user is a member of at most ${limits.maxRoomsPerUser} rooms`,
      });
    }
    return { user: caller.user, identity: account.sequence, ...stretch };
  }
}

function randomRoomId(): RoomId {
  const room = parseRoomId(new Uint8Array(randomBytes(ID_BYTES)));
  if (room === undefined) throw new TypeError('16 bytes are a room id');
  return room;
}
