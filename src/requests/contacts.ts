import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { currentMember } from '../core/current-member.ts';
import { somebodyElse, unreachable } from '../core/room-invitations.ts';
import { namedUsers, userBefore, userPage } from '../core/user-pages.ts';
import { memberOf } from '../domain/roster.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { parseInvitation } from '../protocol/layouts/invitation.ts';
import { BLOCKS_MAX, BLOCKS_PAGE_MAX, INVITATION_LIFE_MS } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** Invitations to rooms, and who may not send any. */
export const contacts = {
  invite,
  invitations: async ({ roomInvitations }, { user }) => ({
    invitations: await roomInvitations.waiting(user),
  }),
  dismiss,
  block,
  unblock,
  blocks,
} satisfies Partial<UseCases>;

type Empty = Record<string, never>;

async function invite(
  core: Core,
  caller: Caller,
  { room, user, letter }: RequestBody<'invite'>,
): Promise<Empty | Refusal> {
  const { roomInvitations, views, clock } = core;
  const slowed = await roomInvitations.charge(caller, user);
  if (slowed !== undefined) return slowed;
  const current = await currentMember(core, caller, room);
  if (isRefusal(current)) return current;
  const { view } = current;
  if (view.direct !== undefined) return refuse('forbidden', { message: 'a direct room has two members' });
  const signed = parseInvitation(letter)?.invitation;
  // Whether the signature holds is for the reader to judge.
  if (signed?.from !== caller.user || signed.to !== user || signed.room !== room)
    return refuse('bad_request', { message: 'letter: it is not an invitation of this user to this room' });
  if (memberOf(view, user) !== undefined) return refuse('already_a_member', { room });
  const invitee = await roomInvitations.invitee(caller, user);
  if (isRefusal(invitee)) return invitee;
  if ((await views.load(room))?.record.bans.includes(user) !== false) return unreachable();
  const expiresAt = clock.nowMs() + INVITATION_LIFE_MS;
  return (await roomInvitations.deliver(caller, user, view, { kind: 'room', expiresAt, letter })) ?? {};
}

async function dismiss(
  { roomInvitations }: Core,
  caller: Caller,
  { room }: RequestBody<'dismiss'>,
): Promise<Empty> {
  await roomInvitations.dismiss(caller, room);
  return {};
}

async function block(
  { stores, identities }: Core,
  caller: Caller,
  { user }: RequestBody<'block'>,
): Promise<Empty | Refusal> {
  const blocked = await somebodyElse(identities, caller, user);
  if (isRefusal(blocked)) return blocked;
  if ((await stores.contacts.block(caller.user, user)) === 'full')
    return refuse('too_large', { message: `at most ${BLOCKS_MAX} users can be blocked` });
  return {};
}

async function unblock({ stores }: Core, caller: Caller, { user }: RequestBody<'unblock'>): Promise<Empty> {
  await stores.contacts.unblock(caller.user, user);
  return {};
}

async function blocks(
  { stores, identities }: Core,
  caller: Caller,
  body: RequestBody<'blocks'>,
): Promise<ReplyBody<'blocks'> | Refusal> {
  const before = userBefore(body.cursor);
  if (isRefusal(before)) return before;
  const blocked = await stores.contacts.blocked(caller.user);
  return namedUsers(identities, userPage(blocked, before.user, BLOCKS_PAGE_MAX));
}
