import { isRefusal, type Refusal } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import { foldName, type RoomName } from '../protocol/names.ts';
import type { OpenSession } from './session-state.ts';

/** Names a change of a user's rooms the same way from the request for it and from the notice about it. */
export const joinAct = (name: RoomName): string => `joined ${foldName(name)}`;
export const leaveAct = (room: RoomId): string => `left ${room}`;

/** Runs a request that changes the user's rooms. Its notice, which may come before or after, is not told to this session. */
export async function ownAct<Outcome extends object>(
  session: OpenSession,
  act: string,
  run: () => Promise<Outcome | Refusal>,
): Promise<Outcome | Refusal> {
  session.acting(act);
  const outcome = await run();
  if (isRefusal(outcome)) session.takeAct(act);
  return outcome;
}
