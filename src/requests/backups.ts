import { hash, timingSafeEqual } from 'node:crypto';
import { mayLogIn, openAccountOf } from '../core/account-proofs.ts';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import type { BackupHead } from '../ports/backup-store.ts';
import type { Account } from '../ports/identity-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { BACKUP_UPLOAD_LIFE_MS } from '../protocol/limits.ts';
import { type FoldedName, foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/* The sealed backup of an account: stored by a session of it, fetched by whoever has its recovery code. */

export const backups = {
  'put-backup': put,
  backup: describe,
  'delete-backup': remove,
} satisfies Partial<UseCases>;

async function put(
  core: Core,
  caller: Caller,
  { upload, part, data, commit }: RequestBody<'put-backup'>,
): Promise<ReplyBody<'put-backup'> | Refusal> {
  const { stores, rates, limits, clock } = core;
  const slowed = await rates.take('backups_user', limits.rateBackupsUser, caller.user);
  if (slowed !== undefined) return slowed;
  const found = await openAccountOf(stores.identities, caller);
  if (isRefusal(found)) return found;
  const { user } = caller;
  const nowMs = clock.nowMs();
  await stores.backups.putPart(user, { upload, number: part, data }, nowMs + BACKUP_UPLOAD_LIFE_MS);
  if (commit === undefined) return {};
  const { before, ...head } = commit;
  if (head.version <= before) return refuse('bad_request', { message: 'version: it does not follow' });
  if ((await stores.backups.commit(user, { ...head, upload, at: nowMs }, before)) === 'conflict')
    return refuse('conflict', { message: 'another version of the backup came first, or parts are missing' });
  const still = await openAccountOf(stores.identities, caller);
  if (!isRefusal(still)) return {};
  // Closed meanwhile: whoever cleared up may have been here before.
  await stores.backups.remove(user);
  return still;
}

async function describe({ stores }: Core, { user }: Caller): Promise<ReplyBody<'backup'>> {
  const head = await stores.backups.head(user);
  if (head === undefined) return {};
  const { version, sequence, token, at } = head;
  return { backup: { version, sequence, token, at } };
}

async function remove({ stores }: Core, { user }: Caller): Promise<ReplyBody<'delete-backup'>> {
  await stores.backups.remove(user);
  return {};
}

/**
 * Known and unknown names, and accounts without a backup, do the same work and end in the same refusal. Wrong tokens are counted,
 * and only they: the right one gives back what its attempt took.
 */
export async function fetchBackup(
  core: Core,
  address: string,
  { name, token, part }: RequestBody<'fetch-backup'>,
): Promise<ReplyBody<'fetch-backup'> | Refusal> {
  const { stores, rates, limits, decoys } = core;
  const folded = foldName(name);
  const own = `${address}:${folded}`;
  const slowed =
    (await rates.take('backup_tries_name', limits.rateBackupTriesName, own)) ??
    (await rates.take('backup_tries_address', limits.rateBackupTriesAddress, address));
  if (slowed !== undefined) return slowed;
  const holder = await holderOf(core, folded);
  const head = await stores.backups.head(holder?.user ?? decoys.user(folded));
  const expected = head?.token ?? decoys.tokenHash(folded);
  const isRight = timingSafeEqual(expected, hash('sha256', token, 'buffer'));
  if (!isRight || holder === undefined || head === undefined) return refuse('auth_failed');
  await rates.giveBack('backup_tries_address', limits.rateBackupTriesAddress, address);
  await rates.giveBack('backup_tries_name', limits.rateBackupTriesName, own);
  return partOf(core, holder, head, part);
}

async function holderOf({ stores }: Core, folded: FoldedName): Promise<Account | undefined> {
  const found = await stores.identities.byName(folded);
  return found !== undefined && mayLogIn(found) ? found : undefined;
}

async function partOf(
  { stores }: Core,
  { user }: Account,
  { version, sequence, parts, at, upload }: BackupHead,
  number: number,
): Promise<ReplyBody<'fetch-backup'> | Refusal> {
  const data = await stores.backups.part(user, upload, number);
  if (data === undefined) return refuse('bad_request', { message: 'part: there is no such part' });
  return { user, version, sequence, parts, at, data };
}
