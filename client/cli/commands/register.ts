import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseUserName } from '../../../src/protocol/names.ts';
import { type PemFault, rsaPrivateKeyFromPem } from '../../crypto/rsa-pem.ts';
import { Profile } from '../../profile/profile.ts';
import type { Me } from '../../sdk/api.ts';
import { localError } from '../../sdk/errors.ts';
import { newAccountKeys } from '../../sdk/people/own-account.ts';
import { type Account, newPassphrase, openAccount, serverOf } from '../account.ts';
import type { CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { hasKeys, refuseIfRegistered, registerKeys } from '../registration.ts';
import { unreadable, warnIfExposed } from '../secret-file.ts';
import { printIdentity } from './accounts.ts';
import { readInvite, registerInvited } from './invitation.ts';

/**
 * Keys are written before the account is made, so that an account never exists without them. When an earlier try was cut
 * short between the two, its keys are used.
 */
export async function registerAccount(
  context: CommandContext,
  name: string,
  options: { readonly rsaKey?: string; readonly inviteFile?: string },
): Promise<void> {
  const { settings, terminal, output, deadline } = context;
  const userName = parseUserName(name);
  if (userName === undefined) throw localError('invalid_name', 'bad_user_name');
  const server = await serverOf(settings);
  const profile = new Profile(settings.profileDir);
  const rsa = options.rsaKey === undefined ? undefined : await readRsaKey(output, options.rsaKey);
  const invite = await readInvite(context, options.inviteFile);
  const fresh = !(await hasKeys(profile, server, userName));
  let known = settings.passphrase;
  if (fresh) {
    const passphrase = await newPassphrase(
      settings,
      terminal,
      `New passphrase for the keys of ${userName}: `,
    );
    known = { kind: 'known', passphrase };
    output.note('making keys …');
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
    printIdentity(output, me, `registered ${me.user} at ${me.server}`);
  } finally {
    await close();
  }
}

async function readRsaKey(output: Output, file: string): Promise<Uint8Array> {
  await warnIfExposed(output, file, '--rsa-key');
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, '--rsa-key', cause);
  }
  const key = await rsaPrivateKeyFromPem(pem);
  if (!key.ok) throw usage(`--rsa-key: ${file} ${keyFaults[key.reason]}${kindOf(key.reason, pem)}`);
  return key.rsa;
}

/** What it is instead. */
function kindOf(reason: PemFault, pem: string): string {
  if (reason !== 'not_rsa') return '';
  try {
    return `; it is for ${createPrivateKey(pem).asymmetricKeyType}`;
  } catch {
    return '';
  }
}

const keyFaults = {
  not_pem: 'holds no private key in PEM (PKCS#1 or PKCS#8)',
  encrypted: 'is encrypted: decrypt it first, for instance with openssl pkey -in KEY -out PLAIN',
  invalid_key: 'is damaged',
  openssh:
    'is in the format of OpenSSH: rewrite a copy of it as PEM with ssh-keygen -p -m PEM -f COPY, and give that',
  not_rsa: 'is not a plain RSA key: make one with openssl genrsa 2048, or leave --rsa-key out',
  not_rsa_2048: 'is not an RSA key of 2048 bits with the exponent 65537 and two primes',
} as const satisfies Readonly<Record<PemFault, string>>;
