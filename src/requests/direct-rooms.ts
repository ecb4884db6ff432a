import { hash } from 'node:crypto';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { newMember, rosterCrowded, untilNoConflict } from '../core/room-changes.ts';
import { roomInfo, unsupportedSuite } from '../core/room-info.ts';
import { unreachable } from '../core/room-invitations.ts';
import type { LoadedRoom } from '../core/room-views.ts';
import { type DirectPair, memberOf, type RoomRecord, type RosterMember } from '../domain/roster.ts';
import { randomId } from '../lib/random-id.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { pairOf, parseRoomId, type UserId } from '../protocol/ids.ts';
import { directName, directNameInput } from '../protocol/layouts/direct-name.ts';
import { RETENTION_DAYS_DEFAULT, SUITE_FIRST } from '../protocol/limits.ts';
import { foldName, type RoomName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/**
 * The one direct room of two users. Its name is made of their ids and a generation, so of all who open it at the same time, on
 * whichever nodes, one creates it, and the others find it.
 */
export const directRooms = { direct } satisfies Partial<UseCases>;

type Outcome = ReplyBody<'direct'> | Refusal | 'conflict';

async function direct(
  core: Core,
  caller: Caller,
  { user, suite = SUITE_FIRST }: RequestBody<'direct'>,
): Promise<ReplyBody<'direct'> | Refusal> {
  const { roomInvitations, stores, turns } = core;
  const other = await roomInvitations.invitee(caller, user);
  if (isRefusal(other)) return other;
  if (await stores.contacts.isBlocked(caller.user, user))
    return refuse('forbidden', { message: 'the caller has blocked this user' });
  const pair = pairOf(caller.user, user);
  const charged = once(() => roomInvitations.charge(caller, user));
  const outcome = await turns.run(`${pair.low}:${pair.high}`, () =>
    untilNoConflict(() => tryDirect(core, { caller, user, suite, charged }, pair)),
  );
  return outcome === 'too_late' ? rosterCrowded() : outcome;
}

/** Who opens a direct room with whom. */
interface Opening {
  readonly caller: Caller;
  readonly user: UserId;
  /** The highest that the caller's client speaks. */
  readonly suite: number;
  /** To be asked before `user` is bothered. */
  readonly charged: () => Promise<Refusal | undefined>;
}

async function tryDirect(
  core: Core,
  opening: Opening,
  users: Pick<DirectPair, 'low' | 'high'>,
): Promise<Outcome> {
  const { stores, views } = core;
  const generation = (await stores.contacts.endedGeneration(users)) + 1;
  const pair = { ...users, generation };
  const input = directNameInput(users, generation);
  const name = directName(new Uint8Array(hash('sha256', input, 'buffer')));
  const loaded = await views.loadByName(foldName(name));
  if (loaded === undefined) return create(core, opening, { name, pair });
  if (loaded.record.direct === undefined) {
    // A gateway of an earlier release gave the name to somebody else.
    await stores.contacts.endGeneration(users, generation);
    return 'conflict';
  }
  return find(core, opening, loaded);
}

async function create(
  core: Core,
  { caller, user, charged }: Opening,
  { name, pair }: { readonly name: RoomName; readonly pair: DirectPair },
): Promise<Outcome> {
  const { announcer, clock, rates, limits, reconciler, relay, roomInvitations, stores, views } = core;
  const interval = { joined: 0, since: 1 };
  const own = await memberFor(core, caller, caller.user, interval);
  if (isRefusal(own)) return own;
  const theirs = await memberFor(core, caller, user, interval);
  if (isRefusal(theirs)) return theirs;
  const members = own.user < theirs.user ? [own, theirs] : [theirs, own];
  const slowed = (await rates.take('creates_user', limits.rateCreatesUser, caller.user)) ?? (await charged());
  if (slowed !== undefined) return slowed;
  const record: RoomRecord = {
    ...{ room: randomId(parseRoomId), name, folded: foldName(name), hidden: true, direct: pair },
    ...{ retention: RETENTION_DAYS_DEFAULT, password: { number: 0 }, version: 1, floor: 1, members },
    ...{ bans: [], createdAt: clock.nowMs(), seqCeiling: 0, settledThrough: 0 },
  };
  const { room, version, floor } = record;
  // Before the room is there: nobody is a member of a direct room without having been asked.
  const refused = await roomInvitations.deliver(caller, user, record, { kind: 'direct' });
  if (refused !== undefined) return refused;
  if ((await stores.rooms.create(record)) === 'name_taken') {
    await stores.contacts.purge(room);
    return 'conflict';
  }
  await relay.sequencer.rebuild(room, { seq: 0, version, floor, ceiling: 0 });
  views.keepRecord(record);
  await announcer.ownRoom(caller.user, record, 'joined', caller.session);
  await announcer.ownRoom(user, record, 'joined');
  for (const { user: member } of members) reconciler.joined(member, room);
  return infoFor(caller, { record, head: 0, epoch: 0 }) ?? 'conflict';
}

/** The room is there: whoever left it is a member again. */
async function find(core: Core, opening: Opening, loaded: LoadedRoom): Promise<Outcome> {
  const { roomInvitations } = core;
  const { caller, user, suite, charged } = opening;
  const { record } = loaded;
  if ((record.suite ?? SUITE_FIRST) > suite) return unsupportedSuite();
  if (memberOf(record, caller.user) === undefined) return rejoin(core, caller, caller.user, loaded);
  await roomInvitations.dismiss(caller, record.room);
  if (memberOf(record, user) !== undefined) return infoFor(caller, loaded) ?? 'conflict';
  const slowed = await charged();
  if (slowed !== undefined) return slowed;
  const refused = await roomInvitations.deliver(caller, user, record, { kind: 'direct' });
  return refused ?? rejoin(core, caller, user, loaded);
}

/** One step of several: the next attempt looks at the room anew. */
async function rejoin(
  core: Core,
  caller: Caller,
  user: UserId,
  { record, head }: LoadedRoom,
): Promise<Refusal | 'conflict'> {
  const { announcer, changes, clock, limits, rates, reconciler } = core;
  const slowed = await rates.take('joins_user_room', limits.rateJoinsUserRoom, `${user}:${record.folded}`);
  if (slowed !== undefined) return slowed;
  const version = record.version + 1;
  const after = await memberFor(core, caller, user, { joined: head, since: version });
  if (isRefusal(after)) return after;
  const change = { version, kind: 'joined', after, at: clock.nowMs() } as const;
  if ((await changes.apply(record, { change, raisesFloor: false })) === 'conflict') return 'conflict';
  await announcer.ownRoom(user, record, 'joined', user === caller.user ? caller.session : undefined);
  reconciler.joined(user, record.room);
  return 'conflict';
}

/** Whoever opens the room learns why it can't be its member, and nothing of the other one. */
async function memberFor(
  core: Core,
  caller: Caller,
  user: UserId,
  interval: Pick<RosterMember, 'joined' | 'since'>,
): Promise<RosterMember | Refusal> {
  const member = await newMember(core, user, { role: 'member', ...interval });
  return isRefusal(member) && user !== caller.user ? unreachable() : member;
}

function infoFor(caller: Caller, loaded: LoadedRoom): ReplyBody<'direct'> | undefined {
  const member = memberOf(loaded.record, caller.user);
  return member === undefined ? undefined : { info: roomInfo(loaded.record, member, loaded) };
}

/** What several attempts share: the first one asks. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}
