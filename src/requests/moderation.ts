import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { roleTooLow } from '../core/current-member.ts';
import { unreadyForSuite } from '../core/raised-suites.ts';
import type { Expulsion } from '../core/room-announcer.ts';
import { rosterCrowded, untilNoConflict } from '../core/room-changes.ts';
import { lifeAfter, unfitLife } from '../core/room-lives.ts';
import { nextPassword, type PasswordRequest, passwordRequest } from '../core/room-passwords.ts';
import { namedUsers, userBefore, userPage } from '../core/user-pages.ts';
import { mayAct, type RoomAct } from '../domain/roles.ts';
import {
  formatSettings,
  isPreparedOtherwise,
  keptMs,
  memberOf,
  type RoomRecord,
  type RoomSettings,
  type RosterChange,
  type RosterMember,
  retentionOf,
  retentionSetting,
  settingsOf,
} from '../domain/roster.ts';
import type { RosterUpdate } from '../ports/room-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import { isDirectName } from '../protocol/layouts/direct-name.ts';
import { BANS_PAGE_MAX, HEADER_LAYOUT_FIRST, HEADER_LAYOUT_LAST, ROOM_BANS_MAX } from '../protocol/limits.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/**
 * What owners and moderators do. A ban is in the record beside the roster: no step makes a banned user a member, on whichever
 * node. A room has one owner at every version: handing it over changes two members in one step.
 */
export const moderation = {
  kick,
  ban,
  unban,
  bans,
  grant: (core, caller, { room, user, role }) => changeRole(core, caller, { room, user, role, act: 'grant' }),
  revoke: (core, caller, { room, user }) =>
    changeRole(core, caller, { room, user, role: 'member', act: 'revoke' }),
  rename,
  update,
  delete: deleteRoom,
} satisfies Partial<UseCases>;

/** A room as it is now, and the member who wants to act in it, whose role allows that. */
interface Authorization {
  readonly record: RoomRecord;
  readonly actor: RosterMember;
}

type Empty = Record<string, never>;

/** As `leave`, for somebody else. */
function kick(
  core: Core,
  caller: Caller,
  { room, user, why }: RequestBody<'kick'>,
): Promise<Empty | Refusal> {
  return attempts(core, caller, room, 'kick', async ({ record, actor }) => {
    const before = memberOf(record, user);
    if (before === undefined) return refuse('no_such_member');
    if (!mayAct('kick', actor.role, before.role)) return roleTooLow();
    return applyChange(
      core,
      record,
      { kind: 'kicked', before },
      { raisesFloor: true },
      expulsionBy(caller, why),
    );
  });
}

/** As `kick`; and after it returned, the user is a member on no node, whatever joins were under way. */
function ban(core: Core, caller: Caller, { room, user, why }: RequestBody<'ban'>): Promise<Empty | Refusal> {
  return attempts(core, caller, room, 'ban', async ({ record, actor }) => {
    const before = memberOf(record, user);
    if (before !== undefined && !mayAct('ban', actor.role, before.role)) return roleTooLow();
    if (record.bans.includes(user)) return {};
    if (record.bans.length >= ROOM_BANS_MAX)
      return refuse('too_large', { message: `at most ${ROOM_BANS_MAX} users can be banned from a room` });
    if (before === undefined && (await core.identities.account(user)) === undefined)
      return refuse('invalid_name', { message: 'nobody has this id' });
    // Without a member it is a change all the same: a join that was prepared for the version before has to look again.
    const change =
      before === undefined ? ({ kind: 'settings' } as const) : ({ kind: 'banned', before } as const);
    const how = { raisesFloor: before !== undefined, bans: { add: user } };
    return applyChange(core, record, change, how, expulsionBy(caller, why));
  });
}

function unban(core: Core, caller: Caller, { room, user }: RequestBody<'unban'>): Promise<Empty | Refusal> {
  return attempts(core, caller, room, 'unban', async ({ record }) => {
    if (!record.bans.includes(user)) return {};
    return applyChange(core, record, { kind: 'settings' }, { raisesFloor: false, bans: { remove: user } });
  });
}

