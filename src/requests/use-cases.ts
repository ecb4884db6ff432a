import type { UseCases } from '../core/core.ts';
import type { PlainRequestName } from '../core/use-case.ts';
import { refuse } from '../protocol/error-reply.ts';
import type { FeatureName } from '../protocol/features.ts';
import type { RequestEntry } from '../protocol/request-entry.ts';
import { requests } from '../protocol/requests.ts';
import { backups } from './backups.ts';
import { contacts } from './contacts.ts';
import { directRooms } from './direct-rooms.ts';
import { directory } from './directory.ts';
import { epochs } from './epochs.ts';
import { files } from './files.ts';
import { history } from './history.ts';
import { identities } from './identities.ts';
import { members } from './members.ts';
import { membership } from './membership.ts';
import { moderation } from './moderation.ts';
import { prekeys } from './prekeys.ts';
import { rooms } from './rooms.ts';
import { sending } from './send.ts';
import { userStates } from './user-states.ts';

/** The families together: what is missing from all of them does not compile. */
export const useCases: UseCases = {
  ...backups,
  ...contacts,
  ...directRooms,
  ...directory,
  ...files,
  ...epochs,
  ...history,
  ...identities,
  ...members,
  ...membership,
  ...moderation,
  ...prekeys,
  ...rooms,
  ...sending,
  ...userStates,
};

/** Requests that need a feature which the operator disabled are refused. */
export function offeredUseCases(disabled: readonly FeatureName[]): UseCases {
  const refused = Object.keys(useCases).filter((name) => {
    const { feature }: RequestEntry = requests[name as PlainRequestName];
    return feature !== undefined && disabled.includes(feature);
  });
  const refusals = refused.map((name) => [name, async () => refuse('forbidden', { message: 'is disabled' })]);
  return { ...useCases, ...Object.fromEntries(refusals) };
}
