import { hash } from 'node:crypto';
import { fingerprintOf, openAccountOf, verifyEd25519 } from '../core/account-proofs.ts';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { type CurrentMember, currentMember } from '../core/current-member.ts';
import type { KnownEpoch } from '../core/epochs.ts';
import { DAY_MS, hasEpochs, keptMs, memberOf, type RosterMember } from '../domain/roster.ts';
import type { EpochCopy, EpochRow, NewEpoch } from '../ports/epoch-store.ts';
import { sameBytes } from '../protocol/bytes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { RoomId, UserId } from '../protocol/ids.ts';
import { epochLeafInput, epochNodeInput, epochSignatureInput } from '../protocol/layouts/epoch-inputs.ts';
import { type EpochBody, type EpochRecord, parseEpochRecord } from '../protocol/layouts/epoch-record.ts';
import { splitEpochWraps } from '../protocol/layouts/epoch-wraps.ts';
import { merkleLevels, merklePath, merkleTop } from '../protocol/layouts/merkle-tree.ts';
import {
  EPOCH_AGE_MS,
  EPOCH_GAP_MAX,
  EPOCH_REPAIR_INTERVAL_MS,
  EPOCH_WRAP_BYTES_MAX,
} from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Clocks of members and of the server differ: so much earlier than the others say an epoch may be called old. */
const AGE_SLACK_MS = DAY_MS;
/** Wraps of a page read at most: the store reads an epoch with the wraps of all of its members. */
const PAGE_WRAPS_MAX = 20_000;
/** What an epoch takes in the store beside its wraps: of each member, and of itself. */
const COPY_BYTES = 420;
const ROW_BYTES = 512;

/** The epochs of rooms of suite 2: each is stored by one insert, which one of those who made it at the same time wins. */
export const epochs = { wraps, epoch: store, epochs: page } satisfies Partial<UseCases>;

async function wraps(
  core: Core,
  caller: Caller,
  { room, ...part }: RequestBody<'wraps'>,
): Promise<ReplyBody<'wraps'> | Refusal> {
  const entered = await roomOf(core, caller, room);
  if (isRefusal(entered)) return entered;
  return core.waitingWraps.put({ user: caller.user, room }, part) ?? {};
}

async function roomOf(core: Core, caller: Caller, room: RoomId): Promise<CurrentMember | Refusal> {
  const current = await currentMember(core, caller, room);
  if (isRefusal(current) || hasEpochs(current.view)) return current;
  return refuse('unsupported_version', { message: 'this room is of suite 1, which has no epochs' });
}

/** An epoch that somebody wants to have stored. */
interface Offered {
  readonly room: RoomId;
  readonly record: EpochRecord;
  readonly bytes: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly bodyHash: Uint8Array;
}

async function store(
  core: Core,
  caller: Caller,
  { room, record: bytes }: RequestBody<'epoch'>,
): Promise<ReplyBody<'epoch'> | Refusal> {
  const entered = await roomOf(core, caller, room);
  if (isRefusal(entered)) return entered;
  const parsed = parseEpochRecord(bytes);
  if (!parsed.ok)
    return refuse(parsed.reason === 'malformed' ? 'bad_request' : 'unsupported_version', {
      message: `epoch: the record is ${parsed.reason}`,
    });
  const { record } = parsed;
  if (record.body.room !== room || record.body.committer !== caller.user)
    return refuse('bad_request', { message: 'epoch: the record names another room or committer' });
  const offered = { room, record, bytes, recordHash: sha256(bytes), bodyHash: sha256(record.bodyBytes) };
  const found = await core.epochs.find(room, record.body.number);
  if (found !== undefined) return metAnother(core, caller, offered, found, entered);
  return (await mismatch(core, caller, offered, entered)) ?? insert(core, caller, offered, entered);
}

/** There is one of this number: perhaps the very same, whose reply was lost. */
async function metAnother(
  core: Core,
  caller: Caller,
  { room, recordHash }: Offered,
  found: KnownEpoch,
  { view }: CurrentMember,
): Promise<ReplyBody<'epoch'> | Refusal> {
  if (!sameBytes(found.row.recordHash, recordHash)) {
    core.telemetry.epochRaceLost();
    return conflict(core, caller, room, found.row);
  }
  await core.epochs.spread(room, found.row, keptMs(view));
  return { at: found.row.at };
}

