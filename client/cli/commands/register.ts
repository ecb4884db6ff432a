import { readFile } from 'node:fs/promises';
import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { rsaPrivateKeyFromPem } from '../../crypto/rsa-pem.ts';
import { rememberServer } from '../../profile/default-server.ts';
import { Profile } from '../../profile/profile.ts';
import { ConclaveError, type ConclaveErrorCode } from '../../sdk/errors.ts';
import { newAccountKeys } from '../../sdk/own-account.ts';
import { type Account, newPassphrase, openAccount, serverOf } from '../account.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { tellWhileConnecting } from '../connecting.ts';
import { usage } from '../exit-codes.ts';
import { printIdentity } from './accounts.ts';

/** After these the server has no such account of ours, so the keys made for it are of no use. */
const refusals: readonly ConclaveErrorCode[] = [
  'name_taken',
  'invalid_name',
  'invalid_identity',
  'forbidden',
  'wrong_origin',
  'unsupported_version',
];

/**
 * Keys are written before the account is made, so that an account never exists without them. When an earlier try was cut
 * short between the two, its keys are used.
 */
export async function registerAccount(
  context: CommandContext,
  name: string,
  options: { readonly rsaKey?: string },
): Promise<void> {
  const { settings, terminal, output, deadline } = context;
  const userName = parseUserName(name);
  if (userName === undefined)
    throw new ConclaveError('invalid_name', 'a user name is 3–20 ASCII letters and digits');
  const server = await serverOf(settings);
  const profile = new Profile(settings.profileDir);
  const rsa = options.rsaKey === undefined ? undefined : await readRsaKey(options.rsaKey);
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
  const account = await openAccount({ ...settings, server, user: userName, passphrase: known }, terminal);
  try {
    if (!fresh) await refuseIfRegistered(account);
    tellWhileConnecting(account.client, output, deadline);
    const me = await deadline.race(withRetries(() => account.client.register()));
    deadline.noteConnected();
    await rememberServer(settings.profileDir, server, { overwrite: false });
    printIdentity(output, me, `registered ${me.user} at ${me.server}`);
  } catch (error) {
    if (fresh && error instanceof ConclaveError && refusals.includes(error.code)) {
      await account.close();
      await profile.discard(server, userName);
    }
    throw error;
  } finally {
    await account.close();
  }
}

/** A profile that knows its user id has been logged in with: its account exists. */
async function refuseIfRegistered({ client, server, user }: Account): Promise<void> {
  const me = await client.me().catch(() => undefined);
  if (me !== undefined)
    throw new ConclaveError('profile_exists', `there already is an account of ${user} for ${server} here`);
}

async function hasKeys(profile: Profile, server: Origin, name: UserName): Promise<boolean> {
  return (await profile.users(server)).some((user) => user.toLowerCase() === name.toLowerCase());
}

async function readRsaKey(file: string): Promise<Uint8Array> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch {
    throw usage(`--rsa-key: ${file} can't be read`);
  }
  const key = await rsaPrivateKeyFromPem(pem);
  if (!key.ok) throw usage(`--rsa-key: ${file} ${keyFaults[key.reason]}`);
  return key.rsa;
}

const keyFaults = {
  not_pem: 'holds no private key in PEM (PKCS#1 or PKCS#8)',
  encrypted: 'is encrypted: decrypt it first, for instance with openssl pkey -in KEY -out PLAIN',
  invalid_key: 'is damaged',
  not_rsa_2048: 'is not an RSA key of 2048 bits with the exponent 65537',
} as const;
