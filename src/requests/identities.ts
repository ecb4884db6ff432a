import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import { IDENTITY_CHAIN_PAGE_MAX } from '../protocol/limits.ts';
import { foldName } from '../protocol/names.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** The documents by which accounts are known. */
export const identities = { identity } satisfies Partial<UseCases>;

async function identity(
  { stores }: Core,
  _caller: Caller,
  body: RequestBody<'identity'>,
): Promise<ReplyBody<'identity'> | Refusal> {
  const { identities: store } = stores;
  const { name } = body;
  if ((name === undefined) === (body.user === undefined)) {
    return refuse('bad_request', { message: 'identity: either name or user' });
  }
  const user = name === undefined ? body.user : (await store.byName(foldName(name)))?.user;
  const since = body.since ?? 0;
  const found = user === undefined ? [] : await store.chain(user, since, IDENTITY_CHAIN_PAGE_MAX + 1);
  if (user === undefined) return refuse('invalid_name', { message: 'nobody has this name' });
  if (found.length === 0 && (await store.byIds([user])).length === 0) {
    return refuse('invalid_name', { message: 'nobody has this id' });
  }
  const chain = found.slice(0, IDENTITY_CHAIN_PAGE_MAX);
  return { user, chain, more: found.length > chain.length };
}
