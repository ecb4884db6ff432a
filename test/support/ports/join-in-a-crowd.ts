import type { Caller } from '../../../src/core/caller.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import type { NodeRequests } from './node-requests.ts';
import { accepted } from './prepared-send.ts';

/** A crowd that comes at once is told to come back, the more of it the busier the machine is. This one comes back. */
export async function joinInACrowd(
  { requests }: { readonly requests: NodeRequests },
  caller: Caller,
  name: RoomName,
): Promise<ReplyBody<'join'>> {
  for (;;) {
    const outcome = await requests.join(caller, { name });
    if (!('refused' in outcome) || outcome.refused !== 'rate_limited') return accepted(outcome);
  }
}
