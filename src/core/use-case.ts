import type { Refusal } from '../protocol/error-reply.ts';
import type { ReplyBody, RequestBody, RequestName, Requests } from '../protocol/requests.ts';
import type { Caller } from './caller.ts';

/** Taken before a login, too. */
type EarlyRequestName = {
  [Name in RequestName]: Requests[Name]['states'] extends readonly ['open'] ? never : Name;
}[RequestName];

/** Requests that change the connection they come on: the gateway has their table. */
export type ConnectionRequestName = EarlyRequestName | 'enter' | 'logout' | 'rotate' | 'close-account';

export type PlainRequestName = Exclude<RequestName, ConnectionRequestName>;

/**
 * May throw Unavailable; anything else that it throws is a bug and ends the connection with `node_error`. `Core` is that of
 * core.ts, a parameter here so that the dispatcher need not know what is in it.
 */
export type UseCaseOn<Core, Name extends PlainRequestName> = (
  core: Core,
  caller: Caller,
  body: RequestBody<Name>,
) => Promise<ReplyBody<Name> | Refusal>;

/** Every request that leaves its connection as it is. */
export type UseCasesOn<Core> = { readonly [Name in PlainRequestName]: UseCaseOn<Core, Name> };
