import type { Core } from '../core/core.ts';
import { ROSTER_ATTEMPTS_MAX } from '../core/room-changes.ts';
import type { Account } from '../ports/identity-store.ts';
import type { AdminActionName, AdminBody, AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import { foldName } from '../protocol/names.ts';

/** Throws Unavailable; anything else that it throws is a bug. */
type AdminUseCase<Name extends AdminActionName> = (
  core: Core,
  body: AdminBody<Name>,
) => Promise<AdminReply<Name> | AdminRefusal>;

/** Every action of the protocol's table has its use case, or this does not compile. */
export type AdminUseCases = { readonly [Name in AdminActionName]: AdminUseCase<Name> };

/** What an operator may do through any node. Nothing of it opens or changes what accounts hold. */
export const administration: AdminUseCases = {
  nodes: ({ orders }) => orders.nodes(),
  drain: ({ orders }, { node }) => orders.give(node, { task: 'drain' }),
  shed: ({ orders }, { node, count }) => orders.give(node, { task: 'shed', count }),
  revoke,
  disable,
  enable,
  purge,
  invite: ({ invitations }) => invitations.invite(),
  'rotate-secret': rotateSecret,
};

/** Every session ends, and every token is dead. The user may log in again. */
async function revoke(
  core: Core,
  { user }: AdminBody<'revoke'>,
): Promise<AdminReply<'revoke'> | AdminRefusal> {
  const account = await openAccount(core, user);
  if (account === undefined) return { refused: 'no_such_user' };
  await revokeAll(core, account, undefined);
  return { user: account.name };
}

/**
 * The mark first, then the revocation: a login that read the account before the mark was there gets a token of before the
 * revocation, so it ends with the others. Resuming reads no account, and needs none: the tokens are dead.
 */
async function disable(
  core: Core,
  { user }: AdminBody<'disable'>,
): Promise<AdminReply<'disable'> | AdminRefusal> {
  const account = await openAccount(core, user);
  if (account === undefined) return { refused: 'no_such_user' };
  await core.stores.identities.setDisabled(account.user, true);
  await revokeAll(core, account, 'account_closed');
  return { user: account.name };
}

/** The user may log in again; what was revoked stays so. */
async function enable(
  core: Core,
  { user }: AdminBody<'enable'>,
): Promise<AdminReply<'enable'> | AdminRefusal> {
  const account = await openAccount(core, user);
  if (account === undefined) return { refused: 'no_such_user' };
  await core.stores.identities.setDisabled(account.user, false);
  return { user: account.name };
}

/** Ends a room against the will of its members. Answered when it and every stored copy are gone, and its members were told. */
async function purge(
  { stores, upkeep }: Core,
  { room: name }: AdminBody<'purge'>,
): Promise<AdminReply<'purge'> | AdminRefusal> {
  const { rooms, messages } = stores;
  for (let attempt = 1; attempt <= ROSTER_ATTEMPTS_MAX; attempt += 1) {
    const record = await rooms.byName(foldName(name));
    if (record === undefined) return { refused: 'no_such_room' };
    // Someone joined or left in between.
    if ((await rooms.delete(record.room, record.version)) === 'conflict') continue;
    await upkeep.finishDeletionForAll(record);
    await messages.purge(record.room);
    return { room: record.name, members: record.members.length };
  }
  return { refused: 'conflict' };
}

async function rotateSecret({ secrets, clock }: Core): Promise<AdminReply<'rotate-secret'> | AdminRefusal> {
  const outcome = await secrets.rotate(clock.nowMs());
  switch (outcome.kind) {
    case 'rotated': {
      const { number, previousUntil } = outcome;
      return { number, previousUntil };
    }
    case 'conflict':
      return { refused: 'conflict' };
    case 'too_many':
      return { refused: 'too_many_secrets' };
    default:
      return outcome satisfies never;
  }
}

async function openAccount(
  { stores }: Core,
  name: AdminBody<'revoke'>['user'],
): Promise<Account | undefined> {
  const account = await stores.identities.byName(foldName(name));
  return account?.closed === false ? account : undefined;
}

async function revokeAll(
  { revocations, clock }: Core,
  { user }: Account,
  why: 'account_closed' | undefined,
): Promise<void> {
  await revocations.revoke({ user, notBefore: clock.nowMs() + 1 }, why);
}
