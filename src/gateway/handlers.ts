import type { RequestBody, RequestName } from '../protocol/requests.ts';
import type { Call, Outcome } from './call.ts';
import type { StateFor } from './session-state.ts';

/** May throw Unavailable; anything else that it throws is a bug and ends the connection with `node_error`. */
export type Handler<Name extends RequestName> = (
  call: Call,
  state: StateFor<Name>,
  body: RequestBody<Name>,
) => Outcome<Name> | Promise<Outcome<Name>>;

/** Every request of the protocol has its handler, or this does not compile. */
export type Handlers = { readonly [Name in RequestName]: Handler<Name> };
