import { openAccountOf } from '../core/account-proofs.ts';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** The sealed state of a user, which all sessions of the user read and write. */
export const userStates = {
  state: read,
  'put-state': write,
} satisfies Partial<UseCases>;

async function read(
  { stores }: Core,
  { user }: Caller,
  { known }: RequestBody<'state'>,
): Promise<ReplyBody<'state'>> {
  const stored = await stores.userStates.get(user);
  if (stored === undefined) return {};
  const { version, sequence, data } = stored;
  return { state: { version, sequence, ...(version !== known && { data }) } };
}

async function write(
  core: Core,
  caller: Caller,
  { before, ...state }: RequestBody<'put-state'>,
): Promise<Record<string, never> | Refusal> {
  const { announcer, stores, rates, limits } = core;
  const slowed = await rates.take('state_user', limits.rateStateUser, caller.user);
  if (slowed !== undefined) return slowed;
  const found = await openAccountOf(stores.identities, caller);
  if (isRefusal(found)) return found;
  if (state.version <= before) return refuse('bad_request', { message: 'version: it does not follow' });
  // Sealed by keys that were replaced meanwhile: whoever has the new ones does not believe it.
  if (state.sequence !== found.account.sequence)
    return refuse('conflict', { message: 'sequence: it is not that of the identity in force' });
  if ((await stores.userStates.put(caller.user, state, before)) === 'conflict')
    return refuse('conflict', { message: 'another version of the state came first' });
  const still = await openAccountOf(stores.identities, caller);
  if (isRefusal(still)) {
    // Closed meanwhile: whoever cleared up may have been here before.
    await stores.userStates.remove(caller.user);
    return still;
  }
  await announcer.userState(caller, state.version);
  return {};
}
