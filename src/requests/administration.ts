import type { Core } from '../core/core.ts';
import { ROSTER_ATTEMPTS_MAX } from '../core/room-changes.ts';
import type { Account } from '../ports/identity-store.ts';
import type { NodeBoard } from '../ports/node-board.ts';
import type { AdminActionName, AdminBody, AdminRefusal, AdminReply } from '../protocol/admin-actions.ts';
import { foldName } from '../protocol/names.ts';

/** What a node knows that does not say: releases before the first that did. */
const UNSAID_SCHEMA = 1;
/** Nodes that a refusal names. */
const NAMED_NODES_MAX = 8;

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
  schema: async ({ stores: { schema } }) => ({ number: await schema.refresh(), newest: schema.newest }),
  'raise-schema': raiseSchema,
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
    if ((await upkeep.deleteRecord(record)) === 'conflict') continue;
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

/**
 * A node that comes while this is under way posts its lease before it reads the number for the last time, so either it is
 * seen here, or it sees the new number and stops.
 */
async function raiseSchema(
  { stores: { schema }, relay }: Core,
  { number }: AdminBody<'raise-schema'>,
): Promise<AdminReply<'raise-schema'> | AdminRefusal> {
  const current = await schema.refresh();
  if (number < current)
    return { refused: 'unknown_schema', message: `the store has schema ${current}, which cannot be lowered` };
  if (number === current) return { number };
  if (number !== schema.newest)
    return {
      refused: 'unknown_schema',
      message: `this store has schema ${current}, and the newest that this release knows for it is ${schema.newest}`,
    };
  const before = await nodesBelow(number, relay.nodes);
  if (before !== undefined)
    return { refused: 'older_nodes', message: `replace them first: ${before} do not know schema ${number}` };
  await schema.raise();
  const since = await nodesBelow(number, relay.nodes);
  if (since === undefined) return { number };
  const message = `schema ${number} is in force, but ${since} started meanwhile and do not know it: stop them now`;
  return { refused: 'older_nodes', message };
}

/** The nodes that do not know a schema, for people; undefined: all do. */
async function nodesBelow(number: number, board: NodeBoard): Promise<string | undefined> {
  const older = (await board.all()).filter(({ schema = UNSAID_SCHEMA }) => schema < number);
  if (older.length === 0) return undefined;
  const names = older.slice(0, NAMED_NODES_MAX).map(({ node, version }) => `${node} (${version})`);
  const others = older.length > NAMED_NODES_MAX ? ` and ${older.length - NAMED_NODES_MAX} more` : '';
  return `${names.join(', ')}${others}`;
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
