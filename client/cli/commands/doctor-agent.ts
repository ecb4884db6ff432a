import type { Profile } from '../../profile/profile.ts';
import type { Account } from '../account.ts';
import { agentOf } from '../agent/account-agent.ts';
import { localTime } from '../output.ts';
import { type Check, found } from './doctor-check.ts';

/** Whether an agent keeps the key of this account, and commands of this release can use it. */
export async function agentCheck(
  profile: Profile,
  owner: Pick<Account, 'server' | 'user'>,
): Promise<{ readonly isRunning: boolean; readonly check: Check }> {
  const agent = await agentOf(profile, owner, 'status');
  return { isRunning: agent.kind === 'answer', check: { ...checkOf(agent), user: owner.user } };
}

function checkOf(agent: Awaited<ReturnType<typeof agentOf>>): Check {
  if (agent.kind === 'none') return found('agent', true, 'agent_none');
  if (agent.kind === 'fault') return { name: 'agent', ok: false, message: agent.said };
  const { process, endsAt } = agent.answer;
  return found('agent', true, 'agent_runs', { process, time: localTime(endsAt) });
}
