import type { UserName } from '../../src/protocol/names.ts';
import type { Origin } from '../../src/protocol/origin.ts';
import { isFinalRefusal } from '../chat/account/account-host.ts';
import { rememberServer } from '../profile/default-server.ts';
import type { Profile } from '../profile/profile.ts';
import type { Me } from '../sdk/api.ts';
import { ConclaveError, type ConclaveErrorCode, localError } from '../sdk/errors.ts';
import type { Account } from './account.ts';
import { CommandFailure } from './exit-codes.ts';

export async function hasKeys(profile: Profile, server: Origin, name: UserName): Promise<boolean> {
  return (await profile.users(server)).some((user) => user.toLowerCase() === name.toLowerCase());
}

/** A profile that knows its user id has been logged in with: its account exists. */
export async function refuseIfRegistered({ client, server, user }: Account): Promise<void> {
  const me = await client.me().catch(() => undefined);
  if (me !== undefined) throw localError('profile_exists', 'account_exists', { user, server });
}

/**
 * Makes the account of keys that are in the profile. `fresh`: they were made for it just now, and are taken away again,
 * the account closed, when the server refuses it for good.
 */
export async function registerKeys(
  profile: Profile,
  account: Pick<Account, 'server' | 'user' | 'close'>,
  options: {
    readonly fresh: boolean;
    /** A refusal after which it is tried again: fresh keys stay. */
    readonly exceptAfter?: ConclaveErrorCode;
    readonly register: () => Promise<Me>;
  },
): Promise<Me> {
  try {
    const me = await options.register();
    await rememberServer(profile.directory, account.server, { overwrite: false });
    return me;
  } catch (error) {
    const refusal = refusalOf(error);
    if (options.fresh && refusal !== undefined && refusal !== options.exceptAfter) {
      await account.close();
      await profile.discard(account.server, account.user);
    }
    throw error;
  }
}

/** Also what a command made of a refusal, to say what would help. */
function refusalOf(error: unknown): ConclaveErrorCode | undefined {
  const refusal = error instanceof CommandFailure ? error.cause : error;
  return refusal instanceof ConclaveError && isFinalRefusal(refusal.code) ? refusal.code : undefined;
}