/** The loser may use the one that is stored, if it was made for it. */
async function conflict(
  { stores }: Core,
  { user }: Caller,
  room: RoomId,
  { number }: Pick<EpochRow, 'number'>,
): Promise<Refusal> {
  const issued = await stores.epochs.issued(room, number, [user]);
  const own = issued?.copies.get(user);
  if (issued === undefined || own === undefined) return refuse('conflict');
  return refuse('conflict', { epoch: ownEpoch(issued.epoch, own) });
}

function ownEpoch({ number, record }: EpochRow, { wrap, path }: EpochCopy) {
  return { number, record, wrap, path };
}

/** What the record says must be what the server knows. Undefined: it is. */
async function mismatch(
  core: Core,
  caller: Caller,
  { room, record: { body } }: Offered,
  { view }: CurrentMember,
): Promise<Refusal | undefined> {
  const stale = refuse('stale_roster', { version: view.version });
  if (body.rosterVersion < view.floor || body.rosterVersion > view.version) return stale;
  if (body.passwordNumber !== view.password.number) return stale;
  const newest = await core.epochs.newest(room);
  const last = newest?.row.number ?? 0;
  if (body.number > last + 1 + EPOCH_GAP_MAX)
    return refuse('bad_request', { message: 'epoch: its number leaves out too many' });
  if (newest === undefined) return undefined;
  const follows = body.number > last + 1 || sameBytes(body.previousHash, newest.row.recordHash);
  if (body.number <= last || !follows || isNeedless(body, newest, view.floor, core.clock.nowMs()))
    return conflict(core, caller, room, newest.row);
  return undefined;
}

/** The newest epoch does as well: for the same recipients and password, at or above the floor, and not old. */
function isNeedless(body: EpochBody, newest: KnownEpoch, floor: number, nowMs: number): boolean {
  if (body.number > newest.row.number + 1 || body.reason === 'repair') return false;
  if (newest.row.rosterVersion < floor || nowMs - newest.row.at >= EPOCH_AGE_MS - AGE_SLACK_MS) return false;
  if (body.passwordNumber !== newest.body.passwordNumber) return false;
  return sameBytes(body.recipients, newest.body.recipients);
}

async function insert(
  core: Core,
  caller: Caller,
  offered: Offered,
  entered: CurrentMember,
): Promise<ReplyBody<'epoch'> | Refusal> {
  const { room, record, bytes, recordHash } = offered;
  const { number, rosterVersion, reason } = record.body;
  const copies = await checkedCopies(core, caller, offered);
  if (isRefusal(copies)) return copies;
  const at = core.clock.nowMs();
  const committer = caller.user;
  const epoch: NewEpoch = {
    ...{ room, number, rosterVersion, record: bytes, recordHash, committer, at, copies },
    members: copies.size,
  };
  const byteCount = storedBytes(copies);
  const slowed =
    (await taken(core, caller, room, reason)) ?? (await core.quota.take(caller.user, room, byteCount));
  if (slowed !== undefined) return slowed;
  if (!(await core.stores.epochs.add(epoch))) {
    core.quota.giveBack(caller.user, room, byteCount);
    const found = await core.epochs.find(room, number);
    return found === undefined ? refuse('conflict') : metAnother(core, caller, offered, found, entered);
  }
  core.waitingWraps.drop({ user: caller.user, room });
  core.epochLeases.made(room, caller.session);
  const hybrid = hybridWraps(copies);
  core.telemetry.epochMade(copies.size - hybrid, hybrid);
  const { copies: _stored, room: _room, ...row } = epoch;
  core.epochs.keep(room, row);
  await core.epochs.spread(room, row, keptMs(entered.view));
  return { at };
}

/** What the limits on epochs say. */
async function taken(
  { rates, limits }: Core,
  { user }: Caller,
  room: RoomId,
  reason: EpochBody['reason'],
): Promise<Refusal | undefined> {
  const slowed = await rates.take('epochs_room', limits.rateEpochsRoom, room);
  if (slowed !== undefined || reason !== 'repair') return slowed;
  const once = { count: 1, periodMs: EPOCH_REPAIR_INTERVAL_MS, burst: 1 };
  return rates.take('epoch_repairs_user_room', once, `${user}:${room}`);
}