async function bans(
  core: Core,
  caller: Caller,
  body: RequestBody<'bans'>,
): Promise<ReplyBody<'bans'> | Refusal> {
  const before = userBefore(body.cursor);
  if (isRefusal(before)) return before;
  const authorized = await authorize(core, caller, body.room, 'bans');
  if (isRefusal(authorized)) return authorized;
  return namedUsers(core.identities, userPage(authorized.record.bans, before.user, BANS_PAGE_MAX));
}

function changeRole(
  core: Core,
  caller: Caller,
  {
    room,
    user,
    role,
    act,
  }: Omit<RequestBody<'grant'>, 'role'> & {
    readonly role: RosterMember['role'];
    readonly act: 'grant' | 'revoke';
  },
): Promise<Empty | Refusal> {
  return attempts(core, caller, room, act, async ({ record, actor }) => {
    const before = memberOf(record, user);
    if (before === undefined) return refuse('no_such_member');
    if (!mayAct(act, actor.role, before.role)) return roleTooLow();
    if (before.role === role) return {};
    const after = { ...before, role };
    const change = { kind: 'role', before, after, ...(role === 'owner' && { formerOwner: actor }) } as const;
    // Nobody removes messages any more as the moderator of a version before.
    return applyChange(core, record, change, { raisesFloor: act === 'revoke' });
  });
}

function rename(core: Core, caller: Caller, { room, name }: RequestBody<'rename'>): Promise<Empty | Refusal> {
  return attempts(core, caller, room, 'rename', async ({ record }) => {
    if (record.name === name) return {};
    if (isDirectName(name)) return refuse('name_taken');
    const outcome = await applySettings(core, record, { ...settingsOf(record), name });
    if (outcome === 'name_taken') return refuse('name_taken');
    return outcome === 'conflict' ? 'conflict' : {};
  });
}

async function update(
  core: Core,
  caller: Caller,
  body: RequestBody<'update'>,
): Promise<ReplyBody<'update'> | Refusal> {
  const wanted = passwordRequest(body.password);
  if (wanted === 'bad_request')
    return refuse('bad_request', { message: 'update: a password is a salt and a proof, or neither' });
  const { retention: days, retentionHours: hours } = body;
  const retention = days === undefined ? undefined : retentionSetting(days, hours);
  if (retention === undefined && (days ?? hours) !== undefined)
    return refuse('bad_request', { message: 'update: the hours are not of these days' });
  return attempts(core, caller, body.room, 'update', async ({ record }) => {
    if (record.direct !== undefined && (body.hidden ?? body.password ?? body.life) !== undefined)
      return roleTooLow();
    const unfit = await unfitLife(core, caller, record, body.life);
    if (unfit !== undefined) return unfit;
    if ((body.header ?? HEADER_LAYOUT_LAST) < (record.header ?? HEADER_LAYOUT_FIRST))
      return refuse('bad_request', { message: 'update: the layout of headers is only raised' });
    const unready = await unreadyForSuite(core, record, body.suite);
    if (unready !== undefined) return unready;
    const settings = updated(record, body, retention ?? retentionOf(record), wanted, core.clock.nowMs());
    const reply = { password: settings.password.number };
    if (isSame(record, settings)) return reply;
    const outcome = await applySettings(core, record, settings);
    // Its own name is nobody else's.
    return outcome === 'conflict' || outcome === 'name_taken' ? 'conflict' : reply;
  });
}

/** After it returned, no message gets a position. The copies are purged in the background, if need be by other nodes. */
function deleteRoom(core: Core, caller: Caller, { room }: RequestBody<'delete'>): Promise<Empty | Refusal> {
  const { upkeep, announcer } = core;
  const { user, session } = caller;
  return attempts(core, caller, room, 'delete', async ({ record }) => {
    if ((await upkeep.deleteRecord(record)) === 'conflict') return 'conflict';
    await upkeep.finishDeletionForAll(record, session);
    announcer.departed({ room, user, reason: 'deleted', by: session });
    return {};
  });
}

