import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import type { PasswordAttempt } from '../core/password-attempts.ts';
import { newMember, rosterCrowded, untilNoConflict } from '../core/room-changes.ts';
import { roomInfo, unsupportedSuite } from '../core/room-info.ts';
import { opensRoom, roomProofHash } from '../core/room-passwords.ts';
import type { LoadedRoom } from '../core/room-views.ts';
import {
  formatSettings,
  hasEpochs,
  isOpenTo,
  memberOf,
  type RoomRecord,
  type RosterMember,
  retentionSetting,
} from '../domain/roster.ts';
import { randomId } from '../lib/random-id.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseRoomId, type RoomId } from '../protocol/ids.ts';
import { isDirectName } from '../protocol/layouts/direct-name.ts';
import { SUITE_FIRST } from '../protocol/limits.ts';
import { type FoldedName, foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Creating rooms, joining and leaving them. */
export const membership = { create, join, leave } satisfies Partial<UseCases>;

async function create(
  core: Core,
  caller: Caller,
  body: RequestBody<'create'>,
): Promise<ReplyBody<'create'> | Refusal> {
  const { rates, limits, relay, stores, views, announcer, clock, reconciler } = core;
  const slowed = await rates.take('creates_user', limits.rateCreatesUser, caller.user);
  if (slowed !== undefined) return slowed;
  const retention = retentionSetting(body.retention, body.retentionHours);
  if (retention === undefined)
    return refuse('bad_request', { message: 'create: the hours are not of these days' });
  const newcomer = await newMember(core, caller.user, { role: 'owner', joined: 0, since: 1 });
  if (isRefusal(newcomer)) return newcomer;
  const { name, hidden, password } = body;
  if (isDirectName(name)) return refuse('name_taken');
  const record: RoomRecord = {
    room: randomId(parseRoomId),
    name,
    folded: foldName(name),
    hidden,
    ...retention,
    password:
      password === undefined
        ? { number: 0 }
        : { number: 1, salt: password.salt, proofHash: roomProofHash(password.proof) },
    ...formatSettings(body),
    version: 1,
    floor: 1,
    members: [newcomer],
    bans: [],
    createdAt: clock.nowMs(),
    // The first message raises it: a sequencer that is lost before that begins at 0 again.
    seqCeiling: 0,
    settledThrough: 0,
  };
  if ((await stores.rooms.create(record)) === 'name_taken') return refuse('name_taken');
  const { room, version, floor } = record;
  await relay.sequencer.rebuild(room, { seq: 0, version, floor, ceiling: 0 });
  views.keepRecord(record);
  await announcer.ownRoom(caller.user, record, 'joined', caller.session);
  reconciler.joined(caller.user, room);
  return { info: roomInfo(record, newcomer, { head: 0, epoch: 0 }) };
}

async function join(
  core: Core,
  caller: Caller,
  body: RequestBody<'join'>,
): Promise<ReplyBody<'join'> | Refusal> {
  const { rates, limits, passwordAttempts, turns, reconciler } = core;
  const folded = foldName(body.name);
  const own = `${caller.user}:${folded}`;
  const slowed = await rates.take('joins_user_room', limits.rateJoinsUserRoom, own);
  if (slowed !== undefined) return slowed;
  const attempt = body.proof === undefined ? undefined : await passwordAttempts.begin(caller.user, folded);
  if (attempt !== undefined && isRefusal(attempt)) return attempt;
  const presented = { proof: body.proof, attempt, suite: body.suite ?? SUITE_FIRST };
  const outcome = await turns.run(folded, () =>
    untilNoConflict(() => tryJoin(core, caller, folded, presented)),
  );
  if (outcome === 'too_late') {
    attempt?.costsNothing();
    return rosterCrowded();
  }
  if (!isRefusal(outcome)) reconciler.joined(caller.user, outcome.info.room);
  return outcome;
}

/** After it returned, no message gets a position with a copy for the user who left. */
async function leave(
  core: Core,
  caller: Caller,
  body: RequestBody<'leave'>,
): Promise<ReplyBody<'leave'> | Refusal> {
  const { views, rates, limits, roomInvitations, turns } = core;
  const view = views.newest(body.room) ?? (await views.load(body.room))?.record;
  if (view === undefined) return refuse('not_a_member');
  const folded = foldName(view.name);
  const slowed = await rates.take('joins_user_room', limits.rateJoinsUserRoom, `${caller.user}:${folded}`);
  if (slowed !== undefined) return slowed;
  const outcome = await turns.run(folded, () => untilNoConflict(() => tryLeave(core, caller, body.room)));
  if (outcome === 'too_late') return rosterCrowded();
  // To leave a direct room is an answer to its invitation, too.
  if (view.direct !== undefined && !isRefusal(outcome)) await roomInvitations.dismiss(caller, body.room);
  return outcome;
}

/** What a join brings along for a room that may have a password. */
interface Presented {
  readonly proof: Uint8Array | undefined;
  readonly attempt: PasswordAttempt | undefined;
  /** The highest that the client speaks. */
  readonly suite: number;
}

async function tryJoin(
  core: Core,
  caller: Caller,
  name: FoldedName,
  { proof, attempt, suite }: Presented,
): Promise<ReplyBody<'join'> | Refusal | 'conflict'> {
  const { views, decoys, relay, rates, limits, changes, announcer, clock } = core;
  const found = await views.loadByName(name);
  // Whoever is neither of the two learns nothing of a direct room.
  const loaded = found !== undefined && isOpenTo(found.record, caller.user) ? found : undefined;
  // The sequencer is asked about a room that is not there as well, so that both answers take as long.
  if (loaded === undefined) await relay.sequencer.read([decoys.room(name)]);
  const member = loaded === undefined ? undefined : memberOf(loaded.record, caller.user);
  const opens = opensRoom(loaded?.record, proof, decoys.proofHash(name));
  if (opens) attempt?.costsNothing();
  else if (member !== undefined) attempt?.costsUserAlone();
  // A member on a second machine asks so whether its password is the right one; without a proof it asks nothing.
  if (loaded !== undefined && member !== undefined && (opens || proof === undefined))
    return alreadyIn(core, loaded, member);
  if (loaded === undefined || !opens) return refuse('no_such_room_or_password');
  const { record, head, epoch } = loaded;
  if (record.bans.includes(caller.user)) return refuse('banned');
  if ((record.suite ?? SUITE_FIRST) > suite) return unsupportedSuite();
  const membersMax = hasEpochs(record) ? limits.maxEpochRoomMembers : limits.maxRoomMembers;
  if (record.members.length >= membersMax) return refuse('room_full');
  const version = record.version + 1;
  // `head` was read before the update: whatever is prepared for the new version gets a position above it.
  const after = await newMember(core, caller.user, { role: 'member', joined: head, since: version });
  if (isRefusal(after)) return after;
  const slowed = await rates.take('roster_changes_user', limits.rateRosterChangesUser, caller.user);
  if (slowed !== undefined) return slowed;
  const change = { version, kind: 'joined', after, at: clock.nowMs() } as const;
  const view = await changes.apply(record, { change, raisesFloor: false });
  if (view === 'conflict') return 'conflict';
  await announcer.ownRoom(caller.user, record, 'joined', caller.session);
  return { info: roomInfo(view, after, { head, epoch }) };
}

/** Perhaps a join whose answer was lost, and whose node crashed before it announced it. */
async function alreadyIn(core: Core, { record }: LoadedRoom, member: RosterMember): Promise<Refusal> {
  if (member.since === record.version) {
    const at = core.clock.nowMs();
    const change = { version: record.version, kind: 'joined', after: member, at } as const;
    await core.changes.announce(record, { change });
  }
  return refuse('already_a_member', { room: record.room });
}

async function tryLeave(
  core: Core,
  caller: Caller,
  room: RoomId,
): Promise<ReplyBody<'leave'> | Refusal | 'conflict'> {
  const { views, rates, limits, changes, clock } = core;
  const record = (await views.load(room))?.record;
  const before = record === undefined ? undefined : memberOf(record, caller.user);
  if (record === undefined || before === undefined) return refuse('not_a_member');
  if (record.members.length === 1) return deleteEmpty(core, caller, record);
  if (before.role === 'owner') {
    return refuse('forbidden', { message: 'an owner hands the room over or deletes it before leaving' });
  }
  const slowed = await rates.take('roster_changes_user', limits.rateRosterChangesUser, caller.user);
  if (slowed !== undefined) return slowed;
  const version = record.version + 1;
  const change = { version, kind: 'left', before, at: clock.nowMs() } as const;
  const view = await changes.apply(record, { change, raisesFloor: true });
  if (view === 'conflict') return 'conflict';
  await announceLeft(core, caller, record);
  return {};
}

async function deleteEmpty(
  core: Core,
  caller: Caller,
  record: RoomRecord,
): Promise<ReplyBody<'leave'> | 'conflict'> {
  const { upkeep } = core;
  if ((await upkeep.deleteRecord(record)) === 'conflict') return 'conflict';
  await upkeep.finishDeletion(record);
  await announceLeft(core, caller, record);
  return {};
}

async function announceLeft({ announcer }: Core, caller: Caller, record: RoomRecord): Promise<void> {
  const { user, session } = caller;
  await announcer.ownRoom(user, record, 'left', session);
  announcer.departed({ room: record.room, user, reason: 'left', by: session });
}
