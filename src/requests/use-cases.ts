import type { UseCases } from '../core/core.ts';
import { directory } from './directory.ts';
import { history } from './history.ts';
import { identities } from './identities.ts';
import { members } from './members.ts';
import { membership } from './membership.ts';
import { moderation } from './moderation.ts';
import { prekeys } from './prekeys.ts';
import { rooms } from './rooms.ts';
import { sending } from './send.ts';

/** The families together: what is missing from all of them does not compile. */
export const useCases: UseCases = {
  ...directory,
  ...history,
  ...identities,
  ...members,
  ...membership,
  ...moderation,
  ...prekeys,
  ...rooms,
  ...sending,
};