/**
 * Runs an attempt on the record as it is now, again as long as others change the room first. The attempt writes only under the
 * version of that record, so the role that was looked at is the one that the change was made with. A user who is no member
 * gets the answer of a room that does not exist.
 */
async function attempts<T extends object>(
  core: Core,
  caller: Caller,
  room: RoomId,
  act: RoomAct,
  attempt: (authorized: Authorization) => Promise<T | Refusal | 'conflict'>,
): Promise<T | Refusal> {
  const { views, turns, rates, limits } = core;
  const slowed =
    (await rates.take('room_acts_user', limits.rateRoomActsUser, caller.user)) ??
    (await rates.take('roster_changes_user', limits.rateRosterChangesUser, caller.user));
  if (slowed !== undefined) return slowed;
  const view = views.newest(room) ?? (await views.load(room))?.record;
  if (view === undefined) return refuse('not_a_member');
  const outcome = await turns.run(foldName(view.name), () =>
    untilNoConflict(async () => {
      const authorized = await authorize(core, caller, room, act);
      return 'refused' in authorized ? authorized : attempt(authorized);
    }),
  );
  return outcome === 'too_late' ? rosterCrowded() : outcome;
}

async function authorize(
  { views }: Core,
  caller: Caller,
  room: RoomId,
  act: RoomAct,
): Promise<Authorization | Refusal> {
  const record = (await views.load(room))?.record;
  const actor = record === undefined ? undefined : memberOf(record, caller.user);
  if (record === undefined || actor === undefined) return refuse('not_a_member');
  // A direct room has no owner: either of the two may update what is not who can enter it.
  const isAllowed = mayAct(act, actor.role) || (act === 'update' && record.direct !== undefined);
  return isAllowed ? { record, actor } : roleTooLow();
}

function expulsionBy({ name: by }: Caller, why: string | undefined): Expulsion {
  return why === undefined || why === '' ? { by } : { by, why };
}

async function applyChange(
  { changes, clock }: Core,
  record: RoomRecord,
  step: Omit<RosterChange, 'version' | 'at'>,
  how: Pick<RosterUpdate, 'raisesFloor' | 'bans'>,
  expulsion?: Expulsion,
): Promise<Empty | 'conflict'> {
  const change = { version: record.version + 1, ...step, at: clock.nowMs() };
  return (await changes.apply(record, { change, ...how }, expulsion)) === 'conflict' ? 'conflict' : {};
}

async function applySettings(
  { changes, upkeep, clock }: Core,
  record: RoomRecord,
  settings: RoomSettings,
): Promise<object | 'conflict' | 'name_taken'> {
  const version = record.version + 1;
  const outcome = await changes.applySettings(record, {
    change: { version, kind: 'settings', at: clock.nowMs() },
    raisesFloor: isPreparedOtherwise(record, settings),
    settings,
  });
  if (typeof outcome === 'object' && keptMs(settings) !== keptMs(record))
    upkeep.begin({ room: record.room, version, kind: 'retention' });
  return outcome;
}

function updated(
  record: RoomRecord,
  { hidden = record.hidden, ...body }: RequestBody<'update'>,
  retention: Pick<RoomSettings, 'retention' | 'retentionHours'>,
  wanted: PasswordRequest | undefined,
  nowMs: number,
): RoomSettings {
  const password = wanted === undefined ? record.password : nextPassword(record.password, wanted);
  const { header = record.header, suite = record.suite } = body;
  const format = formatSettings({ header, suite });
  const { retention: _days, retentionHours: _hours, ...others } = settingsOf(record);
  const settings = {
    ...others,
    ...retention,
    hidden,
    password,
    ...format,
    ...lifeAfter(record, body.life),
  };
  if (keptMs(retention) === keptMs(record)) return settings;
  return { ...settings, goneThrough: Math.max(record.goneThrough ?? 0, nowMs - keptMs(record)) };
}

function isSame(record: RoomRecord, settings: RoomSettings): boolean {
  return (
    !isPreparedOtherwise(record, settings) &&
    record.hidden === settings.hidden &&
    record.life === settings.life
  );
}
