import { createPrivateKey } from 'node:crypto';
import type { UserName } from '../../../src/protocol/names.ts';
import { rsaPrivateKeyFromPem } from '../../crypto/rsa-pem.ts';
import { Profile } from '../../profile/profile.ts';
import type { Me } from '../../sdk/api.ts';
import { newAccountKeys } from '../../sdk/people/own-account.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type Account, newPassphrase, openAccount, serverOf } from '../account.ts';
import type { CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { hasKeys, refuseIfRegistered, registerKeys } from '../registration.ts';
import { readGivenFile, warnIfExposed } from '../secret-file.ts';
import { printIdentity } from './accounts.ts';
import { backUpNewAccount } from './backup.ts';
import { readInvite, registerInvited } from './invitation.ts';

/** A key of 16,384 bits has a fifth of that. */
const PEM_BYTES_MAX: number = 64 * 1024;

export interface RegisterOptions {
  readonly rsaKey?: string;
  readonly inviteFile?: string;
  /** Undefined: a person gets a backup, a script none. */
  readonly backup?: boolean;
}

/**
 * Keys are written before the account is made, so that an account never exists without them. When an earlier try was cut
 * short between the two, its keys are used.
 */
export async function registerAccount(
  context: CommandContext,
  userName: UserName,
  options: RegisterOptions,
): Promise<void> {
  const { settings, terminal, output, deadline } = context;
  const server = await serverOf(settings);
  const profile = new Profile(settings.profileDir);
  const rsa = options.rsaKey === undefined ? undefined : await readRsaKey(output, options.rsaKey);
  const invite = await readInvite(context, options.inviteFile);
  const fresh = !(await hasKeys(profile, server, userName));
  let known = settings.passphrase;
  if (fresh) {
    // Nobody is asked for a passphrase, or waits for keys, that could not be kept.
    await profile.prepare(server);
    const prompt = filled(cliTexts.asked.new_passphrase_of, { user: userName });
    const passphrase = await newPassphrase(settings, terminal, prompt);
    known = { kind: 'known', passphrase };
    output.note(cliTexts.said.making_keys);
    await profile.create(
      server,
      await newAccountKeys(userName, rsa === undefined ? {} : { rsa }),
      passphrase,
    );
  }
  const keys = { ...settings, server, user: userName, passphrase: known };
  let account: Account | undefined;
  const close = async (): Promise<void> => account?.close();
  const open = async (): Promise<Account> => {
    await close();
    account = await openAccount(keys, terminal);
    if (!fresh) await refuseIfRegistered(account);
    return account;
  };
  try {
    const register = (): Promise<Me> => registerInvited(context, open, invite);
    const me = await registerKeys(profile, { server, user: userName, close }, { fresh, register });
    deadline.noteConnected();
    printIdentity(output, me, cliTexts.said.registered(me));
    if (account !== undefined) await backUpNewAccount(context, account.client, options.backup);
  } finally {
    await close();
  }
}

async function readRsaKey(output: Output, file: string): Promise<Uint8Array> {
  await warnIfExposed(output, file, '--rsa-key');
  const pem = (await readGivenFile(file, '--rsa-key', PEM_BYTES_MAX)).toString('utf8');
  const key = await rsaPrivateKeyFromPem(pem);
  if (key.ok) return key.rsa;
  const kind = key.reason === 'not_rsa' ? kindOf(pem) : undefined;
  throw usage(filled(cliTexts.usage[kind === undefined ? key.reason : 'not_rsa_but'], { path: file, kind }));
}

/** What it is instead; undefined when that cannot be told. */
function kindOf(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
}
