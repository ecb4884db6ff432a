import type { UserName } from '../../src/protocol/names.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { defaultServer } from '../profile/default-server.ts';
import { type OpenAccount, type Passphrase, Profile } from '../profile/profile.ts';
import type { DerivedKey } from '../profile/sealed-file.ts';
import { LOCK_WAIT_MS_DEFAULT } from '../profile/writer-lock.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import { createClient } from '../sdk/client.ts';
import { ConclaveError, localError } from '../sdk/errors.ts';
import type { AccountStorage } from '../sdk/storage/storage.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { BoundedWebSocket } from './bounded-web-socket.ts';
import { usage } from './exit-codes.ts';
import type { Output } from './output.ts';
import { readSecretFile } from './secret-file.ts';
import type { Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';
import { packageVersion } from './version.ts';

const BUILT_IN_SERVER = 'ws://127.0.0.1:8080';

/** An opened profile and its client, not connected yet. */
export interface Account {
  readonly server: Origin;
  readonly user: UserName;
  readonly storage: AccountStorage;
  /** What has to be said about its files, if anything. */
  readonly remark?: string;
  readonly client: ConclaveClient;
  /** See ConclaveClient.close. */
  close(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Option and environment are in the settings; then comes the profile, then what is built in. */
export async function serverOf(settings: Settings): Promise<Origin> {
  const origin =
    settings.server ?? (await defaultServer(settings.profileDir)) ?? parseOrigin(BUILT_IN_SERVER);
  if (origin === undefined) throw new TypeError('the built-in server is no address');
  return origin;
}

/** Whose account the settings name, and where. Rejects with `no_profile`. */
export async function chosenAccount(
  settings: Settings,
): Promise<Pick<Account, 'server' | 'user'> & { readonly profile: Profile }> {
  const profile = new Profile(settings.profileDir);
  const server = await serverOf(settings);
  const user = settings.user ?? (await profile.defaultUser(server));
  if (user === undefined) throw localError('no_profile', 'no_account', { server });
  return { profile, server, user };
}

/**
 * The account that the settings name. With `agentOutput` an agent may open it, and what keeps one from that is said there.
 * Rejects with `no_profile`, `wrong_passphrase`.
 */
export async function openAccount(
  settings: Settings,
  terminal: Terminal,
  agentOutput?: Output,
): Promise<Account> {
  const { profile, server, user } = await chosenAccount(settings);
  if (!(await profile.needsPassphrase(server, user))) return openAccountOf(settings, server, user, undefined);
  const opened =
    agentOutput === undefined
      ? undefined
      : await openedByAgent(settings, profile, { server, user }, agentOutput);
  if (opened !== undefined) return opened;
  const passphrase = await profilePassphrase(profile, { server, user }, settings, terminal);
  return openAccountOf(settings, server, user, passphrase);
}

/** Undefined: no agent, or none of use, which is said. */
async function openedByAgent(
  settings: Settings,
  profile: Profile,
  { server, user }: Pick<Account, 'server' | 'user'>,
  output: Output,
): Promise<Account | undefined> {
  if (!settings.agent) return undefined;
  const { agentOf } = await import('./agent/account-agent.ts');
  const agent = await agentOf(profile, { server, user }, 'key');
  const derived = agent.kind === 'answer' ? agent.answer.key : undefined;
  // One that ends at this moment has no key any more.
  if (agent.kind !== 'fault' && derived === undefined) return undefined;
  if (derived !== undefined)
    try {
      return await openAccountOf(settings, server, user, { derived });
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'wrong_passphrase') throw error;
    }
  output.note(agent.kind === 'fault' ? agent.said : filled(cliTexts.agent.other_key, { user }));
  return undefined;
}

/** The account of one user on one server. Rejects with `no_profile`, `wrong_passphrase`. */
export async function openAccountOf(
  settings: Settings,
  server: Origin,
  user: UserName,
  opening: Passphrase | DerivedKey,
): Promise<Account> {
  const opened = await new Profile(settings.profileDir).open(server, user, opening, {
    cache: settings.cache,
    lockWaitMs: lockWaitMs(settings.timeoutMs),
  });
  return withClient(server, user, opened, settings);
}

/** Less than the command has, so that it says who holds the profile and not that its time is up. */
function lockWaitMs(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined ? undefined : Math.min(LOCK_WAIT_MS_DEFAULT, timeoutMs / 2);
}

async function withClient(
  server: Origin,
  user: UserName,
  opened: OpenAccount,
  settings: Settings,
): Promise<Account> {
  try {
    const client = await createClient({
      server,
      storage: opened,
      webSocket: BoundedWebSocket,
      program: `conclave-cli/${packageVersion()}`,
      timeoutMs: settings.timeoutMs,
    });
    return {
      server,
      user,
      storage: opened,
      ...(opened.isCacheReplaced && { remark: filled(cliTexts.said.cache_replaced, { user }) }),
      client,
      close: async (options) => {
        await client.close(options);
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The one that opens the keys of this user; undefined when they need none. */
export async function profilePassphrase(
  profile: Profile,
  { server, user }: Pick<Account, 'server' | 'user'>,
  settings: Settings,
  terminal: Terminal,
): Promise<Passphrase> {
  if (!(await profile.needsPassphrase(server, user))) return undefined;
  return presentPassphrase(settings, terminal, filled(cliTexts.asked.passphrase_of, { user }));
}

/** A passphrase that opens something. */
export async function presentPassphrase(
  settings: Settings,
  terminal: Terminal,
  prompt: string,
): Promise<string> {
  const source = settings.passphrase;
  if (source.kind === 'file') return readSecretFile(source.path, source.option);
  if (source.kind === 'known' && source.passphrase !== undefined) return source.passphrase;
  if (source.kind === 'none') throw usage(cliTexts.usage.passphrase_refused);
  return terminal.secret(prompt, cliTexts.usage.give_passphrase);
}

/** A passphrase for something new. Undefined: none, as asked for. */
export async function newPassphrase(
  settings: Settings,
  terminal: Terminal,
  prompt: string,
): Promise<Passphrase> {
  const source = settings.passphrase;
  if (source.kind === 'none') return undefined;
  if (source.kind === 'known') return source.passphrase;
  const passphrase =
    source.kind === 'file'
      ? await readSecretFile(source.path, source.option)
      : await terminal.newSecret(prompt, cliTexts.usage.give_new_passphrase, (typed) =>
          isStrongOrWanted(terminal, typed),
        );
  if (passphrase === '') throw usage(cliTexts.usage.passphrase_empty);
  return passphrase;
}

async function isStrongOrWanted(terminal: Terminal, typed: string): Promise<boolean> {
  const { passphraseHint } = await import('../chat/account/passphrase-hint.ts');
  const { strength, words } = await passphraseHint(typed);
  if (strength !== 'weak') return true;
  const question = filled(cliTexts.asked.weak_passphrase, { said: words });
  return cliTexts.asked.yes.test((await terminal.line(question, cliTexts.usage.give_new_passphrase)).trim());
}
