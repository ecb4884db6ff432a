import type { UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { Profile } from '../../profile/profile.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { packageVersion } from '../version.ts';
import type { AgentAnswer, AgentRequest } from './agent-messages.ts';
import { askAgent } from './ask-agent.ts';

/** The agent of an account as commands of this release can use it. `said` is why they cannot. */
export type AccountAgent =
  | { readonly kind: 'answer'; readonly answer: AgentAnswer }
  | { readonly kind: 'fault'; readonly said: string }
  | { readonly kind: 'none' };

export async function agentOf(
  profile: Profile,
  { server, user }: { readonly server: Origin; readonly user: UserName },
  wants: AgentRequest['wants'],
): Promise<AccountAgent> {
  const path = profile.agentSocket(server, user);
  const release = packageVersion();
  const asked = await askAgent(path, { release, wants });
  if (asked.kind === 'none') return asked;
  if (asked.kind !== 'answer') return { kind: 'fault', said: filled(cliTexts.agent[asked.kind], { path }) };
  const { release: version } = asked.answer;
  if (version === release) return asked;
  return { kind: 'fault', said: filled(cliTexts.agent.other_release, { version }) };
}
