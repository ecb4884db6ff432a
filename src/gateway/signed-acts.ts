import type { Accounts } from '../core/api.ts';
import { isRefusal } from '../protocol/error-reply.ts';
import type { Handlers } from './handlers.ts';

type SignedActHandlers = Pick<Handlers, 'logout' | 'rotate' | 'close-account'>;

/** What ends the session that asks for it, once it was answered. The user's other sessions hear of it by the control channel. */
export function signedActHandlers(
  accounts: Pick<Accounts, 'logout' | 'rotate' | 'closeAccount'>,
): SignedActHandlers {
  return {
    logout: async ({ session }, { greeting, caller }, body) => {
      const outcome = await accounts.logout(greeting, caller, body);
      if (!isRefusal(outcome)) session.drain('revoked');
      return outcome;
    },
    rotate: async ({ session }, { greeting, caller }, body) => {
      const outcome = await accounts.rotate(greeting, caller, body);
      if (!isRefusal(outcome)) session.drain('revoked');
      return outcome;
    },
    'close-account': async ({ session }, { greeting, caller }, body) => {
      const outcome = await accounts.closeAccount(greeting, caller, body);
      if (!isRefusal(outcome)) session.drain('account_closed');
      return outcome;
    },
  };
}
