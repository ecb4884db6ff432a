import type { Me } from '../../sdk/api.ts';
import { hasCode } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { Dialogs } from '../dialogs.ts';
import type { AccountHost } from './account-host.ts';

const { start } = chatTexts;

/** Asks for the passphrase of an open account until it is right. False: the question was put away. Without a passphrase, nobody is asked. */
export async function isOwner(
  host: AccountHost,
  dialogs: Pick<Dialogs, 'prompt' | 'wait'>,
  { server, user }: Pick<Me, 'server' | 'user'>,
  about: readonly string[],
): Promise<boolean> {
  if (!(await host.needsPassphrase(server, user))) return true;
  const title = start.passphrase(user, server);
  let problem: string | undefined;
  for (;;) {
    const typed = await dialogs.prompt({ title, about, masked: true, problem });
    if (typed === undefined) return false;
    const wait = { title: start.opening_keys, about: [] };
    try {
      const checked = await dialogs.wait(wait, async () => {
        await host.checkPassphrase(server, user, typed);
        return true;
      });
      return checked === true;
    } catch (error) {
      if (!hasCode(error, 'wrong_passphrase')) throw error;
      problem = start.wrong_passphrase;
    }
  }
}