/** The wraps that came, each with its path; the tree and the signature over it hold. */
async function checkedCopies(
  core: Core,
  caller: Caller,
  { room, record, bodyHash }: Offered,
): Promise<ReadonlyMap<UserId, EpochCopy> | Refusal> {
  const { body, root, signature } = record;
  const at = await core.views.at(room, body.rosterVersion);
  if (at.kind === 'gone') return refuse('not_a_member');
  if (at.kind === 'stale') return refuse('stale_roster', { version: at.current.version });
  const { members } = at.known.view;
  if (memberOf(at.known.view, caller.user) === undefined)
    return refuse('bad_request', { message: 'epoch: its committer was no member at its roster version' });
  const account = await openAccountOf(core.stores.identities, caller);
  if (isRefusal(account)) return account;
  if (fingerprintOf(account.document) !== body.committerFingerprint)
    return refuse('bad_request', { message: 'epoch: its committer has other keys' });
  if (!verifyEd25519(account.document.signingKey, epochSignatureInput(bodyHash, root), signature))
    return refuse('bad_request', { message: 'epoch: the signature does not hold' });
  const bytes = core.waitingWraps.all({ user: caller.user, room }, bodyHash);
  const split = bytes === undefined ? undefined : splitEpochWraps(body.keying, bytes, members.length);
  if (split === undefined)
    return refuse('wraps_missing', { message: `epoch: wraps of ${members.length} members are needed` });
  return copiesIn(members, split, root) ?? refuse('bad_request', { message: 'epoch: the root is another' });
}

/** Undefined: the wraps do not lead to this root. */
function copiesIn(
  members: readonly RosterMember[],
  split: readonly Uint8Array[],
  root: Uint8Array,
): ReadonlyMap<UserId, EpochCopy> | undefined {
  const leaves = members.map(({ user }, index) =>
    sha256(epochLeafInput(user, split[index] ?? new Uint8Array(0))),
  );
  const levels = merkleLevels(leaves, (left, right) => sha256(epochNodeInput(left, right)));
  if (!sameBytes(merkleTop(levels), root)) return undefined;
  return new Map(
    members.map(({ user }, index) => [
      user,
      {
        wrap: split[index] ?? new Uint8Array(0),
        index,
        path: new Uint8Array(Buffer.concat(merklePath(levels, index))),
      },
    ]),
  );
}

function storedBytes(copies: ReadonlyMap<UserId, EpochCopy>): number {
  let byteCount = ROW_BYTES;
  for (const { wrap } of copies.values()) byteCount += wrap.length + COPY_BYTES;
  return byteCount;
}

/** Wraps that need a prekey to be opened. */
function hybridWraps(copies: ReadonlyMap<UserId, EpochCopy>): number {
  let count = 0;
  for (const { wrap } of copies.values()) if (wrap.length === EPOCH_WRAP_BYTES_MAX) count += 1;
  return count;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}

async function page(
  core: Core,
  caller: Caller,
  { room, after, limit, make }: RequestBody<'epochs'>,
): Promise<ReplyBody<'epochs'> | Refusal> {
  // Also by somebody who is no member any more: others may be waiting for this session.
  if (make === false) await core.epochLeases.giveUp(room, caller.session);
  if (limit === 0) return refuse('bad_request', { message: 'epochs: a limit of 1 or more' });
  const entered = await roomOf(core, caller, room);
  if (isRefusal(entered)) return entered;
  const { view, member } = entered;
  const most = Math.min(limit, Math.max(1, Math.floor(PAGE_WRAPS_MAX / view.members.length)));
  const fromVersion = await core.epochs.joinedAt(room, member);
  const rows = await core.stores.epochs.page(room, caller.user, { after, fromVersion, limit: most });
  const last = rows.at(-1);
  // Whoever stored it may have died before anybody heard of it.
  if (last !== undefined && last.number > entered.epoch) await core.epochs.spread(room, last, keptMs(view));
  const found = rows.flatMap(({ own, ...row }) => (own === undefined ? [] : [ownEpoch(row, own)]));
  const more = rows.length === most;
  if (make !== true || more) return { epochs: found, more };
  const number = Math.max(last?.number ?? after, entered.epoch) + 1;
  const waitMs = await core.epochLeases.take(room, number, caller.session);
  return waitMs === 0 ? { epochs: found, more } : { epochs: found, more, waitMs };
}
