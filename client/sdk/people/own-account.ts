import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import { parseUserName, type UserName } from '../../../src/protocol/names.ts';
import { newPrekeyChain } from '../../crypto/epochs/prekeys.ts';
import { signIdentity, type VerifiedIdentity, verifyChain } from '../../crypto/identity.ts';
import { generatePrivateKeys, type IdentityKeys, loadIdentityKeys } from '../../crypto/identity-keys.ts';
import { type ConclaveError, localError } from '../errors.ts';
import type { AccountKeys, OwnIdentity } from '../storage/storage.ts';
import type { KeyInfo } from './shown.ts';

/** Makes the keys of a new account and its first identity document. `rsa`: an own RSA-2048 key in PKCS#8 DER. */
export async function newAccountKeys(
  name: string,
  options: { readonly rsa?: Uint8Array; readonly createdAt?: number } = {},
): Promise<AccountKeys> {
  const username = parseUserName(name);
  if (username === undefined) throw localError('invalid_name', 'bad_user_name');
  const keys = await generatePrivateKeys(options.rsa);
  const loaded = await loadIdentityKeys(keys);
  if (!loaded.ok)
    throw localError('usage', loaded.reason === 'not_rsa_2048' ? 'key_not_rsa_2048' : 'key_damaged');
  const signed = await signIdentity(loaded.keys, { username, createdAt: options.createdAt ?? Date.now() });
  return { name: username, identities: [{ signed, keys, prekeys: newPrekeyChain() }] };
}

/** New keys that those in use sign: what a rotation makes. */
export async function nextIdentity(
  { name, current }: Pick<OwnIdentities, 'name' | 'current'>,
  createdAt: number,
): Promise<OwnIdentity> {
  const keys = await generatePrivateKeys();
  const loaded = await loadIdentityKeys(keys);
  if (!loaded.ok) throw new TypeError('fresh keys do not load');
  const before = { document: current.signed.document, keys: current.ready };
  const signed = await signIdentity(loaded.keys, { username: name, createdAt }, before);
  return { signed, keys, prekeys: newPrekeyChain() };
}

export interface LoadedIdentity extends OwnIdentity {
  readonly verified: VerifiedIdentity;
  readonly ready: IdentityKeys;
}

/** The user's own identities, ready for use. */
export interface OwnIdentities {
  readonly name: UserName;
  readonly current: LoadedIdentity;
  /** Oldest first. */
  readonly identities: readonly LoadedIdentity[];
  /** Keys that the server may have taken in place of the current ones. */
  readonly pending: LoadedIdentity | undefined;
}

export interface OwnAccount extends OwnIdentities {
  /** As the server gave it at a login. Throws `no_profile` when there never was one. */
  readonly user: UserId;
}

/** Rejects with `no_profile` when the keys don't belong together. */
export async function loadOwnAccount(account: AccountKeys): Promise<OwnIdentities> {
  const damaged = (cause?: unknown): ConclaveError => localError('no_profile', 'keys_do_not_fit', {}, cause);
  const all = account.pending === undefined ? account.identities : [...account.identities, account.pending];
  const chain = await verifyChain(all.map(({ signed }) => signed));
  if (!chain.ok) throw damaged(chain.reason);
  const identities: LoadedIdentity[] = [];
  for (const [i, own] of all.entries()) {
    const loaded = await loadIdentityKeys(own.keys);
    const verified = chain.identities[i];
    if (
      !loaded.ok ||
      verified?.fingerprint !== loaded.keys.fingerprint ||
      verified.document.username !== account.name
    )
      throw damaged();
    identities.push({ ...own, verified, ready: loaded.keys });
  }
  const pending = account.pending === undefined ? undefined : identities.pop();
  const current = identities.at(-1);
  if (current === undefined) throw damaged();
  return { name: account.name, current, identities, pending };
}

export function ownKeys({ identities, current }: OwnIdentities): readonly KeyInfo[] {
  return identities.map((identity) => ({ ...keyInfo(identity.verified), current: identity === current }));
}

export function keyInfo({ fingerprint, document }: VerifiedIdentity): {
  readonly fingerprint: Fingerprint;
  readonly sequence: number;
  readonly createdAt: number;
} {
  return { fingerprint, sequence: document.sequence, createdAt: document.createdAt };
}
