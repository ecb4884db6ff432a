import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { Profile } from '../../profile/profile.ts';
import type { CommandContext } from '../command-context.ts';
import { agentCheck } from './doctor-agent.ts';
import { type Check, failedCheck, found } from './doctor-check.ts';

/** What can be tried at the server without asking anybody: an account, or none, as no passphrase was given or no keys can be used. */
export type Trial = { readonly user: UserName } | 'locked' | 'unusable';

/** The files of every account for a server. */
export interface ProfileFindings {
  readonly checks: readonly Check[];
  readonly trial: Trial;
}

export async function profileChecks({ settings }: CommandContext, server: Origin): Promise<ProfileFindings> {
  const profile = new Profile(settings.profileDir);
  let users: readonly UserName[];
  try {
    users = await profile.users(server);
  } catch (error) {
    return { checks: [failedCheck('profile', error)], trial: 'unusable' };
  }
  if (users.length === 0) {
    const values = { server, path: settings.profileDir };
    return { checks: [found('profile', false, 'no_keys', values)], trial: 'unusable' };
  }
  const wanted = settings.user ?? (await profile.defaultUser(server).catch(() => undefined)) ?? users[0];
  const mayOpen = settings.passphrase.kind === 'file' || settings.passphrase.kind === 'known';
  let trial: Trial = 'unusable';
  const checks: Check[] = [];
  for (const user of users) {
    try {
      const { isProtected } = await profile.check(server, user);
      checks.push({ ...found('keys', true, isProtected ? 'keys_protected' : 'keys_open'), user });
      const isWanted = wanted !== undefined && foldName(user) === foldName(wanted);
      const agent = isProtected ? await agentCheck(profile, { server, user }) : undefined;
      if (agent !== undefined) checks.push(agent.check);
      const byAgent = settings.agent && agent?.isRunning === true;
      if (isWanted) trial = mayOpen || byAgent || !isProtected ? { user } : 'locked';
    } catch (error) {
      checks.push({ ...failedCheck('keys', error), user });
    }
  }
  return { checks, trial };
}
