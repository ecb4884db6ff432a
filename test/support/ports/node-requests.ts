import type { Caller } from '../../../src/core/caller.ts';
import type { Core, UseCase, UseCases } from '../../../src/core/core.ts';
import type { PlainRequestName } from '../../../src/core/use-case.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import { useCases } from '../../../src/requests/use-cases.ts';

/** Every plain request, asked of one node. */
export type NodeRequests = {
  readonly [Name in PlainRequestName]: (
    caller: Caller,
    body: RequestBody<Name>,
  ) => ReturnType<UseCases[Name]>;
};

export function requestsTo(core: Core): NodeRequests {
  const bound = Object.entries(useCases).map(([name, useCase]) => [name, boundTo(core, useCase)]);
  return Object.fromEntries(bound) as NodeRequests;
}

function boundTo(core: Core, useCase: UseCases[PlainRequestName]) {
  const run = useCase as UseCase<PlainRequestName>;
  return (caller: Caller, body: RequestBody<PlainRequestName>) => run(core, caller, body);
}
