import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { currentMember, roleTooLow } from '../core/current-member.ts';
import type { LimitName } from '../core/limits.ts';
import { mayAct } from '../domain/roles.ts';
import { keptMs } from '../domain/roster.ts';
import { randomId } from '../lib/random-id.ts';
import type { StoredFile } from '../ports/file-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { chunkCountOf } from '../protocol/file-transfers.ts';
import { type FileId, parseFileId, type RoomId } from '../protocol/ids.ts';
import { type Rate, UPLOAD_LIFE_MS } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Everything about files but their bytes: those come and go over HTTP, see FileTransfers. */
export const files = {
  upload,
  'continue-upload': continueUpload,
  finish,
  download,
  discard,
} satisfies Partial<UseCases>;

async function upload(
  core: Core,
  caller: Caller,
  { room, bytes }: RequestBody<'upload'>,
): Promise<ReplyBody<'upload'> | Refusal> {
  const { stores, limits, clock, fileTickets } = core;
  const current = await currentMember(core, caller, room);
  if (isRefusal(current)) return current;
  if (keptMs(current.view) === 0) return refuse('forbidden', { message: 'upload: this room stores nothing' });
  if (bytes > limits.maxFileBytes)
    return refuse('too_large', { message: `upload: a file has at most ${limits.maxFileBytes} bytes` });
  if (chunkCountOf(bytes) === 0)
    return refuse('bad_request', { message: 'upload: no chunks add up to so many bytes' });
  const slowed = await takeQuotas(core, caller, room, bytes);
  if (slowed !== undefined) return slowed;
  const nowMs = clock.nowMs();
  const file = randomId(parseFileId);
  const begun = { file, room, uploader: caller.user, bytes, at: nowMs, expiresAt: nowMs + UPLOAD_LIFE_MS };
  if (!(await stores.files.begin(begun, limits.maxUploadsPerUser))) {
    await giveBackQuotas(core, caller, room, bytes);
    return refuse('too_many_uploads');
  }
  const subject = { verb: 'put', file, user: caller.user, room, bytes } as const;
  return { file, ...fileTickets.issue(subject, nowMs, begun.expiresAt) };
}

async function continueUpload(
  core: Core,
  caller: Caller,
  { file }: RequestBody<'continue-upload'>,
): Promise<ReplyBody<'continue-upload'> | Refusal> {
  const { stores, clock, fileTickets } = core;
  const found = await living(core, file);
  if (found === undefined || found.uploader !== caller.user || found.isWhole) return refuse('no_such_file');
  const { room, bytes, expiresAt } = found;
  const held = new Uint8Array(Math.ceil(chunkCountOf(bytes) / 8));
  for (const number of await stores.files.held(file)) {
    const at = number >> 3;
    held[at] = (held[at] ?? 0) | (1 << (number & 7));
  }
  const subject = { verb: 'put', file, user: caller.user, room, bytes } as const;
  return { ...fileTickets.issue(subject, clock.nowMs(), expiresAt), held };
}

/** Whoever is no longer a member by now has uploaded for nobody. */
async function finish(
  core: Core,
  caller: Caller,
  { file }: RequestBody<'finish'>,
): Promise<ReplyBody<'finish'> | Refusal> {
  const { stores, clock } = core;
  const found = await living(core, file);
  if (found === undefined || found.uploader !== caller.user) return refuse('no_such_file');
  const current = await currentMember(core, caller, found.room);
  if (isRefusal(current)) return current;
  const at = clock.nowMs();
  const outcome = await stores.files.finish(file, at, at + keptMs(current.view));
  switch (outcome) {
    case 'finished':
      return {};
    case 'incomplete':
      return refuse('upload_incomplete');
    case 'gone':
      return refuse('no_such_file');
    default:
      return outcome satisfies never;
  }
}

async function download(
  core: Core,
  caller: Caller,
  { room, file }: RequestBody<'download'>,
): Promise<ReplyBody<'download'> | Refusal> {
  const current = await currentMember(core, caller, room);
  if (isRefusal(current)) return current;
  const found = await living(core, file);
  if (found?.isWhole !== true || found.room !== room) return refuse('no_such_file');
  const { bytes, expiresAt } = found;
  const subject = { verb: 'get', file, user: caller.user, room, bytes } as const;
  return { ...core.fileTickets.issue(subject, core.clock.nowMs(), expiresAt), bytes };
}

/** Moderators follow the word of a message here: that it names a file of somebody else must not cost that file. */
async function discard(
  core: Core,
  caller: Caller,
  { room, file, uploader }: RequestBody<'discard'>,
): Promise<ReplyBody<'discard'> | Refusal> {
  const found = await living(core, file);
  if (found?.room !== room || found.uploader !== uploader) return refuse('no_such_file');
  if (uploader !== caller.user) {
    const current = await currentMember(core, caller, room);
    // To others a file of theirs is none.
    if (isRefusal(current)) return refuse('no_such_file');
    if (!mayAct('discard', current.member.role)) return roleTooLow();
  }
  await core.stores.files.discard(file);
  core.fileUpkeep.soon();
  return {};
}

async function living({ stores, clock }: Core, file: FileId): Promise<StoredFile | undefined> {
  const found = await stores.files.find(file);
  return found !== undefined && clock.nowMs() < found.expiresAt ? found : undefined;
}

type Quota = readonly [limit: LimitName, rate: Rate, about: string];

function quotasOf({ limits }: Core, caller: Caller, room: RoomId): readonly Quota[] {
  return [
    ['upload_bytes_user', limits.rateUploadBytesUser, caller.user],
    ['upload_bytes_room', limits.rateUploadBytesRoom, room],
    ['upload_bytes_all', limits.rateUploadBytesAll, 'all'],
  ];
}

/** All of them, or none. */
async function takeQuotas(
  core: Core,
  caller: Caller,
  room: RoomId,
  bytes: number,
): Promise<Refusal | undefined> {
  const taken: Quota[] = [];
  for (const quota of quotasOf(core, caller, room)) {
    const slowed = await core.rates.take(...quota, bytes);
    if (slowed !== undefined) {
      for (const before of taken) await core.rates.giveBack(...before, bytes);
      return slowed;
    }
    taken.push(quota);
  }
  return undefined;
}

async function giveBackQuotas(core: Core, caller: Caller, room: RoomId, bytes: number): Promise<void> {
  for (const quota of quotasOf(core, caller, room)) await core.rates.giveBack(...quota, bytes);
}
